"""All laws of the installed package: loaded once, never beside what the catalogue knows, and never taken for verified."""

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from question_bank.database import Database
from question_bank.regulations import package_source
from question_bank.regulations.catalog import load_catalog
from question_bank.regulations.loading import LoadedLaw
from question_bank.regulations.package_source import UNVERIFIED_LABEL, PackageLaw, read_package
from question_bank.regulations.rules import ArticleNotFound, ArticleNumber, ArticleText, RegulationStatus
from question_bank.regulations.service import Regulations
from question_bank.regulations.tables import Article, RegulationVersion
from question_bank.wiring import QuestionBank
from tests.fakes import FakeClock
from tests.question_bank.samples import SAMPLE_LAW, articles, write_law

FIRST = ArticleNumber(1)
DAY = dt.date(2020, 1, 1)


def law(name: str, *texts: str, effective: dt.date = DAY, is_repealed: bool = False) -> PackageLaw:
    return PackageLaw(name, "样例机关", DAY, effective, is_repealed, articles(*texts))


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> list[PackageLaw]:
    """What the package is made to hold in a test; the list may be changed."""
    held: list[PackageLaw] = []
    monkeypatch.setattr(package_source, "read_package", lambda: iter(held))
    return held


@pytest.fixture
def regulations(empty_database: Database, clock: FakeClock) -> Regulations:
    return Regulations(empty_database, clock)


async def versions(database: Database) -> list[tuple[str, dt.date, str]]:
    async with database.reading() as session:
        found = await session.scalars(select(RegulationVersion).order_by(RegulationVersion.id))
        return [(version.label, version.effective, version.source) for version in found]


async def test_a_law_of_the_package_is_loaded_as_not_verified(
    regulations: Regulations, empty_database: Database, package: list[PackageLaw]
) -> None:
    package.append(law("中华人民共和国锦鲤法", "一。", "二。"))
    heard: list[LoadedLaw] = []
    assert await regulations.load_package(heard.append) == 1
    assert heard == [LoadedLaw("锦鲤法", 2, None)]
    assert await versions(empty_database) == [(UNVERIFIED_LABEL, DAY, package_source.source_version())]
    summary = (await regulations.list_regulations())[0]
    assert (summary.short_name, summary.status, summary.version_label) == (
        "锦鲤法",
        RegulationStatus.UNVERIFIED,
        UNVERIFIED_LABEL,
    )
    assert (await regulations.get_article("锦鲤法", FIRST)).version_label == UNVERIFIED_LABEL
    assert await regulations.load_package(heard.append) == 0
    assert len(heard) == 1


async def test_laws_of_the_catalogue_are_left_to_it(regulations: Regulations, package: list[PackageLaw]) -> None:
    package.append(law("中华人民共和国药品管理法", "一。"))
    assert await regulations.load_package() == 0


async def test_a_text_with_a_gap_is_loaded_and_said_to_have_one(regulations: Regulations, package: list[PackageLaw]) -> None:
    broken = [ArticleText(ArticleNumber(n), None, None, ("甲。",)) for n in (1, 3)]
    package.append(PackageLaw("锦鲤法", "", DAY, DAY, False, broken))
    heard: list[LoadedLaw] = []
    await regulations.load_package(heard.append)
    assert heard == [LoadedLaw("锦鲤法", 2, ArticleNumber(2))]


async def test_short_names_stay_unique(regulations: Regulations, empty_database: Database, package: list[PackageLaw]) -> None:
    await write_law(empty_database, articles("一。"), short_name="锦鲤法", name="锦鲤的法", aliases=("池法",))
    package += [law("中华人民共和国锦鲤法", "二。"), law("中华人民共和国池法", "三。"), law("中华人民共和国水法样例", "四。")]
    await regulations.load_package()
    names = [summary.short_name for summary in await regulations.list_regulations()]
    assert names == ["锦鲤法", "中华人民共和国锦鲤法", "中华人民共和国池法", "水法样例"]


async def test_versions_of_one_law_are_versions_and_the_next_is_announced(
    regulations: Regulations, package: list[PackageLaw]
) -> None:
    coming = dt.date(2027, 1, 1)
    package += [law("锦鲤法", "旧。", "同。"), law("锦鲤法", "新。", "同。", effective=coming)]
    assert await regulations.load_package() == 2
    assert [(a.text, a.upcoming) for a in await regulations.articles_in_force()] == [("旧。", coming), ("同。", None)]
    assert len(await regulations.list_regulations()) == 1


