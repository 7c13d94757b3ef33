"""What the bot says about the law: quoted articles with their source, tables of contents, votes, groups.

As in bot.messages, functions return the small HTML of bot.dialogue.events; whatever comes from outside goes through `escape`.
"""

import datetime as dt
from collections.abc import Sequence
from html import escape

from bot.messages import chinese_date
from question_bank.regulations.numerals import chinese_numeral
from question_bank.regulations.rules import RegulationStatus
from question_bank.regulations.views import ArticleView, ContentsPart, RegulationSummary

# ---- buttons ----
FULL_TEXT, PREVIOUS_ARTICLE, NEXT_ARTICLE, CONTENTS, RELATED = "看全文", "上一条", "下一条", "目录", "相关试题"
PREVIOUS_PAGE, NEXT_PAGE = "上一页", "下一页"
USEFUL, USELESS = "👍 有用", "👎 没用"
VOTED_USEFUL, VOTED_USELESS, CHANGE_TO_USEFUL, CHANGE_TO_USELESS = "已评价：有用", "已评价：没用", "改为：有用", "改为：没用"
REASONS = ("条文不对", "没答到点上", "看不懂", "已过时")
WRITE_A_WORD, NO_WORD = "写一句", "不用了"
OPEN_PRIVATE_CHAT, FULL_TEXT_IN_PRIVATE = "打开私聊", "在私聊里看全文"
NAME_ON_BUTTON = 24
"""Characters of a law's name that fit a button beside an article's number."""
LINE_ON_BUTTON = 30
"""Characters of a whole line that a button of its own shows on a phone."""
LONGEST_DESCRIPTION = 100

# ---- remarks ----
EMPTY_QUESTION = "请写几个字说明您想问什么，例如：食堂员工没有健康证能上岗吗"
GREETING = "您好！请直接把问题发给我，例如：疫苗冷链断了怎么办；也可以点下面的按钮。"
THANKS = "不客气！还有问题随时问我。"
ABOUT = (
    "我是豫食学堂的法规助手：您用平常的话提问，我找出能回答它的条文，引用<b>原文</b>，注明法规、条号、版本和施行日期；"
    "找不到就说找不到，不编造。\n\n"
    "可以这样问：\n· 食堂员工没有健康证能上岗吗\n· 药品管理法第51条\n· 卖过期食品罚多少"
)
NOT_ANSWERED = "已载入的法规里没有找到能回答这个问题的条文，我不乱说。问题已经记下，会交给题库维护人员。"
NEAREST = "下面几条也许相近，供参考："
OTHER_ARTICLES = "还可能有关的条文（点按钮看全文）："
LAW_MISSING = "请说明是哪部法，例如：药品管理法第51条"
NO_QUESTIONS_ON_ARTICLE = "题库里暂时没有考这一条的试题。可以先做这部法的其他练习。"

# ---- votes ----
VOTE_TAKEN = "谢谢您的评价！"
WHAT_WAS_WRONG = "谢谢您告诉我们。哪里不好？点一个原因，或者写一句；不想说也没关系。"
WRITE_NOW = "请把哪里不好写成一句话发给我（200 字以内），会交给题库维护人员。"
WORD_TAKEN = "记下了，谢谢！会交给题库维护人员。\n如果您刚才发的是一个新问题，请再发一次。"
REASON_TAKEN = "记下了，谢谢！会交给题库维护人员。"
NO_WORD_TAKEN = "好的，评价已经记下，谢谢！"

# ---- groups and inline queries ----
MEMBERS_ONLY = "我只回答已经加入豫食学堂的人。请打开私聊，发送单位给您的邀请码。"
MEMBERS_ONLY_BUTTON = "先在私聊里加入豫食学堂"
NOT_IN_GROUP_NOW = "现在不能在群里为您查法规，请打开私聊。"
NOT_NOW_BUTTON = "现在不能查法规，打开私聊看看"
NOTHING_TO_SUGGEST_BUTTON = "没有找到条文，到私聊里问"
CUT_HERE = "（条文较长，这里只引用了开头。）"


# ---- an article ----
def article_title(article: ArticleView) -> str:
    return f"《{article.short_name}》{article.label}"


def article_button(article: ArticleView, before: str = "") -> str:
    """An article's title on a button, with the name of a law cut where it is very long."""
    name, label = _cut(article.short_name, NAME_ON_BUTTON), _cut(article.label, NAME_ON_BUTTON)
    return f"{before}《{name}》{label}"


def beside_button(article: ArticleView, *, is_liability: bool) -> str:
    return article_button(article, "相关罚则：" if is_liability else "相关义务：")


def article_source(article: ArticleView) -> str:
    """What makes a quotation checkable: full name, version and effective date."""
    headings = " ".join(heading for heading in (article.chapter, article.section) if heading)
    where = f" · {escape(headings)}" if headings else ""
    return f"{escape(article.name)}（{escape(article.version_label)}，{chinese_date(article.effective)}起施行）{where}"


