"""The panel's sub-application: routes, middlewares and the headers of every reply. Mount it with add_subapp("/admin/", app)."""

from aiohttp import web

from admin import keys
from admin.access import access_middleware
from admin.errors import errors_middleware
from admin.once import OncePerForm
from admin.pages import STATIC, is_current_asset, set_up_templates
from admin.views import (
    activate,
    assessment_detail,
    assessments,
    bank,
    lessons,
    new_assessment,
    organisation,
    overview,
    pass_rates,
    people,
    regulations,
    reviewing,
    sign_in,
    teach,
    todo,
)
from exam.assessments.service import Assessments
from exam.people.accounts import Accounts
from exam.people.service import People
from exam.people.staff import Staff
from exam.results.service import Results
from question_bank.database import Clock
from question_bank.questions.service import Questions
from question_bank.regulations.service import Regulations
from question_bank.reviews.service import Reviews
from question_bank.search.teaching import Teaching

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
FOREVER = "public, max-age=31536000, immutable"


def init_app(
    *,
    accounts: Accounts,
    people: People,
    staff: Staff,
    assessments: Assessments,
    results: Results,
    questions: Questions,
    regulations: Regulations,
    reviews: Reviews,
    teaching: Teaching,
    clock: Clock,
    secure_cookies: bool = False,
) -> web.Application:
    """Build the panel. `secure_cookies` when it is served over HTTPS, also when a proxy in front of it does that."""
    app = web.Application(middlewares=[errors_middleware, access_middleware])
    app[keys.ACCOUNTS] = accounts
    app[keys.PEOPLE] = people
    app[keys.STAFF] = staff
    app[keys.ASSESSMENTS] = assessments
    app[keys.RESULTS] = results
    app[keys.QUESTIONS] = questions
    app[keys.REGULATIONS] = regulations
    app[keys.REVIEWS] = reviews
    app[keys.TEACHING] = teaching
    app[keys.CLOCK] = clock
    app[keys.SECURE_COOKIES] = secure_cookies
    app[keys.PLANNED_ONCE] = OncePerForm()
    _add_routes(app.router)
    set_up_templates(app)
    app.on_response_prepare.append(_add_headers)
    return app


def _add_routes(router: web.UrlDispatcher) -> None:
    number = "[1-9][0-9]{0,8}"
    one_assessment = f"/assessments/{{assessment_id:{number}}}"
    one_organisation = f"/people/{{organisation_id:{number}}}"
    router.add_get("", add_slash, name="root")  # "/admin": without its slash
    router.add_get("/", overview.show_overview, name="overview")
    router.add_get("/sign-in", sign_in.show_sign_in, name="sign_in")
    router.add_post("/sign-in", sign_in.sign_in, name="sign_in")
    router.add_post("/sign-out", sign_in.sign_out, name="sign_out")
    router.add_get("/activate", activate.show_activation, name="activate")
    router.add_post("/activate", activate.activate, name="activate")
    router.add_get("/assessments", assessments.list_assessments, name="assessments")
    router.add_get("/assessments/new", new_assessment.show_form, name="new_assessment")
    router.add_post("/assessments/new", new_assessment.create, name="new_assessment")
    router.add_get(one_assessment, assessment_detail.show_assessment, name="assessment")
    router.add_get(f"{one_assessment}/live", assessment_detail.show_live, name="assessment_live")
    router.add_get(f"{one_assessment}/verify", assessment_detail.verify_draw, name="assessment_verify")
    router.add_get(f"{one_assessment}/cancel", assessments.confirm_cancel, name="assessment_cancel")
    router.add_post(f"{one_assessment}/cancel", assessments.cancel, name="assessment_cancel")
    router.add_get("/pass-rates", pass_rates.show_pass_rates, name="pass_rates")
    router.add_get("/pass-rates.xlsx", pass_rates.download, name="pass_rates_download")
    router.add_get("/bank", bank.list_questions, name="bank")
    router.add_get(f"/bank/{{version_id:{number}}}", bank.show_question, name="question")
    one_todo = f"/teaching/{{kind:unanswered|voted_down}}/{{todo_id:{number}}}"
    router.add_get("/teaching", todo.list_todo, name="teaching")
    router.add_get(one_todo, teach.show_todo, name="teach")
    router.add_post(one_todo, teach.try_out, name="teach")
    router.add_post(f"{one_todo}/keep", teach.keep, name="teach_keep")
    router.add_post(f"{one_todo}/dismiss", todo.dismiss, name="teach_dismiss")
    router.add_get("/teaching/lessons", lessons.list_lessons, name="lessons")
    one_lesson = f"/teaching/lessons/{{kind:lexicon|question|alias}}/{{lesson_id:{number}}}"
    router.add_post(f"{one_lesson}/withdraw", lessons.withdraw, name="lesson_withdraw")
    router.add_get("/reviews", reviewing.list_open, name="reviews")
    router.add_post(f"/reviews/{{review_id:{number}}}/confirm", reviewing.confirm, name="review_confirm")
    router.add_get("/regulations", regulations.list_regulations, name="regulations")
    router.add_get("/regulations/{law}", regulations.show_regulation, name="regulation")
    router.add_get("/regulations/{law}/{article:[1-9][0-9]{0,3}(?:-[1-9][0-9]?)?}", regulations.show_article, name="article")
    router.add_get("/people", people.list_organisations, name="people")
    router.add_post("/people", people.add_organisation, name="people")
    router.add_get(one_organisation, organisation.show_organisation, name="organisation")
    router.add_post(f"{one_organisation}/staff", organisation.add_member, name="organisation_staff")
    router.add_post(f"{one_organisation}/codes", organisation.issue_code, name="organisation_codes")
    router.add_static("/static/", STATIC, name="static")


async def add_slash(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(request.app.router["overview"].url_for())


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.match_info.route.name == "static":
        response.headers["Cache-Control"] = FOREVER if is_current_asset(request) else "no-cache"
    else:
        response.headers["Cache-Control"] = "no-store"
