"""Lines to articles, and what the front of a statute says of its dates: pure rules."""

import datetime as dt

import pytest

from question_bank.regulations.importing.front import read_front
from question_bank.regulations.importing.lines import read_statute
from question_bank.regulations.rules import ArticleNumber, ArticleText
from tests.question_bank.law_files import LABELS, LAW_LINES
from tests.question_bank.samples import articles


def labels(*lines: str) -> list[str]:
    return [article.label for article in read_statute(lines).articles]


def places(*lines: str) -> list[tuple[str | None, str | None]]:
    return [(article.chapter, article.section) for article in read_statute(lines).articles]


def test_a_law_is_divided_into_its_articles_with_their_headings() -> None:
    statute = read_statute(LAW_LINES)
    assert [article.label for article in statute.articles] == LABELS
    assert [(a.chapter, a.section) for a in statute.articles] == [
        ("第一章 总则", None),
        ("第一章 总则", None),
        ("第二章 锦鲤", "第一节 喂养"),
        ("第二章 锦鲤", "第一节 喂养"),
        ("第二章 锦鲤", "第二节 池水"),
        ("第三章 附则", None),
    ]
    assert statute.articles[1].paragraphs == (
        "养鱼人应当：\n（一）每天喂食；\n（二）每周换水。",
        "第一条规定的锦鲤包括草金鱼。",
    ), "items stay in their paragraph; a paragraph that begins by citing an article is none"
    assert (statute.front, statute.left_out) == (list(LAW_LINES[:2]), 0)


def test_headings_are_no_part_of_an_articles_text() -> None:
    text = "".join(article.text for article in read_statute(LAW_LINES).articles)
    assert "章" not in text
    assert "节" not in text


def test_contents_at_the_top_are_no_headings_of_a_law_whose_body_has_none() -> None:
    assert places("目录", "第一章 总则", "第二章 附则", "第一条 甲。", "第二条 乙。") == [(None, None)] * 2


def test_contents_with_page_numbers_are_contents() -> None:
    assert places("目录", "第一章　总则……………1", "第二章　池\t12", "第一章　总则", "第一条　甲。") == [("第一章 总则", None)]


def test_parts_stand_before_their_chapters() -> None:
    lines = (
        "第一编　总则",
        "第一章　任务",
        "第一条　甲。",
        "第二编　分则",
        "第一章　池",
        "第一节　水",
        "第二条　乙。",
        "附　则",
        "第三条　丙。",
    )
    assert places(*lines) == [("第一编 总则 第一章 任务", None), ("第二编 分则 第一章 池", "第一节 水"), ("附则", None)]
    sub = ("第二编　物权", "第一分编　通则", "第一章　规定", "第一条　甲。")
    assert places(*sub) == [("第二编 物权 第一分编 通则 第一章 规定", None)]


def test_a_heading_may_have_its_title_on_the_next_line() -> None:
    assert places("第一章", "总　则", "第一条　甲。", "第二章", "第二条　乙。") == [("第一章 总则", None), ("第二章", None)]


@pytest.mark.parametrize("between", ["　", " ", "\t", "：", ""])
def test_an_article_begins_whatever_stands_after_its_number(between: str) -> None:
    statute = read_statute(
        [f"第一条{between}甲。", f"第 2 条{between}乙。", f"第二条 之一{between}丙。", f"第十条{between}规定丁。"][:3]
    )
    assert [(a.label, a.text) for a in statute.articles] == [("第一条", "甲。"), ("第二条", "乙。"), ("第二条之一", "丙。")]


@pytest.mark.parametrize(
    "line",
    [
        "第二条规定的鱼不喂。",
        "第二条、第三条的鱼不喂。",
        "第二条第一款的鱼不喂。",
        "第九条鱼不喂。",
        "第二条所称鱼",
        "“第二条　鱼”",
    ],
)
def test_a_paragraph_that_cites_an_article_begins_none(line: str) -> None:
    statute = read_statute(["第一条　甲：", line])
    assert [(a.label, a.paragraphs) for a in statute.articles] == [("第一条", ("甲：", line))]


def test_a_paragraph_that_cites_a_chapter_is_no_heading() -> None:
    statute = read_statute(["第一条　甲。", "第三章规定的池水，每周更换。"])
    assert statute.articles[0].paragraphs == ("甲。", "第三章规定的池水，每周更换。")