def article_head(article: ArticleView, on: dt.date | None = None) -> str:
    """Title, source, and what a reader must know about the version. `on` is the past day whose text this is."""
    lines = [f"<b>{escape(article_title(article))}</b>", f"<i>{article_source(article)}</i>"]
    if on is not None:
        lines.append(f"按 <b>{chinese_date(on)}</b> 当时施行的文本")
    if article.status is RegulationStatus.UNVERIFIED:
        lines.append("<b>注意：</b>施行日期未核对，请以官方公布的文本为准。")
    if article.status is RegulationStatus.SUPERSEDED:
        lines.append("<b>注意：</b>这部法规已经不再施行，下面是它原来的文字。")
    if article.upcoming is not None and on is not None:
        lines.append(f"<b>注意：</b>这一条后来有变动，新的文本自{chinese_date(article.upcoming)}起施行。")
    elif article.upcoming is not None:
        lines.append(f"<b>注意：</b>已公布的修正自{chinese_date(article.upcoming)}起施行，届时本条有变动。")
    return "\n".join(lines)


def article_parts(
    article: ArticleView, *, digest: str | None = None, marked: int | None = None, on: dt.date | None = None
) -> list[str]:
    """Title, source, digest and all paragraphs, to be joined or split between messages. `marked` is the fitting paragraph."""
    texts = [_paragraph(text, is_marked=number == marked) for number, text in enumerate(article.paragraphs)]
    return [article_head(article, on), *_warnings(article), *_digest(digest), *texts]


def excerpt_parts(article: ArticleView, paragraph: int, where: str, *, digest: str | None, on: dt.date | None) -> list[str]:
    """As `article_parts`, with the fitting paragraph only; `where` is the button that shows all."""
    place = f"第{chinese_numeral(paragraph + 1)}款"
    told = f"这一条共{chinese_numeral(len(article.paragraphs))}款，最有关的是{place}（点“{where}”看整条）："
    quoted = _paragraph(article.paragraphs[paragraph], is_marked=True)
    return [article_head(article, on), *_warnings(article), *_digest(digest), told, quoted]


def _warnings(article: ArticleView) -> list[str]:
    if not article.is_outdated:
        return []
    return ["<b>注意：</b>这一条已被后来的修正案修改，下面是修改前的文字，请以最新公布的文本为准。"]


def _digest(digest: str | None) -> list[str]:
    return [f"要点（我们的话，以原文为准）：{escape(digest)}"] if digest else []


LONGEST_BOLD = 3000
"""A longer paragraph is marked by its sign alone: bold type cannot go on over the end of a message."""


def _paragraph(text: str, *, is_marked: bool) -> str:
    if not is_marked:
        return escape(text)
    return f"<b>▶ {escape(text)}</b>" if len(text) <= LONGEST_BOLD else f"▶ {escape(text)}"


def others_line(articles: Sequence[ArticleView]) -> str:
    """Where there are no buttons for them: the other articles by name."""
    return "还可能有关：" + "、".join(escape(article_title(article)) for article in articles)


# ---- when no article answers ----
def no_such_article(law: RegulationSummary, count: int) -> str:
    return f"《{escape(law.short_name)}》没有这一条，全文共 {count} 条。"


def text_not_loaded(law: RegulationSummary, on: dt.date | None = None) -> str:
    document = f"（{escape(law.document_number)}）" if law.document_number else ""
    which = f"{chinese_date(on)}当时施行的" if on else "的"
    return f"《{escape(law.short_name)}》{document}{which}<b>文本没有载入</b>，我不能引用它的条文，请查官方公布的文本。"


def law_unknown(name: str) -> str:
    return f"《{escape(name)}》<b>没有载入</b>，我不能引用它的条文，请查官方公布的文本。"


# ---- table of contents ----
def contents(article: ArticleView, count: int, on: dt.date | None) -> str:
    """`article` is any of the text, for its name and version."""
    return f"{_text_head(article, on)}\n共 {count} 条。请选一章："


def part_button(part: ContentsPart) -> str:
    """A chapter or section with its articles: 第四章 疫苗流通（第32–40条）."""
    first, last = part.articles[0], part.articles[-1]
    return f"{_cut(_heading(part), LINE_ON_BUTTON)}（{_range(first, last)}）"


def part_text(part: ContentsPart, on: dt.date | None) -> str:
    first, last = part.articles[0], part.articles[-1]
    return f"{_text_head(first, on)}\n{escape(_heading(part))}（{_range(first, last)}）"


def listed_article_button(article: ArticleView, digest: str | None) -> str:
    """An article with its point, or its first words."""
    return _cut(f"{_cut(article.label, NAME_ON_BUTTON)} {digest or article.text}".replace("\n", " "), LINE_ON_BUTTON)


def _text_head(article: ArticleView, on: dt.date | None) -> str:
    when = f"\n按 <b>{chinese_date(on)}</b> 当时施行的文本" if on else ""
    dated = f"{escape(article.version_label)}，{chinese_date(article.effective)}起施行"
    return f"<b>《{escape(article.short_name)}》{CONTENTS}</b>\n<i>{escape(article.name)}（{dated}）</i>{when}"


def _heading(part: ContentsPart) -> str:
    return " ".join(heading for heading in (part.chapter, part.section) if heading) or "全文"


def _range(first: ArticleView, last: ArticleView) -> str:
    if first.given_label or last.given_label:
        return f"{first.number.number}–{last.number.number}"
    if first.number == last.number:
        return first.label
    ends = [f"{number.number}{f'之{number.suffix}' if number.suffix else ''}" for number in (first.number, last.number)]
    return f"第{ends[0]}–{ends[1]}条"


# ---- inline queries ----
def description(article: ArticleView, digest: str | None) -> str:
    return _cut((digest or article.text).replace("\n", " "), LONGEST_DESCRIPTION)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
