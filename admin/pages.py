"""Renders pages: the template environment with our filters, and what every page needs to know of who looks at it."""

import hashlib
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web

from admin import formats, words
from admin.access import SECTIONS, form_token
from admin.keys import SIGNED_IN

HERE = Path(__file__).parent
STATIC = HERE / "static"

_ASSET_HASHES = web.AppKey("panel_asset_hashes", dict[str, str])


def set_up_templates(app: web.Application) -> None:
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        filters={
            "when": formats.when,
            "clock_time": formats.clock_time,
            "day": formats.day,
            "duration": formats.duration,
            "percent": formats.percent,
            "mark": formats.mark,
            "mask": formats.mask_name,
            "shorten": formats.shorten,
            "term": words.term,
            "candidate_status": words.CANDIDATE_STATUSES.__getitem__,
            "shortfall": words.describe_shortfall,
            "suppressed": words.suppressed,
        },
    )
    app[_ASSET_HASHES] = {path.name: _content_hash(path) for path in STATIC.iterdir() if path.is_file()}

    def asset(name: str) -> str:
        """The address of a static file: it changes with the file, so that browsers may keep it for good."""
        url = app.router["static"].url_for(filename=name)
        return str(url.with_query(v=app[_ASSET_HASHES][name]))

    environment.globals["asset"] = asset


def is_current_asset(request: web.Request) -> bool:
    """Whether a static file is asked for by the hash of what it holds now."""
    name = request.match_info.get("filename", "")
    return name in request.app[_ASSET_HASHES] and request.query.get("v") == request.app[_ASSET_HASHES][name]


def render(request: web.Request, template: str, *, status: int = 200, **context: Any) -> web.Response:
    return aiohttp_jinja2.render_template(template, request, _context(request) | context, status=status)


def render_text(request: web.Request, template: str, **context: Any) -> str:
    return aiohttp_jinja2.render_string(template, request, _context(request) | context)


def _context(request: web.Request) -> dict[str, Any]:
    signed_in = request.get(SIGNED_IN)
    sections = [name for name, roles in SECTIONS.items() if signed_in and signed_in.actor.has_role(*roles)]
    return {
        "signed_in": signed_in,
        "sections": sections,
        "csrf_token": signed_in.csrf_token if signed_in else form_token(request),
        "notice": words.NOTICES.get(request.query.get("notice", "")),
    }


def _content_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