def test_an_articles_text_may_begin_on_the_next_line() -> None:
    assert read_statute(["第一条", "甲。", "乙。"]).articles[0].paragraphs == ("甲。", "乙。")


def test_annexes_are_left_out_and_counted_even_with_articles_of_their_own() -> None:
    statute = read_statute(["第一条　甲。", "第二条　乙。", "附件：", "锦鲤名录", "第一条　名录。"])
    assert [(a.label, a.text) for a in statute.articles] == [("第一条", "甲。"), ("第二条", "乙。")]
    assert statute.left_out == 3


def test_what_looks_like_an_annex_before_more_articles_stays_in_its_article() -> None:
    statute = read_statute(["第一条　按下表：", "附表：", "甲　乙", "第二条　丙。"])
    assert [a.paragraphs for a in statute.articles] == [("按下表：", "附表：", "甲　乙"), ("丙。",)]
    assert statute.left_out == 0


def test_gaps_and_repetitions_are_handed_on_as_they_are() -> None:
    assert labels("第一条　甲。", "第三条　乙。", "第三条　丙。") == ["第一条", "第三条", "第三条"]


def test_invisible_characters_and_straight_quotation_marks_are_mended() -> None:
    article = read_statute(['\ufeff第\u200b一条\u00a0称"锦鲤"的。']).articles[0]
    assert article.text == "称“锦鲤”的。"


LAST = articles("甲。", "本法自2015年10月1日起施行。")
FROM_PUBLICATION = articles("本法自公布之日起施行。")


def front(history: str, last: list[ArticleText] = LAST) -> tuple[dt.date | None, dt.date | None, str | None]:
    found = read_front(["中华人民共和国样例法", history], last)
    assert (found.title, found.preamble) == ("中华人民共和国样例法", 0)
    return found.promulgated, found.effective, found.version_label


NPC = "全国人民代表大会常务委员会第七次会议"


@pytest.mark.parametrize(
    ("history", "promulgated", "effective", "label"),
    [
        (f"（2015年4月24日{NPC}通过）", "2015-04-24", "2015-10-01", "2015年公布"),
        (f"（2009年2月28日{NPC}通过　2015年4月24日{NPC}修订）", "2015-04-24", "2015-10-01", "2015年修订"),
        (f"（2015年4月24日{NPC}通过　根据2018年12月29日{NPC}《决定》修正）", "2018-12-29", None, "2018年修正"),
        ("（2015年3月1日国务院令第557号公布　自2015年5月1日起施行）", "2015-03-01", "2015-05-01", "2015年公布"),
        ("（2009年7月20日国务院令第1号公布　2015年3月26日国务院第42次常务会议修订通过）", None, "2015-10-01", "2015年修订"),
        ("（2015年2月30日公布）", None, "2015-10-01", None),
    ],
)  # fmt: skip
def test_dates_are_those_that_the_history_clearly_states(
    history: str, promulgated: str | None, effective: str | None, label: str | None
) -> None:
    def day(text: str | None) -> dt.date | None:
        return dt.date.fromisoformat(text) if text else None

    assert front(history) == (day(promulgated), day(effective), label)


def test_in_force_from_publication_means_the_day_of_publication_unless_amended_since() -> None:
    assert front(f"（2021年4月29日{NPC}通过）", FROM_PUBLICATION)[1] == dt.date(2021, 4, 29)
    assert front(f"（2021年4月29日{NPC}通过　根据2022年1月1日《决定》修正）", FROM_PUBLICATION)[1] is None


def test_a_title_may_be_set_in_two_lines_and_a_preamble_is_counted() -> None:
    found = read_front(["中华人民共和国", "样例条例", "序言一行。"], [])
    assert (found.title, found.preamble) == ("中华人民共和国样例条例", 1)
    assert read_front(["锦鲤池", "随便写的", "三行"], []).title is None
    assert read_front([], []).title is None


def test_an_article_between_others_has_a_number_of_its_own() -> None:
    assert read_statute(["第一百二十二条之一　甲。"]).articles == [ArticleText(ArticleNumber(122, 1), None, None, ("甲。",))]
