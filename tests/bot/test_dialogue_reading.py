"""Reading on from an answer: the article before and after, the contents by chapter, and the questions that cite an article."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from bot import messages_law
from bot.dialogue.reading import ARTICLES_PER_PAGE, PARTS_PER_PAGE
from exam.attempts.tables import Attempt
from exam.practice.service import QUESTIONS_PER_SET
from question_bank.database import Database
from question_bank.questions.rules import StoredQuestion
from question_bank.regulations.rules import ArticleNumber
from question_bank.wiring import QuestionBank
from tests.bot.talk import Talker, answer
from tests.question_bank.samples import articles, write_law


async def actions(bank: QuestionBank, law: str, number: int, suffix: int = 0) -> str:
    article = await bank.regulations.get_article(law, ArticleNumber(number, suffix))
    return f"{article.regulation_id}:{number}:{suffix}"


async def test_one_reads_on_over_added_articles_in_the_same_message(member: Callable[..., Any], bank: QuestionBank) -> None:
    talker = await member()
    await talker.say("刑法第142条")
    assert (await talker.tap("下一条")).startswith("《刑法》第一百四十二条之一\n")
    assert len(talker.screen) == 2, "the answer stays"
    assert talker.labels == ["上一条", "下一条", "目录", "相关试题", "首页"]
    assert (await talker.tap("下一条")).startswith("《刑法》第一百四十三条\n")
    await talker.tap("上一条")
    assert (await talker.tap("上一条")).startswith("《刑法》第一百四十二条\n")
    assert len(talker.screen) == 2, "and turning pages changes one message"


async def test_the_first_and_the_last_article_have_one_neighbour(member: Callable[..., Any], bank: QuestionBank) -> None:
    talker = await member()
    await talker.forge(f"art:{await actions(bank, '疫苗管理法', 1)}")
    assert talker.labels == ["下一条", "目录", "相关试题", "首页"]
    await talker.forge(f"art:{await actions(bank, '疫苗管理法', 100)}")
    assert talker.labels == ["上一条", "目录", "相关试题", "首页"]
    await talker.say("疫苗管理法第100条")
    assert talker.labels == ["上一条", "目录", "相关试题", "👍 有用", "👎 没用"]


async def test_an_article_from_a_button_tells_its_point_too(member: Callable[..., Any], bank: QuestionBank) -> None:
    talker = await member()
    await talker.forge(f"art:{await actions(bank, '疫苗管理法', 37)}")
    article = await bank.regulations.get_article("疫苗管理法", ArticleNumber(37))
    assert "\n\n要点（我们的话，以原文为准）：" in talker.text
    assert talker.text.endswith("\n\n".join(article.paragraphs))


async def test_the_contents_lead_by_chapter_and_article_to_the_text(member: Callable[..., Any], bank: QuestionBank) -> None:
    talker = await member()
    await talker.say("疫苗管理法第37条")
    answered = talker.last
    await talker.tap("目录")
    assert talker.screen[-2] is answered
    assert talker.text.endswith("\n共 100 条。请选一章：")
    assert (talker.labels[0], talker.labels[3]) == ("第一章 总则（第1–13条）", "第四章 疫苗流通（第32–40条）")
    await talker.tap("第四章")
    assert talker.text.endswith("\n第四章 疫苗流通（第32–40条）")
    *listed, back, home = talker.labels
    assert [label.split()[0] for label in listed] == [ArticleNumber(n).label for n in range(32, 41)]
    assert all(len(label) > 10 for label in listed), "each with its point"
    assert (back, home) == ("目录", "首页")
    assert (await talker.tap("第三十七条")).startswith("《疫苗管理法》第三十七条\n")
    await talker.tap("目录")
    assert len(talker.screen) == 2, "all of this in one message"


async def test_a_long_table_and_a_long_chapter_come_in_pages_that_leave_nothing_out(
    member: Callable[..., Any], bank: QuestionBank
) -> None:
    talker = await member()
    place = await actions(bank, "食品安全法", 34)
    parts = await bank.regulations.table_of_contents(int(place.split(":")[0]))
    assert len(parts) > PARTS_PER_PAGE
    await talker.forge(f"toc:{place}")
    assert any(label.startswith("第四章 食品生产经营 第一节 一般规定（第33–43条）") for label in talker.labels)
    seen = talker.labels[:PARTS_PER_PAGE]
    assert talker.labels[PARTS_PER_PAGE:] == ["下一页", "首页"]
    await talker.tap("下一页")
    assert talker.labels[-2:] == ["上一页", "首页"]
    assert len(seen + talker.labels[:-2]) == len(parts)

    await talker.forge(f"ch:{place}")
    listed = [label.split()[0] for label in talker.labels[:ARTICLES_PER_PAGE]]
    await talker.tap("下一页")
    listed += [label.split()[0] for label in talker.labels if label.startswith("第")]
    assert listed == [ArticleNumber(n).label for n in range(33, 44)]
    await talker.forge(f"toc:{await actions(bank, '刑法', 133)}")
    assert any(label.startswith("第二章 危害公共安全罪") for label in talker.labels), "it opens where one is reading"


async def test_a_law_without_chapters_is_listed_at_once(
    member: Callable[..., Any], bank: QuestionBank, database: Database
) -> None:
    await write_law(database, articles(*(f"样例第{n}。" for n in range(1, 24))))
    talker = await member()
    await talker.say("样例法第15条")
    await talker.tap("目录")
    assert talker.text.endswith("\n全文（第1–23条）")
    assert talker.labels[0] == "第十一条 样例第11。", "without a digest the first words; the page that one reads"
    assert talker.labels[-3:] == ["上一页", "下一页", "首页"]
    await talker.tap("下一页")
    assert talker.labels == ["第二十一条 样例第21。", "第二十二条 样例第22。", "第二十三条 样例第23。", "上一页", "首页"]


async def test_a_very_long_name_fits_its_buttons(member: Callable[..., Any], database: Database) -> None:
    name = "关于" + "一件很要紧的事" * 9 + "的决定"
    await write_law(database, articles("决定一。", "决定二。"), short_name=name, name=name, aliases=("长名法",))
    talker = await member()
    await talker.say("长名法第1条、第2条")
    assert talker.text.startswith(f"《{name}》第一条\n")
    assert talker.labels[0] == f"《{name[:23]}…》第二条"
    await talker.tap(talker.labels[0])
    await talker.tap("目录")
    assert name in talker.text


async def sets(database: Database) -> list[Attempt]:
    async with database.reading() as session:
        return list((await session.scalars(select(Attempt).order_by(Attempt.id))).all())


async def test_what_cites_an_article_can_be_practised_from_it(
    member: Callable[..., Any], database: Database, questions: list[StoredQuestion]
) -> None:
    talker: Talker = await member()
    await talker.say("疫苗管理法第39条")
    answered = talker.last
    citing = [q for q in questions if ("疫苗管理法", ArticleNumber(39)) in [(c.law, c.article) for c in q.content.citations]]
    assert 1 < len(citing) < QUESTIONS_PER_SET
    assert (await talker.tap("相关试题")).startswith(f"练习 第 1/{len(citing)} 题")
    assert talker.screen[-2] is answered, "the article stays in sight"
    await talker.tap("相关试题", on=answered)
    assert len(await sets(database)) == 1, "a second tap finds the same set"
    for position in range(1, len(citing) + 1):
        stored = await answer(talker, questions, right=True)
        assert ("疫苗管理法", ArticleNumber(39)) in [(c.law, c.article) for c in stored.content.citations]
        await talker.tap("看成绩" if position == len(citing) else "下一题")
    assert talker.text == f"这一组做完了：答对 {len(citing)}/{len(citing)} 题。"
    assert "练习 第 1/10 题" in await talker.tap("再来一组"), "then the whole law"
    assert [each.title for each in await sets(database)] == ["疫苗管理法 第三十九条", "疫苗管理法"]


async def test_where_nothing_cites_an_article_that_is_said_kindly(member: Callable[..., Any], database: Database) -> None:
    talker = await member()
    await talker.say("农产品质量安全法第20条")
    assert await talker.tap("相关试题") == messages_law.NO_QUESTIONS_ON_ARTICLE
    assert talker.labels == ["练习", "首页"]
    assert await sets(database) == []
