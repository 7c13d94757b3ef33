"""The register and the texts in the database: loaded once, corrected, and shown as in force on the day."""

import asyncio
import datetime as dt

import pytest
from sqlalchemy import func, select

from question_bank.database import Database
from question_bank.regulations.catalog import load_catalog
from question_bank.regulations.rules import ArticleNotFound, ArticleNumber, RegulationNotFound
from question_bank.regulations.service import Regulations
from question_bank.regulations.tables import Article, Regulation, RegulationVersion
from question_bank.wiring import QuestionBank
from tests.fakes import START, FakeClock
from tests.question_bank.samples import SAMPLE_LAW, articles, facts, write_law

LOADED_ARTICLES = 100 + 155 + 154 + 81 + 32 + 115 + 86 + 505
FIRST = ArticleNumber(1)


async def rows(database: Database) -> tuple[list[object], list[object], int]:
    """All of register and versions, and the number of articles."""
    async with database.reading() as session:
        register = [row.model_dump() for row in await session.scalars(select(Regulation).order_by(Regulation.id))]
        versions = [row.model_dump() for row in await session.scalars(select(RegulationVersion).order_by(RegulationVersion.id))]
        count = (await session.scalars(select(func.count(Article.id)))).one()
    return register, versions, count


async def test_loading_the_register_again_changes_nothing(empty_database: Database, clock: FakeClock) -> None:
    regulations = Regulations(empty_database, clock)
    await regulations.load_register()
    before = await rows(empty_database)
    assert (len(before[0]), len(before[1]), before[2]) == (len(load_catalog()), 0, 0)
    await regulations.load_register()
    assert await rows(empty_database) == before
    listed = await regulations.list_regulations()
    assert [summary.short_name for summary in listed] == [entry.short_name for entry in load_catalog()]
    assert not any(summary.is_loaded for summary in listed)


async def test_the_register_corrects_what_was_in_the_table(empty_database: Database, clock: FakeClock) -> None:
    wrong = facts(short_name="食品安全法", name="?", aliases=("?",), effective=dt.date(2021, 4, 29))
    regulation_id = await write_law(empty_database, articles("旧文。"), **vars(wrong))
    await Regulations(empty_database, clock).load_register()
    async with empty_database.reading() as session:
        row = (await session.scalars(select(Regulation).where(Regulation.short_name == "食品安全法"))).one()
    assert (row.id, row.name, row.effective) == (regulation_id, "中华人民共和国食品安全法", dt.date(2025, 12, 1))
    assert row.aliases == ["食安法", "食品法"]


async def test_loading_texts_again_changes_nothing(database: Database, bank: QuestionBank, clock: FakeClock) -> None:
    before = await rows(database)
    assert (len(before[1]), before[2]) == (8, LOADED_ARTICLES)
    clock.advance(days=1)
    assert await bank.regulations.load_texts() == 0
    assert await bank.regulations.load_texts(["药品管理法", "刑法"]) == 0
    assert await rows(database) == before


async def test_processes_that_load_at_once_write_each_text_once(empty_database: Database, clock: FakeClock) -> None:
    databases = [Database(empty_database.url.render_as_string(hide_password=False)) for _ in range(3)]
    banks = [Regulations(database, clock) for database in databases]
    await asyncio.gather(*(bank.load_register() for bank in banks))
    written = await asyncio.gather(*(bank.load_texts(["疫苗管理法", "反食品浪费法"]) for bank in banks))
    assert sum(written) == 2
    register, versions, count = await rows(empty_database)
    assert (len(register), len(versions), count) == (len(load_catalog()), 2, 132)
    for database in databases:
        await database.close()


async def test_an_unknown_name_and_a_text_that_is_not_shipped_load_nothing(empty_database: Database, clock: FakeClock) -> None:
    for name in ("民法典", "食品安全法实施条例", "中华人民共和国药品管理法", ""):
        with pytest.raises(RegulationNotFound) as refused:
            await Regulations(empty_database, clock).load_texts(["疫苗管理法", name])
        assert refused.value.args == (name,)
    assert await rows(empty_database) == ([], [], 0)


async def test_the_list_tells_counts_dates_and_what_is_not_loaded(bank: QuestionBank) -> None:
    listed = {summary.short_name: summary for summary in await bank.regulations.list_regulations()}
    loaded = {name: summary.articles for name, summary in listed.items() if summary.is_loaded}
    assert loaded["疫苗管理法"] == 100
    assert loaded["药品管理法"] == 155
    assert loaded["食品安全法"] == 154
    assert loaded["刑法"] == 505
    assert (len(loaded), sum(count or 0 for count in loaded.values())) == (8, LOADED_ARTICLES)
    assert listed["食品安全法"].effective == dt.date(2025, 12, 1)
    unloaded = listed["食品安全法实施条例"]
    assert (unloaded.articles, unloaded.version_label, unloaded.is_loaded) == (86, None, False)
    assert listed["药品管理法实施条例"].articles is None, "no trustworthy source tells"


