"""Turns whatever goes wrong into a calm page in Chinese. What is logged names the place in the code, never what people typed."""

import traceback

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from admin.access import FormTokenMissing
from admin.pages import render
from exam.assessments.service import AssessmentNotFound
from exam.people.rules import NotPermitted
from question_bank.database import DatabaseUnavailable, is_busy
from question_bank.regulations.rules import ArticleNotFound, RegulationNotFound
from question_bank.reviews.rules import ReviewNotFound
from question_bank.search.todo import TodoNotFound

RETRY_AFTER_SECONDS = "5"

_NOT_FOUND = (AssessmentNotFound, RegulationNotFound, ArticleNotFound, ReviewNotFound, TodoNotFound)
_DATABASE_TROUBLE = (DBAPIError, PoolTimeout, DatabaseUnavailable, ConnectionError)

_log = structlog.get_logger("admin")


@web.middleware
async def errors_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except FormTokenMissing:
        return error_page(request, 403, "stale_form")
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return error_page(request, error.status, allow=error.headers.get("Allow"))
    except NotPermitted:
        return error_page(request, 403)
    except _NOT_FOUND:
        return error_page(request, 404)
    except _DATABASE_TROUBLE as error:
        _note(request, error, "panel_database_busy" if is_busy(error) else "panel_database_failed")
        return error_page(request, 503)
    except Exception as error:
        _note(request, error, "panel_failed")
        return error_page(request, 500)


def error_page(request: web.Request, status: int, reason: str | None = None, *, allow: str | None = None) -> web.Response:
    response = render(request, "error.html", status=status, code=status, reason=reason or str(status))
    if status == 503:
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    if allow:
        response.headers["Allow"] = allow
    return response


def _note(request: web.Request, error: BaseException, event: str) -> None:
    """Log the kind of error and where it happened. Not its message: a database error's has the row in it."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-6:]]
    _log.error(event, route=request.match_info.route.name, method=request.method, error=type(error).__name__, where=where)
