"""The panel's words for what services answer: problems, refusals, states. Pages hold the rest of the Chinese."""

import enum
from typing import Any

from exam import terms
from exam.assessments.rules import (
    MAX_QUOTA,
    MAX_RESITS,
    MAX_TIME_LIMIT,
    MAX_TITLE_LENGTH,
    MAX_WINDOW,
    AssessmentState,
    DrawFault,
    FeedbackPolicy,
    PlanProblem,
    RoundFailure,
    RoundState,
    ScheduleKind,
)
from exam.assessments.service import CandidateStatus
from exam.papers.rules import MAX_QUESTIONS, Shortfall
from exam.people.accounts import MIN_PASSWORD_LENGTH, AccountRefusal
from exam.people.rules import JobRole, OrganisationKind, Role
from exam.people.service import JoinRefusal
from exam.people.staff import MAX_NAME_LENGTH, StaffRefusal
from question_bank.companions.rules import MAX_QUESTION_LENGTH
from question_bank.questions.rules import Dimension, Level, QuestionState, QuestionType
from question_bank.regulations.rules import RegulationStatus
from question_bank.reviews.rules import ReviewSubject
from question_bank.search.lessons import MAX_ALIAS_LENGTH, MAX_WORD_LENGTH, LessonKind, Problem
from question_bank.search.rules import TodoState
from question_bank.search.todo import TodoKind

_MINUTE = 60

FIELD_EMPTY = "请填写"
FIELD_NOT_A_NUMBER = "请填写整数"
FIELD_NOT_A_CHOICE = "请从列出的选项中选择"
FIELD_REPEATED = "这一项重复提交了，请只填一次"
COUNT_NEGATIVE = "题数不能小于0"
START_NOT_A_TIME = "请填写完整的日期和时间"
START_FAR = "开始时间太远，请选五年以内的时间"

NOT_TELLING = frozenset({FIELD_EMPTY, FIELD_NOT_A_NUMBER, FIELD_NOT_A_CHOICE, FIELD_REPEATED, COUNT_NEGATIVE})
"""Messages that need the field's name beside them when they stand elsewhere."""

PLAN_FIELDS = {
    "title": "考核名称",
    "region": "地区",
    "kinds": "单位类别",
    "job_roles": "岗位",
    "quota": "每个单位抽取人数",
    "blueprint": "考什么",
    "pass_mark": "合格分数线",
    "resits": "补考次数",
    "time_limit": "答题时限",
    "window": "考核窗口",
    "window_unit": "考核窗口的单位",
    "feedback": "显示答案和解析的时间",
    "schedule": "时间安排",
    "starts_at": "开始时间",
    "cron_choice": "循环时间",
    "cron": "其他循环时间",
}
"""The fields of a new assessment in the order of the form."""

PLAN_PROBLEMS: dict[PlanProblem, tuple[str, str]] = {
    PlanProblem.TITLE_EMPTY: ("title", "请填写考核名称"),
    PlanProblem.TITLE_LONG: ("title", f"考核名称请不要超过{MAX_TITLE_LENGTH}个字"),
    PlanProblem.NO_KINDS: ("kinds", "请至少选择一类单位"),
    PlanProblem.NO_JOB_ROLES: ("job_roles", "请至少选择一种岗位"),
    PlanProblem.QUOTA_INVALID: ("quota", f"每个单位抽取人数请填0到{MAX_QUOTA}，0表示全部"),
    PlanProblem.BLUEPRINT_EMPTY: ("blueprint", "请至少安排1道题"),
    PlanProblem.BLUEPRINT_LARGE: ("blueprint", f"一份试卷最多{MAX_QUESTIONS}道题"),
    PlanProblem.TIME_LIMIT_INVALID: ("time_limit", f"答题时限请填1到{int(MAX_TIME_LIMIT.total_seconds()) // _MINUTE}分钟"),
    PlanProblem.WINDOW_INVALID: ("window", f"考核窗口请填1分钟到{MAX_WINDOW.days}天（{MAX_WINDOW.days * 24}小时）"),
    PlanProblem.WINDOW_SHORTER_THAN_TIME_LIMIT: ("window", "考核窗口不能短于答题时限"),
    PlanProblem.PASS_MARK_INVALID: ("pass_mark", "合格分数线请填1到100"),
    PlanProblem.RESITS_INVALID: ("resits", f"补考次数请填0到{MAX_RESITS}"),
    PlanProblem.START_MISSING: ("starts_at", "请填写开始时间"),
    PlanProblem.START_PAST: ("starts_at", "开始时间已经过去，请选一个将来的时间"),
    PlanProblem.CRON_INVALID: ("cron", "循环时间无法识别，请用五段写法，例如 0 9 1 * *（每月1日9:00）"),
    PlanProblem.REGION_UNKNOWN: ("region", "没有这个地区，请重新选择"),
    PlanProblem.FRAME_EMPTY: ("kinds", "这个地区没有符合所选单位类别和岗位的人员，请调整地区、单位类别或岗位"),
    PlanProblem.BANK_TOO_SMALL: ("blueprint", "题库数量不足，请减少题数"),
}