async def test_articles_come_with_law_version_and_date_in_the_order_of_the_statute(bank: QuestionBank) -> None:
    found = await bank.regulations.get_article("刑法", ArticleNumber(142, 1))
    assert (found.label, found.version_label, found.effective) == (
        "第一百四十二条之一",
        "2020年修正（刑法修正案（十一））",
        dt.date(2021, 3, 1),
    )
    criminal = [a.number for a in await bank.regulations.articles_in_force() if a.short_name == "刑法"]
    assert criminal == sorted(criminal)
    assert len(criminal) == 505


async def test_articles_amended_after_the_loaded_text_are_marked(bank: QuestionBank) -> None:
    outdated = [
        (a.short_name, a.number.number, a.number.suffix) for a in await bank.regulations.articles_in_force() if a.is_outdated
    ]
    assert outdated == [("刑法", number, 0) for number in (165, 166, 169, 387, 390, 391, 393)]


async def test_a_missing_article_says_how_many_there_are(bank: QuestionBank) -> None:
    beyond = [ArticleNumber(0), ArticleNumber(155, 1), ArticleNumber(156), ArticleNumber(99_999)]
    for law, number, count in [*(("药品管理法", number, 155) for number in beyond), ("食品安全法实施条例", FIRST, 0)]:
        with pytest.raises(ArticleNotFound) as missing:
            await bank.regulations.get_article(law, number)
        assert (missing.value.short_name, missing.value.article_count) == (law, count)


async def test_a_missing_law_is_another_thing_than_a_missing_article(bank: QuestionBank) -> None:
    with pytest.raises(RegulationNotFound):
        await bank.regulations.get_article("民法典", FIRST)
    assert (await bank.regulations.get_article("药品管理法", ArticleNumber(155))).label == "第一百五十五条"


async def test_an_amendment_takes_over_on_its_day_in_china(empty_database: Database, clock: FakeClock) -> None:
    regulations = Regulations(empty_database, clock)
    await write_law(empty_database, articles("旧一。", "旧二。"))
    await write_law(
        empty_database, articles("新一。", "新二。", "新三。"), version_label="2026年修正", effective=dt.date(2026, 11, 25)
    )

    async def seen() -> tuple[str, str | None, int | None, int]:
        summary = (await regulations.list_regulations())[0]
        article = await regulations.get_article(SAMPLE_LAW, FIRST)
        assert (article.version_label, article.effective) == (summary.version_label, summary.effective)
        return article.text, summary.version_label, summary.articles, len(await regulations.articles_in_force())

    clock.now = dt.datetime(2026, 11, 24, 15, 59, 59, tzinfo=dt.UTC)  # a second before midnight in China
    assert await seen() == ("旧一。", "2026年公布", 2, 2)
    with pytest.raises(ArticleNotFound) as missing:
        await regulations.get_article(SAMPLE_LAW, ArticleNumber(3))
    assert missing.value.article_count == 2

    clock.advance(seconds=1)
    assert await seen() == ("新一。", "2026年修正", 3, 3)
    past = await regulations.get_article(SAMPLE_LAW, FIRST, on=dt.date(2026, 11, 24))
    assert past.text == "旧一。", "an older day still has its text"
    with pytest.raises(ArticleNotFound):
        await regulations.get_article(SAMPLE_LAW, FIRST, on=dt.date(2025, 12, 31))


async def test_a_law_that_is_not_yet_in_force_is_known_but_not_quoted(empty_database: Database, clock: FakeClock) -> None:
    regulations = Regulations(empty_database, clock)
    await write_law(empty_database, articles("一。"), effective=dt.date(2026, 11, 25), article_count=1)
    summary = (await regulations.list_regulations())[0]
    assert (summary.is_loaded, summary.articles, summary.effective) == (False, 1, dt.date(2026, 11, 25))
    assert await regulations.articles_in_force() == []
    with pytest.raises(ArticleNotFound) as missing:
        await regulations.get_article(SAMPLE_LAW, FIRST)
    assert missing.value.article_count == 0


async def test_a_shipped_law_with_a_coming_amendment_is_not_loaded_anew(database: Database, bank: QuestionBank) -> None:
    entry = next(entry for entry in load_catalog() if entry.short_name == "疫苗管理法")
    coming = {**vars(entry), "version_label": "样例修正", "effective": dt.date(2027, 1, 1)}
    await write_law(database, articles("将来的文字。"), **coming)
    before = await rows(database)
    assert await bank.regulations.load_texts() == 0
    assert await rows(database) == before
    assert (await bank.regulations.list_regulations())[0].articles == 100