async def test_a_repealed_law_can_be_looked_up_but_is_not_among_what_is_in_force(
    regulations: Regulations, package: list[PackageLaw]
) -> None:
    package.append(law("锦鲤法", "一。", is_repealed=True))
    await regulations.load_package()
    assert await regulations.articles_in_force() == []
    assert (await regulations.get_article("锦鲤法", FIRST)).version_label == UNVERIFIED_LABEL
    assert (await regulations.list_regulations())[0].status is RegulationStatus.SUPERSEDED


async def test_what_somebody_imported_is_neither_replaced_nor_doubled(
    regulations: Regulations, empty_database: Database, package: list[PackageLaw]
) -> None:
    await write_law(empty_database, articles("导入的。"), effective=DAY)
    package.append(law("中华人民共和国样例法", "数据包的。"))
    assert await regulations.load_package() == 0
    assert (await regulations.get_article(SAMPLE_LAW, FIRST)).text == "导入的。"


async def test_a_new_release_of_the_package_replaces_its_own_text(
    regulations: Regulations, empty_database: Database, package: list[PackageLaw], monkeypatch: pytest.MonkeyPatch
) -> None:
    package.append(law("锦鲤法", "错字。"))
    await regulations.load_package()
    package[0] = law("锦鲤法", "改正。")
    assert await regulations.load_package() == 0, "the same release says the same"
    monkeypatch.setattr(package_source, "source_version", lambda: f"{package_source.SOURCE_NAME} 9.9")
    assert await regulations.load_package() == 1
    assert (await regulations.get_article("锦鲤法", FIRST)).text == "改正。"
    assert len(await versions(empty_database)) == 1


# ---- the installed package itself ----


@pytest.fixture(scope="module")
def laws() -> list[PackageLaw]:
    return list(read_package())


def test_the_package_holds_its_laws_whole(laws: list[PackageLaw]) -> None:
    assert (len(laws), sum(len(law.articles) for law in laws)) == (378, 26_196)
    for law in laws:
        numbers = [article.number for article in law.articles]
        assert len(set(numbers)) == len(numbers), law.name
        assert all(article.paragraphs for article in law.articles), law.name
    days = [(law.name, law.effective) for law in laws]
    assert len(set(days)) == len(days), "one text a day, where the package gives two versions the same day"


def test_parts_that_are_no_articles_keep_what_they_are_called(laws: list[PackageLaw]) -> None:
    by_name = {law.name: law.articles for law in laws}
    amendment = by_name["中华人民共和国刑法修正案（三）"]
    assert [(a.number, a.label) for a in amendment[:2]] == [(ArticleNumber(1), "条目一"), (ArticleNumber(2), "条目二")]
    assert [a.label for a in by_name["中华人民共和国刑法修正案（十）"]] == ["全文"]
    assert {a.label for a in by_name["中华人民共和国刑法"]} >= {"第一百四十二条", "第一百四十二条之一"}
    quoting = next(law for law in laws if "罪行行使刑事管辖权" in law.name)
    assert [a.label for a in quoting.articles][:2] == ["条目一", "条目二"], "its labels are those of the treaties that it quotes"


def quiet_laws(laws: list[PackageLaw]) -> Iterator[PackageLaw]:
    ours = {facts.source_title for facts in load_catalog()}
    return (law for law in laws if law.name not in ours)


async def test_all_laws_of_the_package_can_be_loaded_and_quoted(
    database: Database, bank: QuestionBank, laws: list[PackageLaw]
) -> None:
    expected = list(quiet_laws(laws))
    heard: list[LoadedLaw] = []
    assert await bank.regulations.load_package(heard.append) == len(expected) == len(heard)
    async with database.reading() as session:
        assert (await session.scalars(select(func.count(Article.id)))).one() == 26_196
    assert {law.short_name: law.gap.label for law in heard if law.gap}["生态环境法典"] == "第一千一百二十条"
    in_force = await bank.regulations.articles_in_force()
    assert 23_000 < len(in_force) < 26_196, "older versions, coming ones and repealed laws are not in force"
    assert len({(a.short_name, a.number) for a in in_force}) == len(in_force)
    found = await bank.regulations.get_article("民法典", ArticleNumber(1260))
    assert (found.label, found.version_label) == ("第一千二百六十条", UNVERIFIED_LABEL)
    assert (await bank.regulations.get_article("刑法修正案（三）", FIRST)).label == "条目一"
    with pytest.raises(ArticleNotFound) as missing:
        await bank.regulations.get_article("民法典", ArticleNumber(1261))
    assert missing.value.article_count == 1260
    names = {name for s in await bank.regulations.list_regulations() for name in {s.short_name, s.name, *s.aliases}}
    assert len(names) == sum(len({s.short_name, s.name, *s.aliases}) for s in await bank.regulations.list_regulations())
