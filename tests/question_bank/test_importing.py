"""A text becomes a dated version of a law in the register, once, and takes over on its day."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from question_bank.database import Database
from question_bank.regulations.catalog import load_catalog
from question_bank.regulations.changes import ChangeKind
from question_bank.regulations.importing.rules import ImportRefusal, ImportRefused, LawText
from question_bank.regulations.importing.use_case import ImportOrder, ImportOutcome, ImportReport
from question_bank.regulations.package_source import UNVERIFIED_LABEL
from question_bank.regulations.rules import ArticleNumber, ArticleText, NoVersionInForce, RegulationNotFound, RegulationStatus
from question_bank.regulations.service import Regulations, VersionsMissing
from question_bank.regulations.tables import Article, Regulation, RegulationVersion
from question_bank.wiring import QuestionBank
from tests.fakes import FakeClock
from tests.question_bank.samples import SAMPLE_LAW, articles, write_law

FIRST = ArticleNumber(1)
NAME = "中华人民共和国样例法"
IN_FORCE, COMING = dt.date(2026, 1, 1), dt.date(2026, 12, 1)


@pytest.fixture
def regulations(empty_database: Database, clock: FakeClock) -> Regulations:
    return Regulations(empty_database, clock)


def order(*texts: str, title: str | None = NAME, **changes: Any) -> ImportOrder:
    """An order to import a made-up law of these articles; `changes` as for ImportOrder."""
    text = LawText(title, tuple(articles(*texts)), promulgated=changes.pop("promulgated", None))
    return ImportOrder(**{"text": text, "source": "tests", "effective": COMING} | changes)


async def rows(database: Database) -> tuple[list[Any], list[Any], int]:
    async with database.reading() as session:
        register = [row.model_dump() for row in await session.scalars(select(Regulation).order_by(Regulation.id))]
        versions = [row.model_dump() for row in await session.scalars(select(RegulationVersion).order_by(RegulationVersion.id))]
        return register, versions, (await session.scalars(select(func.count(Article.id)))).one()


async def refusal(regulations: Regulations, wrong: ImportOrder) -> tuple[ImportRefusal, dict[str, object]]:
    with pytest.raises(ImportRefused) as refused:
        await regulations.import_text(wrong)
    return refused.value.reason, refused.value.details


async def test_a_new_law_is_added_under_its_full_name(regulations: Regulations, empty_database: Database) -> None:
    report = await regulations.import_text(order("一。", "二。", name=NAME, effective=IN_FORCE, version_label="2026年公布"))
    assert report == ImportReport(
        SAMPLE_LAW, NAME, True, ImportOutcome.ADDED, "2026年公布", None, IN_FORCE, 2, 0, None, (), 0
    )  # fmt: skip
    listed = await regulations.list_regulations()
    assert [(s.short_name, s.name, s.articles, s.effective, s.is_loaded, s.status) for s in listed] == [
        (SAMPLE_LAW, NAME, 2, IN_FORCE, True, RegulationStatus.IN_FORCE)
    ]
    assert (await regulations.get_article(SAMPLE_LAW, FIRST)).version_label == "2026年公布"
    async with empty_database.reading() as session:
        assert (await session.scalars(select(RegulationVersion.source))).all() == ["tests"]


async def test_the_same_text_again_changes_nothing(regulations: Regulations, empty_database: Database, clock: FakeClock) -> None:
    await regulations.import_text(order("一。", name=NAME))
    before = await rows(empty_database)
    clock.advance(days=1)
    for again in (order("一。", name=NAME), order("一。"), order("一。", name=SAMPLE_LAW, replace=True)):
        assert (await regulations.import_text(again)).outcome is ImportOutcome.UNCHANGED
    assert await rows(empty_database) == before


@pytest.mark.parametrize("name", [None, SAMPLE_LAW, "法规样例", NAME, f"《{NAME}》"])
async def test_a_law_of_the_register_gets_a_version_by_any_of_its_names(
    regulations: Regulations, empty_database: Database, name: str | None
) -> None:
    await write_law(empty_database, articles("一。", "二。", "三。"))
    title = f"{NAME}（2026年修正）" if name is None else None
    report = await regulations.import_text(order("一。", "新。", "三。", "四。", title=title, name=name))
    assert (report.short_name, report.is_new_law, report.previous) == (SAMPLE_LAW, False, IN_FORCE)
    assert [(change.number.number, change.kind) for change in report.changes] == [(2, ChangeKind.CHANGED), (4, ChangeKind.ADDED)]
    assert len(await regulations.list_regulations()) == 1


async def test_a_version_takes_over_on_its_day_with_its_own_label_and_dates(
    regulations: Regulations, empty_database: Database, clock: FakeClock
) -> None:
    await write_law(empty_database, articles("旧。"), document_number="样例令第一号")
    await regulations.import_text(order("新。", "加。", version_label="2026年修正", promulgated=dt.date(2026, 9, 12)))

    async def seen() -> tuple[object, ...]:
        summary = (await regulations.list_regulations())[0]
        return summary.version_label, summary.effective, summary.articles, summary.document_number

    assert await seen() == ("2026年公布", IN_FORCE, 1, "样例令第一号")
    clock.now = dt.datetime(2026, 11, 30, 16, 0, tzinfo=dt.UTC)  # midnight in China
    assert await seen() == ("2026年修正", COMING, 2, None), "the register's document number is that of the older text"
    article = await regulations.get_article(SAMPLE_LAW, FIRST)
    assert (article.text, article.version_label, article.effective) == ("新。", "2026年修正", COMING)
    assert (await regulations.get_article(SAMPLE_LAW, FIRST, on=dt.date(2026, 11, 30))).text == "旧。"


async def test_loading_what_is_shipped_leaves_an_imported_version_as_it_is(database: Database, bank: QuestionBank) -> None:
    law = next(facts for facts in load_catalog() if facts.short_name == "反食品浪费法")
    coming = order("新。", title=law.name, version_label="2026年修正")
    await bank.regulations.import_text(coming)
    corrected = order("改正。", title=law.name, effective=law.effective, replace=True)
    assert (await bank.regulations.import_text(corrected)).outcome is ImportOutcome.REPLACED
    before = await rows(database)
    await bank.load_shipped()
    assert await rows(database) == before, "neither the register's entry nor a text that somebody replaced on purpose"
    assert (await bank.regulations.get_article("反食品浪费法", FIRST)).text == "改正。"


async def test_a_law_whose_text_is_not_shipped_takes_its_known_label_from_the_register(
    empty_database: Database, regulations: Regulations
) -> None:
    await regulations.load_register()
    known = next(facts for facts in load_catalog() if facts.short_name == "食品安全法实施条例")
    report = await regulations.import_text(order("一。", title=known.name, effective=known.effective))
    assert (report.version_label, report.promulgated) == (known.version_label, known.promulgated)
    before = await rows(empty_database)
    await regulations.load_register()
    assert await rows(empty_database) == before


async def test_another_text_for_the_same_day_is_refused_unless_it_is_to_replace(
    regulations: Regulations, empty_database: Database
) -> None:
    await regulations.import_text(order("一。", "二。", name=NAME, effective=IN_FORCE, version_label="甲版"))
    before = await rows(empty_database)
    other = order("改。", effective=IN_FORCE)
    assert await refusal(regulations, other) == (ImportRefusal.VERSION_EXISTS, {"effective": IN_FORCE, "label": "甲版"})
    assert await rows(empty_database) == before
    assert (await regulations.import_text(replace(other, replace=True))).outcome is ImportOutcome.REPLACED
    _, versions, count = await rows(empty_database)
    assert (len(versions), count) == (1, 1)
    assert [a.text for a in await regulations.articles_in_force()] == ["改。"]


async def test_the_same_text_under_another_label_only_renames_the_version(
    regulations: Regulations, empty_database: Database
) -> None:
    await regulations.import_text(order("一。", name=NAME, version_label="甲版"))
    assert (await regulations.import_text(order("一。", version_label="乙版"))).outcome is ImportOutcome.REPLACED
    assert [version["label"] for version in (await rows(empty_database))[1]] == ["乙版"]


async def test_importing_the_text_of_the_package_verifies_it(regulations: Regulations, empty_database: Database) -> None:
    unverified = {"status": RegulationStatus.UNVERIFIED, "version_label": UNVERIFIED_LABEL}
    await write_law(empty_database, articles("一。"), **unverified)
    assert (await regulations.import_text(order("一。", effective=IN_FORCE))).outcome is ImportOutcome.REPLACED
    summary = (await regulations.list_regulations())[0]
    assert (summary.status, summary.version_label) == (RegulationStatus.IN_FORCE, "2026年文本")
    assert (await regulations.import_text(order("一。", effective=IN_FORCE))).outcome is ImportOutcome.UNCHANGED


async def test_a_dry_run_tells_the_same_and_writes_nothing(regulations: Regulations, empty_database: Database) -> None:
    before = await rows(empty_database)
    tried = await regulations.import_text(order("一。", name=NAME), dry_run=True)
    assert await rows(empty_database) == before
    assert await regulations.import_text(order("一。", name=NAME)) == tried
    with pytest.raises(ImportRefused):
        await regulations.import_text(order("二。"), dry_run=True)


async def test_what_is_not_clear_is_refused(regulations: Regulations, empty_database: Database) -> None:
    await write_law(empty_database, articles("一。"))
    await write_law(empty_database, articles("一。"), short_name="别的法", name="中华人民共和国别的法", aliases=())
    before = await rows(empty_database)
    unknown = order("一。", title="锦鲤法")
    assert await refusal(regulations, unknown) == (ImportRefusal.LAW_UNKNOWN, {"title": "锦鲤法"})
    assert (await refusal(regulations, order("一。", title=None)))[0] is ImportRefusal.TITLE_MISSING
    for name in ("别的法", "锦鲤法"):
        wrong = order("一。", name=name)
        assert await refusal(regulations, wrong) == (ImportRefusal.OTHER_LAW, {"title": NAME, "name": name})
    assert (await refusal(regulations, order("一。", effective=None)))[0] is ImportRefusal.EFFECTIVE_MISSING
    early = order("一。", promulgated=COMING + dt.timedelta(days=1))
    assert (await refusal(regulations, early))[0] is ImportRefusal.EFFECTIVE_TOO_EARLY
    assert (await refusal(regulations, order("一。", short_name="样法")))[0] is ImportRefusal.HAS_SHORT_NAME
    taken = replace(unknown, name="锦鲤法", short_name="法规样例")
    assert await refusal(regulations, taken) == (ImportRefusal.SHORT_NAME_TAKEN, {"short_name": "法规样例"})
    assert await rows(empty_database) == before


async def test_dates_that_the_text_states_need_not_be_given(regulations: Regulations) -> None:
    text = LawText(NAME, tuple(articles("一。")), "样例版", dt.date(2026, 3, 1), dt.date(2026, 5, 1))
    report = await regulations.import_text(ImportOrder(text, "tests", name=NAME))
    assert (report.version_label, report.promulgated, report.effective) == ("样例版", dt.date(2026, 3, 1), dt.date(2026, 5, 1))
    given = await regulations.import_text(ImportOrder(text, "tests", effective=COMING, version_label="另版"))
    assert (given.version_label, given.effective) == ("另版", COMING)


# ---- past, present, to come ----


async def test_an_article_tells_of_a_coming_version_that_changes_or_drops_it(
    regulations: Regulations, empty_database: Database, clock: FakeClock
) -> None:
    later = dt.date(2027, 6, 1)
    await write_law(empty_database, articles("一。", "二。", "三。", "四。"))
    await write_law(empty_database, articles("一 。", "新。", "三。"), effective=COMING)
    await write_law(empty_database, articles("改。", "新。", "三。"), effective=later)
    await write_law(empty_database, articles("一。"), short_name="别的法", name="别的法")

    async def upcoming(on: dt.date | None = None) -> list[dt.date | None]:
        in_force = await regulations.articles_in_force(on)
        for article in in_force:
            alone = await regulations.get_article(article.short_name, article.number, on)
            assert alone == article
        return [article.upcoming for article in in_force]

    assert await upcoming() == [None, COMING, None, COMING, None], "a space more is no change"
    assert await upcoming(COMING) == [later, None, None, None]
    assert await upcoming(later) == [None] * 4
    clock.advance(days=10)
    assert (await regulations.get_article(SAMPLE_LAW, FIRST)).upcoming == later


async def test_a_day_before_every_loaded_version_is_said_to_be_so(regulations: Regulations, empty_database: Database) -> None:
    await write_law(empty_database, articles("一。"))
    with pytest.raises(NoVersionInForce) as missing:
        await regulations.get_article(SAMPLE_LAW, FIRST, on=dt.date(2025, 12, 31))
    assert (missing.value.on, missing.value.loaded) == (dt.date(2025, 12, 31), (IN_FORCE,))
    assert (missing.value.article_count, missing.value.short_name) == (0, SAMPLE_LAW)


async def test_a_text_older_than_the_one_the_register_knows_is_never_taken_for_the_one_in_force(
    regulations: Regulations, empty_database: Database
) -> None:
    await regulations.load_register()
    law, then = "药品管理法实施条例", dt.date(2025, 1, 20)
    report = await regulations.import_text(order("旧。", title=None, name=law, effective=then))
    known = dt.date(2026, 5, 15)
    assert report.superseded_on == known
    summary = next(s for s in await regulations.list_regulations() if s.short_name == law)
    assert (summary.is_loaded, summary.effective) == (False, known)
    assert await regulations.articles_in_force() == []
    with pytest.raises(NoVersionInForce) as missing:
        await regulations.get_article(law, FIRST)
    assert missing.value.loaded == (then,)
    assert (await regulations.get_article(law, FIRST, on=known - dt.timedelta(days=1))).text == "旧。"
    assert [a.text for a in await regulations.articles_in_force(then)] == ["旧。"]

    assert (await regulations.import_text(order("新。", title=None, name=law, effective=known))).superseded_on is None
    assert (await regulations.get_article(law, FIRST)).text == "新。"


async def test_the_last_two_versions_are_compared_unless_days_are_named(
    regulations: Regulations, empty_database: Database
) -> None:
    days = [dt.date(2020, 1, 1), dt.date(2022, 1, 1), dt.date(2027, 1, 1)]
    for day, text in zip(days, ("旧。", "中。", "新。"), strict=True):
        await write_law(empty_database, articles(text, "同。"), effective=day, version_label=text)

    async def compared(*on: dt.date | None) -> tuple[str, str]:
        found = await regulations.diff("法规样例", *on)
        assert [(c.number, c.kind) for c in found.changes] == [(FIRST, ChangeKind.CHANGED)]
        return found.old.label, found.new.label

    assert await compared() == ("中。", "新。")
    assert await compared(days[0]) == ("旧。", "新。")
    assert await compared(dt.date(2021, 6, 1), dt.date(2023, 1, 1)) == ("旧。", "中。")
    assert await compared(None, days[1]) == ("旧。", "中。")
    assert await compared(days[1], days[0]) == ("中。", "旧。"), "back in time too"
    for nothing in ((days[2], days[2]), (None, days[0]), (dt.date(2019, 1, 1), None), (None, dt.date(2019, 1, 1))):
        with pytest.raises(VersionsMissing) as missing:
            await regulations.diff(SAMPLE_LAW, *nothing)
        assert missing.value.loaded == tuple(days)
    with pytest.raises(RegulationNotFound):
        await regulations.diff("锦鲤法")


async def test_articles_between_others_are_kept_apart(regulations: Regulations) -> None:
    between = ArticleText(ArticleNumber(1, 1), "第一章 总则", "第一节 池", ("之一。",))
    text = LawText(NAME, (*articles("一。"), between, *articles("一。", "二。")[1:]))
    await regulations.import_text(ImportOrder(text, "tests", name=NAME, effective=IN_FORCE))
    found = await regulations.get_article(SAMPLE_LAW, ArticleNumber(1, 1))
    assert (found.label, found.text, found.chapter, found.section) == ("第一条之一", "之一。", "第一章 总则", "第一节 池")
    assert [a.label for a in await regulations.articles_in_force()] == ["第一条", "第一条之一", "第二条"]