async def test_the_same_version_from_a_corrected_source_replaces_the_text(empty_database: Database, clock: FakeClock) -> None:
    regulations = Regulations(empty_database, clock)
    await write_law(empty_database, articles("错字。", "多出的一条。"))
    await write_law(empty_database, articles("改正。"), now=START - dt.timedelta(hours=1))  # a machine whose clock is behind
    assert [a.text for a in await regulations.articles_in_force()] == ["改正。"]
    assert (await rows(empty_database))[2] == 1


async def test_a_text_that_cannot_be_written_leaves_the_old_one(empty_database: Database, clock: FakeClock) -> None:
    await write_law(empty_database, articles("旧文。"))
    before = await rows(empty_database)
    with pytest.raises(Exception, match=r"(?i)unique"):
        await write_law(empty_database, articles("新文。") * 2)
    assert await rows(empty_database) == before
    assert [a.text for a in await Regulations(empty_database, clock).articles_in_force()] == ["旧文。"]


async def test_neighbours_run_over_added_articles_and_end_at_both_ends(bank: QuestionBank) -> None:
    regulations = bank.regulations
    middle = await regulations.get_article("刑法", ArticleNumber(142, 1))
    around = await regulations.neighbours(middle)
    assert (around.previous, around.following) == (ArticleNumber(142), ArticleNumber(143))
    assert (await regulations.neighbours(await regulations.get_article("刑法", ArticleNumber(142)))).following == middle.number
    first = await regulations.neighbours(await regulations.get_article("疫苗管理法", FIRST))
    last = await regulations.neighbours(await regulations.get_article("疫苗管理法", ArticleNumber(100)))
    assert (first.previous, first.following) == (None, ArticleNumber(2))
    assert (last.previous, last.following) == (ArticleNumber(99), None)


async def test_an_article_is_found_by_its_regulations_id(bank: QuestionBank) -> None:
    article = await bank.regulations.get_article("疫苗管理法", ArticleNumber(37))
    assert await bank.regulations.get_article_by_id(article.regulation_id, article.number) == article
    [summary] = [each for each in await bank.regulations.list_regulations() if each.short_name == "疫苗管理法"]
    assert summary.regulation_id == article.regulation_id
    with pytest.raises(RegulationNotFound):
        await bank.regulations.get_article_by_id(999_999_999, article.number)
    with pytest.raises(ArticleNotFound):
        await bank.regulations.get_article_by_id(article.regulation_id, ArticleNumber(101))


async def test_the_contents_divide_a_text_by_chapter_and_section_and_leave_nothing_out(bank: QuestionBank) -> None:
    whole = [article for article in await bank.regulations.articles_in_force() if article.short_name == "食品安全法"]
    parts = await bank.regulations.table_of_contents(whole[0].regulation_id)
    assert [article.number for part in parts for article in part.articles] == [article.number for article in whole]
    trade = [part for part in parts if (part.chapter or "").startswith("第四章")]
    assert [(part.section or "").split()[0] for part in trade] == ["第一节", "第二节", "第三节", "第四节"]
    assert (trade[0].articles[0].number, trade[0].articles[-1].number) == (ArticleNumber(33), ArticleNumber(43))
    not_loaded = next(each for each in await bank.regulations.list_regulations() if not each.is_loaded)
    for wrong in (not_loaded.regulation_id, 999_999_999):
        with pytest.raises(RegulationNotFound):
            await bank.regulations.table_of_contents(wrong)


async def test_contents_and_neighbours_are_of_the_text_in_force_on_the_day(empty_database: Database, clock: FakeClock) -> None:
    await write_law(empty_database, articles("旧一。", "旧二。"), effective=dt.date(2020, 1, 1))
    regulation_id = await write_law(empty_database, articles("新一。", "新二。", "新三。"), effective=dt.date(2026, 1, 1))
    regulations = Regulations(empty_database, clock)
    second = await regulations.get_article_by_id(regulation_id, ArticleNumber(2))
    assert (await regulations.neighbours(second)).following == ArticleNumber(3)
    day = dt.date(2025, 11, 1)
    old = await regulations.get_article_by_id(regulation_id, ArticleNumber(2), day)
    assert (old.text, (await regulations.neighbours(old, day)).following) == ("旧二。", None)
    [part] = await regulations.table_of_contents(regulation_id, day)
    assert (part.chapter, part.section, [article.text for article in part.articles]) == (None, None, ["旧一。", "旧二。"])