JOIN_REFUSALS = {
    JoinRefusal.NOT_A_CODE: "邀请码是8位字母和数字，例如 K7QM-2XRD，请核对",
    JoinRefusal.UNKNOWN: "没有找到这个邀请码，请核对后重新输入",
    JoinRefusal.USED: "这个邀请码已经用过，请向管理员索取新的",
    JoinRefusal.EXPIRED: "这个邀请码已经过期，请向管理员索取新的",
    JoinRefusal.TOO_MANY_TRIES: "输错的次数太多，请过一小时再试",
    JoinRefusal.ALREADY_BOUND: "这个账号已经绑定，不需要再用邀请码",
}

ACCOUNT_REFUSALS: dict[AccountRefusal, tuple[str, str]] = {
    AccountRefusal.LOGIN_INVALID: ("login", "登录名请用2到40个汉字、字母、数字或 . _ @ -，中间不留空格"),
    AccountRefusal.LOGIN_TAKEN: ("login", "这个登录名已经有人用了，请换一个"),
    AccountRefusal.PASSWORD_SHORT: ("password", f"密码至少{MIN_PASSWORD_LENGTH}位"),
    AccountRefusal.HAS_ACCOUNT: ("code", "这个邀请码的持有人已经有后台账号，请直接登录"),
    AccountRefusal.NO_PANEL_ROLE: ("code", "这个邀请码不能开通后台账号；学员请在聊天窗口里使用"),
}
STAFF_REFUSALS = {
    StaffRefusal.NAME_EMPTY: FIELD_EMPTY,
    StaffRefusal.NAME_LONG: f"名称请不要超过{MAX_NAME_LENGTH}个字",
    StaffRefusal.NAME_TAKEN: "这个区县已经有同名的单位",
}
PASSWORDS_DIFFER = "两次输入的密码不一致"
SIGN_IN_REFUSED = "登录名或密码不正确，请核对后重试"
SIGN_IN_LOCKED = "密码输错次数太多，账号暂时锁定，请在{until}（北京时间）以后再试"

ARTICLE_NUMBER_UNREADABLE = "请填写条号，例如 45 或 第一百四十二条之一"
LESSON_PROBLEMS = {
    Problem.EMPTY: FIELD_EMPTY,
    Problem.TOO_SHORT: "请至少写两个字：只有一个字，几乎每个问题里都会有",
    Problem.SAYS_NOTHING: "这几个字每个问题里都可能有，分不出在问什么，请换成更具体的词",
    Problem.SAME_WORD: "两个词一样，不用教",
    Problem.ALREADY_THERE: "这一条已经有了，不用再教",
    Problem.TERM_UNKNOWN: "已载入的法条里没有这个词，请照法条的原话填写",
    Problem.LAW_UNKNOWN: FIELD_NOT_A_CHOICE,
    Problem.LAW_UNVERIFIED: "这部法规的日期还没有核对，暂时不能补问法",
    Problem.LAW_NOT_LOADED: "这部法规的文本没有载入，不能补问法",
    Problem.ARTICLE_MISSING: "这部法规没有这一条，请核对条号",
    Problem.ALIAS_TAKEN: "这个名字已经是另一部法规的了",
}
_LESSON_LENGTHS = {
    LessonKind.LEXICON: MAX_WORD_LENGTH,
    LessonKind.QUESTION: MAX_QUESTION_LENGTH,
    LessonKind.ALIAS: MAX_ALIAS_LENGTH,
}

NOTICES = {
    "created": "考核已发布。",
    "cancelled": "考核已取消：还没有开始的场次不再举行，正在答题的人可以答完。",
    "dismissed": "已从清单里去掉，以后可以在“处理过的”里找到。",
    "taught": "已采用，马上生效。",
    "withdrawn": "已撤销，马上生效。",
    "confirmed": "已确认。",
    "activated": "账号已开通，欢迎使用。",
    "signed_out": "已安全退出。",
    "expired": "登录已过期，请重新登录。",
    "unsaved": "登录已过期，刚才填写的内容没有保存；请重新登录后再填。",
}

