"""Made-up law and questions: 样例法 is nobody's law, so tests may write what they like in it."""

import datetime as dt
from dataclasses import replace
from typing import Any

from question_bank.database import Database
from question_bank.questions.rules import Citation, Dimension, Level, Option, QuestionContent, QuestionType
from question_bank.regulations import storage
from question_bank.regulations.rules import ArticleNumber, ArticleText, RegulationFacts, RegulationStatus
from tests.fakes import START

SAMPLE_LAW = "样例法"


def facts(**changes: Any) -> RegulationFacts:
    """The register's entry of the made-up law 法规样例, in force since the beginning of 2026."""
    base = RegulationFacts(
        short_name=SAMPLE_LAW,
        name="中华人民共和国样例法",
        aliases=("法规样例",),
        issuer="样例机关",
        document_number=None,
        version_label="2026年公布",
        promulgated=None,
        effective=dt.date(2026, 1, 1),
        status=RegulationStatus.IN_FORCE,
        article_count=None,
    )
    return replace(base, **changes)


def articles(*texts: str, chapter: str | None = None) -> list[ArticleText]:
    """Articles 1, 2, 3 … of one paragraph each."""
    return [ArticleText(ArticleNumber(n), chapter, None, (text,)) for n, text in enumerate(texts, start=1)]


async def write_law(database: Database, texts: list[ArticleText], *, now: dt.datetime = START, **changes: Any) -> int:
    """Write one version of the made-up law as an import would; returns the regulation's id."""
    entry = facts(**changes)
    async with database.transaction() as session:
        regulation_id = await storage.upsert_regulation(session, entry)
        await storage.write_version(session, regulation_id, entry, texts, "tests", now)
    return regulation_id


def question(**changes: Any) -> QuestionContent:
    """A sound single choice question on article 45 of the Vaccine Administration Law; the first of four options is the key."""
    base = QuestionContent(
        type=QuestionType.SINGLE_CHOICE,
        level=Level.EASY,
        dimension=Dimension.KNOWLEDGE,
        topic="vaccination",
        stem="接种前要做什么？",
        options=(Option("核对", is_key=True), Option("签到", False, "不够。"), Option("拍照", False), Option("排队", False)),
        explanation="接种前要核对。",
        citations=(Citation("疫苗管理法", ArticleNumber(45), 2),),
    )
    return replace(base, **changes)
