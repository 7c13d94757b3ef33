"""The typed keys under which the panel keeps its services in the application, and what it learns of a request in the request."""

from aiohttp import web
from multidict import MultiDict

from admin.once import OncePerForm
from exam.assessments.service import Assessments
from exam.people.accounts import Accounts, SignedIn
from exam.people.service import People
from exam.people.staff import Staff
from exam.results.service import Results
from question_bank.database import Clock
from question_bank.questions.service import Questions
from question_bank.regulations.service import Regulations
from question_bank.reviews.service import Reviews
from question_bank.search.teaching import Teaching

ACCOUNTS = web.AppKey("panel_accounts", Accounts)
PEOPLE = web.AppKey("panel_people", People)
STAFF = web.AppKey("panel_staff", Staff)
ASSESSMENTS = web.AppKey("panel_assessments", Assessments)
RESULTS = web.AppKey("panel_results", Results)
QUESTIONS = web.AppKey("panel_questions", Questions)
REGULATIONS = web.AppKey("panel_regulations", Regulations)
REVIEWS = web.AppKey("panel_reviews", Reviews)
TEACHING = web.AppKey("panel_teaching", Teaching)
CLOCK = web.AppKey("panel_clock", Clock)
SECURE_COOKIES = web.AppKey("panel_secure_cookies", bool)
PLANNED_ONCE = web.AppKey("panel_planned_once", OncePerForm)

SIGNED_IN = web.RequestKey("panel_signed_in", SignedIn)
FORM = web.RequestKey("panel_form", MultiDict[str])
FORM_TOKEN = web.RequestKey("panel_form_token", str)