_TERMS: dict[type[enum.Enum], dict[Any, str]] = {
    OrganisationKind: terms.ORGANISATION_KINDS,
    JobRole: terms.JOB_ROLES,
    Role: terms.ROLES,
    QuestionType: terms.QUESTION_TYPES,
    Level: {Level.EASY: "易", Level.MEDIUM: "中", Level.HARD: "难"},
    Dimension: {Dimension.KNOWLEDGE: "基础知识", Dimension.ABILITY: "基本能力"},
    QuestionState: {
        QuestionState.DRAFT: "草稿",
        QuestionState.IN_REVIEW: "待审",
        QuestionState.PUBLISHED: "启用",
        QuestionState.RETIRED: "停用",
    },
    RegulationStatus: {
        RegulationStatus.IN_FORCE: "现行有效",
        RegulationStatus.SUPERSEDED: "已被新规定取代",
        RegulationStatus.UNVERIFIED: "日期未核对",
    },
    TodoKind: {TodoKind.UNANSWERED: "没答上来", TodoKind.VOTED_DOWN: "被评没用"},
    TodoState: {TodoState.OPEN: "待处理", TodoState.TAUGHT: "已教会", TodoState.DISMISSED: "不处理"},
    LessonKind: {LessonKind.LEXICON: "日常说法", LessonKind.QUESTION: "一种问法", LessonKind.ALIAS: "法规别名"},
    ReviewSubject: {ReviewSubject.QUESTION: "试题", ReviewSubject.DIGEST: "要点"},
    AssessmentState: {AssessmentState.ACTIVE: "已发布", AssessmentState.CANCELLED: "已取消"},
    RoundState: {
        RoundState.PLANNED: "待开始",
        RoundState.OPEN: "进行中",
        RoundState.CLOSED: "已结束",
        RoundState.FAILED: "未能开始",
        RoundState.CANCELLED: "已取消",
    },
    RoundFailure: {
        RoundFailure.FRAME_EMPTY: "到开始时间时，没有符合条件的人员可抽取",
        RoundFailure.BANK_TOO_SMALL: "到开始时间时，题库数量不足，无法组卷",
    },
    FeedbackPolicy: {
        FeedbackPolicy.IMMEDIATE: "每题答完立即显示",
        FeedbackPolicy.AFTER_SUBMISSION: "交卷后",
        FeedbackPolicy.AFTER_WINDOW: "考核窗口结束后",
    },
    ScheduleKind: {ScheduleKind.NOW: "立即", ScheduleKind.AT: "指定时间", ScheduleKind.CRON: "循环"},
    DrawFault: {
        DrawFault.FRAME_CHANGED: "抽样框与公布的哈希值不符",
        DrawFault.SEED_NOT_COMMITTED: "随机种子与事先公布的承诺值不符",
        DrawFault.ROSTER_DIFFERS: "应考名单与重新计算的结果不同",
    },
}

CANDIDATE_STATUSES = {
    CandidateStatus.WAITING: "未开始",
    CandidateStatus.SITTING: "答题中",
    CandidateStatus.PASSED: "合格",
    CandidateStatus.FAILED: "不合格",
    CandidateStatus.ABSENT: "缺考",
}

CRON_CHOICES = {
    "0 9 1 * *": "每月1日9:00",
    "0 9 * * 1": "每周一9:00",
    "0 9 1 3,6,9,12 *": "3月、6月、9月、12月1日9:00",
    "0 9 10 3,9 *": "每学期一次（3月、9月10日9:00）",
}

ALL_ASSESSMENTS = "全部考核"


def suppressed(minimum_n: int) -> str:
    """What stands in place of a rate over too few people."""
    return f"人数不足{minimum_n}人，不显示"


def term(value: enum.Enum) -> str:
    """The Chinese word for a member of one of the product's enums."""
    return _TERMS[type(value)][value]


def lesson_problem(kind: LessonKind, problem: Problem) -> str:
    """Why a lesson is not taken."""
    if problem is Problem.TOO_LONG:
        return f"请不要超过{_LESSON_LENGTHS[kind]}个字"
    return LESSON_PROBLEMS[problem]


def describe_shortfall(shortfall: Shortfall) -> str:
    part = shortfall.part
    return f"《{part.law}》{term(part.type)}要{part.count}道，题库只有{shortfall.available}道"
