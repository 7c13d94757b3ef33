"""Every word that the bot says, in Telegram and in the web chat alike. Plain, correct and kind Chinese.

What it says about the law is in messages_law.py.

Functions return the small HTML of bot.dialogue.events; whatever comes from outside goes through `escape`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from html import escape
from zoneinfo import ZoneInfo

from exam.assessments.sitting import Invitation, InvitationState, StartRefusal
from exam.attempts.rules import AttemptMode, Outcome, SubmittedBy
from exam.attempts.views import AttemptView, OptionView, SlotView
from exam.people.service import JoinRefusal, Member
from exam.terms import JOB_ROLES, QUESTION_TYPES
from question_bank.questions.rules import Citation, QuestionType
from question_bank.regulations.numerals import chinese_numeral

CHINA = ZoneInfo("Asia/Shanghai")

# ---- buttons ----
HOME, PRACTICE, EXAM, HELP = "首页", "练习", "我的考核", "帮助"
CONTINUE, OVERVIEW, SUBMIT, SUBMIT_NOW, KEEP_ANSWERING = "继续答题", "答题卡", "交卷", "确认交卷", "再检查一下"
PREVIOUS, NEXT, CONFIRM = "上一题", "下一题", "确定"
START_NOW, RESIT, RESULT, REVIEW, AGAIN, PRACTISE_ALL = "现在开始", "开始补考", "看成绩", "看解析", "再来一组", "全部法规随机练"
TITLE_ON_BUTTON = 20
"""Characters of an assessment's title that fit a phone's button beside a few words."""

COMMANDS = (("start", "首页"), ("exam", "我的考核"), ("practice", "练习"), ("help", "帮助"))

# ---- joining ----
WELCOME = (
    "<b>欢迎来到豫食学堂</b>\n"
    "这里可以查食品药品法规、做练习、参加抽查考核。\n\n"
    "请发送单位发给您的<b>邀请码</b>（8 位字母和数字，例如 K7QM-2XRD）。\n"
    "没有邀请码？请向本单位食品药品安全负责人或辖区市场监管部门索取。"
)
JOIN_REFUSALS = {
    JoinRefusal.NOT_A_CODE: "这不像邀请码。邀请码是 8 位字母和数字，例如 K7QM-2XRD，请核对后再发一次。",
    JoinRefusal.UNKNOWN: "没有找到这个邀请码，请核对后再发一次。",
    JoinRefusal.USED: "这个邀请码已经用过了。每个邀请码只能用一次，请向发码的人要一个新的。",
    JoinRefusal.EXPIRED: "这个邀请码已经过期，请向发码的人要一个新的。",
    JoinRefusal.TOO_MANY_TRIES: "错误次数太多，请一小时后再试。",
    JoinRefusal.ALREADY_BOUND: "您已经加入了，不需要再输邀请码。",
}

# ---- short remarks ----
NOT_TEXT = "我只看得懂文字。请把问题打成字发给我，例如：疫苗冷链断了怎么办"
SCREEN_OUTDATED = "这个按钮已经失效，请看最新的画面。"
NOT_YOURS = "没有找到这份试卷，或者它不是您的。"
BUSY = "系统正忙，刚才这一步<b>没有保存</b>。请稍等几秒再试一次。"
FAILED = "抱歉，系统出了点问题，刚才这一步<b>没有保存</b>。请再试一次；如果还不行，请告诉管理员。"
NOTHING_TO_PRACTISE = "题库里暂时没有这部法规的题目。"
NO_INVITATIONS = "<b>我的考核</b>\n目前没有抽到您的考核。抽到时会在这里通知您。"
PAUSED = "考核进行中，法规问答、练习和解析暂停使用，交卷以后再用。"
PAPER_UNAVAILABLE = "题库正在调整，暂时出不了这份试卷，<b>没有开始计时</b>。请稍后再试；如果还不行，请告诉组织考核的部门。"
UNKNOWN_COMMAND = "没有这个命令。"
HELP_TEXT = (
    "<b>怎么用</b>\n"
    "· 查法规：直接发问题，例如“食堂员工没有健康证能上岗吗”；也可以发条号，例如“药品管理法第51条”。\n"
    "· 答得不好，请点“👎 没用”，题库维护人员会看。\n"
    "· 练习：发 /practice，答完马上看解析，不计成绩。\n"
    "· 考核：发 /exam。抽到您时会收到通知；点“现在开始”才计时。答案点了就保存，退出、换手机都能接着答。\n"
    "· 回首页：发 /start。"
)

TAP_REMARKS = {
    Outcome.UNCHANGED: "没有变化，请看最新的画面",
    Outcome.NOTHING_CHOSEN: "请先选择答案",
    Outcome.LOCKED: "这道题已经答过了",
    Outcome.SUBMITTED: "已经交卷，不能再改",
    Outcome.TOO_LATE: "时间到，已自动交卷",
}
START_REFUSALS = {
    StartRefusal.NOT_DRAWN: "这次考核没有抽到您，不用参加。",
    StartRefusal.WINDOW_CLOSED: "这次考核的时间已经结束，不能再开始。",
    StartRefusal.ALREADY_PASSED: "您已经合格，不用再考。",
    StartRefusal.NO_RESIT_LEFT: "这次考核没有补考机会了。",
}
INVITATION_STATES = {
    InvitationState.CAN_START: "待开始",
    InvitationState.SITTING: "答题中",
    InvitationState.CAN_RESIT: "不合格，可以补考",
    InvitationState.PASSED: "合格",
    InvitationState.FAILED: "不合格",
    InvitationState.MISSED: "缺考",
}


def clock_time(moment: dt.datetime) -> str:
    """11月24日 18:00, in China's time."""
    local = moment.astimezone(CHINA)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def chinese_date(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def duration(span: dt.timedelta) -> str:
    """1 小时 30 分, 12 分 5 秒, 40 秒: the two largest parts."""
    seconds = max(0, int(span.total_seconds()))
    parts = ((seconds // 86400, "天"), (seconds // 3600 % 24, "小时"), (seconds // 60 % 60, "分"), (seconds % 60, "秒"))
    shown = [f"{n} {unit}" for n, unit in parts if n][:2]
    return " ".join(shown) or "0 秒"


def number(value: float) -> str:
    return f"{value:g}"


# ---- home ----
def home(
    member: Member,
    waiting: Sequence[Invitation],
    sitting: Mapping[int, AttemptView],
    practice: AttemptView | None,
    now: dt.datetime,
) -> str:
    """`sitting` has the open attempts by the id of their round."""
    who = [member.organisation_name or "", JOB_ROLES[member.job_role] if member.job_role else ""]
    lines = [f"<b>{escape(member.name)}，您好</b>", escape(" · ".join(part for part in who if part))]
    for invitation in waiting:
        attempt = sitting.get(invitation.round_id)
        if attempt is not None and attempt.deadline is not None:
            state = f"正在答题，剩余 {duration(attempt.deadline - now)}。"
        else:
            state = f"{INVITATION_STATES[invitation.state]}，请在 {clock_time(invitation.closes_at)} 前完成。"
        lines.append(f"\n<b>{escape(invitation.title)}</b>：{state}")
    if not waiting:
        lines.append("\n目前没有待完成的考核。")
    if practice is not None:
        lines.append(f"有一组练习没做完（已做 {practice.answered_count}/{len(practice.slots)}），点“{PRACTICE}”接着做。")
    elif not sitting:
        lines.append("直接发问题就能查法规，也可以做几道练习。")
    return "\n".join(line for line in lines if line)


def continue_button(title: str) -> str:
    return f"{CONTINUE}：{title[:TITLE_ON_BUTTON]}"


def exam_button(title: str) -> str:
    return f"{EXAM}：{title[:TITLE_ON_BUTTON]}"


def invitation_button(item: Invitation) -> str:
    return f"{item.title[:TITLE_ON_BUTTON]}：{INVITATION_STATES[item.state]}"


def joined(member: Member) -> str:
    place = f"（{escape(member.organisation_name)}）" if member.organisation_name else ""
    return f"加入成功，{escape(member.name)}{place}。"


# ---- citations ----
def citation(cited: Citation) -> str:
    paragraph = f"第{chinese_numeral(cited.paragraph)}款" if cited.paragraph else ""
    return f"《{cited.law}》{cited.article.label}{paragraph}"


# ---- practice ----
def practice_menu(questions_per_set: int) -> str:
    return f"<b>{PRACTICE}</b>\n每组最多 {questions_per_set} 题，答完马上看解析，不计成绩。选一部法规："


def practice_law_button(law: str, count: int) -> str:
    return f"{law}（{count} 题）"


def practice_resume_button(attempt: AttemptView) -> str:
    return f"接着上次（已做 {attempt.answered_count}/{len(attempt.slots)}）"


# ---- assessments ----
EXAM_LIST = f"<b>{EXAM}</b>"


def invitation(item: Invitation) -> str:
    lines = [
        f"<b>{escape(item.title)}</b>",
        f"状态：{INVITATION_STATES[item.state]}",
        f"题数：{item.question_count} 题　时限：{duration(item.time_limit)}　合格线：{item.pass_mark}%",
        f"截止：{clock_time(item.closes_at)}",
    ]
    if item.state is InvitationState.CAN_RESIT:
        lines.append(f"还可以补考 {item.resits_left} 次。")
    if item.state in (InvitationState.CAN_START, InvitationState.CAN_RESIT):
        button = RESIT if item.state is InvitationState.CAN_RESIT else START_NOW
        lines.append(f"\n点“{button}”后才计时。答案点了就保存，中途退出可以接着答，到时自动交卷。")
    return "\n".join(lines)


def invitation_notice(item: Invitation) -> str:
    return "您被抽中参加抽查考核，请在截止时间前完成。\n\n" + invitation(item)


def question_head(attempt: AttemptView, slot: SlotView, now: dt.datetime) -> str:
    place = f"第 {slot.position}/{len(attempt.slots)} 题"
    kind = QUESTION_TYPES[slot.type]
    if attempt.mode is AttemptMode.PRACTICE:
        return f"<b>{PRACTICE} {place}</b> · {kind}"
    title = f"<b>{escape(attempt.title)}{'（补考）' if attempt.ordinal > 1 else ''}</b>"
    if attempt.is_submitted:
        return f"{title}\n{place} · {kind}"
    left = f" · 剩余 {duration(attempt.deadline - now)}" if attempt.deadline else ""
    return f"{title}\n{place} · {kind} · 已答 {attempt.answered_count}{left}"


def question(attempt: AttemptView, slot: SlotView, now: dt.datetime) -> str:
    lines = [question_head(attempt, slot, now), "", escape(slot.stem)]
    if slot.type is not QuestionType.TRUE_FALSE:
        lines += ["", *(f"{option.letter}. {escape(option.text)}" for option in slot.options)]
    if slot.feedback is None:
        how = "" if slot.is_answered or slot.type is not QuestionType.MULTIPLE_CHOICE else f"选好后点“{CONFIRM}”。"
        if slot.has_response:
            lines += ["", f"已选：{chosen(slot)}（已保存）{how and f'。{how}'}"]
        elif how:
            lines += ["", f"可以选多个，{how}"]
    return "\n".join(lines)


def option_button(slot: SlotView, option: OptionView) -> str:
    """A, or ☑ A where several may be ticked; true or false is written out."""
    if slot.type is QuestionType.MULTIPLE_CHOICE:
        return f"{'☑' if option.is_chosen else '☐'} {option.letter}"
    label = option.text if slot.type is QuestionType.TRUE_FALSE else option.letter
    return f"✓ {label}" if option.is_chosen else label


def confirm_button(slot: SlotView) -> str:
    return f"{CONFIRM}（已选 {slot.chosen_letters}）" if slot.has_response else CONFIRM


def chosen(slot: SlotView) -> str:
    if slot.type is QuestionType.TRUE_FALSE:
        return "、".join(option.text for option in slot.options if option.is_chosen) or "未答"
    return slot.chosen_letters or "未答"


def key_of(slot: SlotView) -> str:
    assert slot.feedback is not None
    if slot.type is QuestionType.TRUE_FALSE:
        return "、".join(option.text for option in slot.options if option.letter in slot.feedback.key_letters)
    return slot.feedback.key_letters


def feedback(slot: SlotView) -> str:
    told = slot.feedback
    assert told is not None
    verdict = "答对了" if told.fraction == 1.0 else ("没有作答" if not slot.has_response else "答错了")
    given = f"　您的答案：{chosen(slot)}" if slot.has_response else ""
    lines = [f"<b>{verdict}</b>{given}　正确答案：{key_of(slot)}"]
    lines += [f"{letter} 为什么不对：{escape(reason)}" for letter, reason in told.reasons]
    lines.append(f"解析：{escape(told.explanation)}")
    lines.append("依据：" + "；".join(dict.fromkeys(escape(citation(cited)) for cited in told.citations)))
    return "\n".join(lines)


def overview(attempt: AttemptView, now: dt.datetime) -> str:
    missing = [str(slot.position) for slot in attempt.slots if not slot.has_response]
    loose = [str(slot.position) for slot in attempt.slots if slot.has_response and not slot.is_answered]
    lines = [f"<b>{escape(attempt.title)}</b> · 答题卡", f"共 {len(attempt.slots)} 题，已答 {attempt.answered_count} 题。"]
    if attempt.deadline:
        lines.append(f"剩余 {duration(attempt.deadline - now)}，到时自动交卷。")
    lines.append(f"未答：第 {'、'.join(missing)} 题" if missing else "全部答完，检查后请交卷。")
    if loose:
        lines.append(f"多选未点“{CONFIRM}”：第 {'、'.join(loose)} 题（已选的会保存并计分）")
    return "\n".join(lines)


def overview_cell(slot: SlotView) -> str:
    if not slot.has_response:
        return f"{slot.position} 未答"
    return f"{slot.position} ✓" if slot.is_answered else f"{slot.position} 未确定"


def overview_page_button(first: int, last: int) -> str:
    return f"第 {first}–{last} 题"


def confirm_submit(attempt: AttemptView) -> str:
    left = len(attempt.slots) - attempt.answered_count
    warning = f"还有 <b>{left} 题没有作答</b>。" if left else "全部题目都答完了。"
    return f"{warning}\n交卷后不能再改，确定交卷吗？"


def result(attempt: AttemptView) -> str:
    assert attempt.score is not None
    how = "时间到，已自动交卷。" if attempt.submitted_by is SubmittedBy.DEADLINE else "已交卷。"
    right = f"答对 {number(attempt.score)}/{number(attempt.max_score)} 题"
    if attempt.mode is AttemptMode.PRACTICE:
        return f"<b>这一组做完了</b>：{right}。"
    verdict = "合格" if attempt.passed else "不合格"
    rate = number(round(attempt.score * 100 / attempt.max_score, 1)) if attempt.max_score else "0"
    lines = [f"<b>{escape(attempt.title)}</b>", how, f"{right}，正确率 {rate}%（合格线 {attempt.pass_mark}%）：<b>{verdict}</b>"]
    if attempt.feedback_from is not None:
        lines.append(f"解析在考核结束后公布（{clock_time(attempt.feedback_from)} 以后）。")
    return "\n".join(lines)
