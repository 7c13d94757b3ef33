"""Use cases on the question bank: load the shipped content, read versions, the pool for papers, counts."""

from collections import Counter
from collections.abc import Container, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from question_bank.database import AsyncSession, Clock, Database, Turn
from question_bank.questions import storage
from question_bank.questions.content import CONTENT_FOLDER, ContentError, Entry, load_content
from question_bank.questions.rules import PoolEntry, QuestionState, StoredQuestion
from question_bank.regulations.rules import ArticleNumber
from question_bank.regulations.service import Regulations

SHIPPED_AUTHOR = "yushi"
_CACHE_SIZE = 20_000


@dataclass(frozen=True)
class BankStats:
    """Counts of questions. `by_article` has keys such as 疫苗管理法第四十五条."""

    total: int
    by_law: dict[str, int]
    by_type: dict[str, int]
    by_level: dict[str, int]
    by_state: dict[str, int]
    by_article: dict[str, int]


class Questions:
    """The question bank. Versions never change once written, so they are kept in memory after the first read."""

    def __init__(self, database: Database, regulations: Regulations, clock: Clock) -> None:
        self._database = database
        self._regulations = regulations
        self._clock = clock
        self._versions: dict[int, StoredQuestion] = {}

    async def load_shipped(self, folder: Path = CONTENT_FOLDER) -> int:
        """Write new and changed shipped questions as published versions; returns how many. Idempotent by content key.

        Raises ContentError when a question cites a law outside the register, or an article its loaded text lacks;
        nothing is written then.
        """
        entries = load_content(folder)
        async with self._database.reading() as session:
            changed = await _changed(session, entries)
            laws = await storage.regulation_ids(session)
        if not changed:
            return 0
        await self._check_citations(changed, laws)
        async with self._database.transaction() as session:
            await self._database.take_turn(session, Turn.LOAD)
            changed = await _changed(session, changed)  # another process may have been first
            for key, entry in changed.items():
                await storage.write_version(
                    session,
                    key,
                    entry.content,
                    laws,
                    state=QuestionState.PUBLISHED,
                    author=SHIPPED_AUTHOR,
                    reason="shipped content",
                    now=self._clock(),
                )
        return len(changed)

    async def _check_citations(self, entries: dict[str, Entry], laws: Container[str]) -> None:
        articles = {(a.short_name, a.number): len(a.paragraphs) for a in await self._regulations.articles_in_force()}
        loaded = {law for law, _ in articles}
        for key, entry in entries.items():
            for cited in entry.content.citations:
                if cited.law not in laws:
                    raise ContentError(f"{entry.file}: {key}: unknown regulation {cited.law}")
                paragraph = cited.paragraph or 1
                if cited.law in loaded and paragraph > articles.get((cited.law, cited.article), 0):
                    raise ContentError(f"{entry.file}: {key}: {cited.law} has no {cited.article.label} paragraph {paragraph}")

    async def get_versions(self, version_ids: Iterable[int], session: AsyncSession | None = None) -> dict[int, StoredQuestion]:
        """The versions with these ids, by id. Inside a transaction give its session, so that no second connection is held."""
        wanted = set(version_ids)
        if len(self._versions) > _CACHE_SIZE:
            self._versions.clear()
        if missing := wanted - self._versions.keys():
            async with nullcontext(session) if session else self._database.reading() as reading:
                self._versions.update(await storage.read_versions(reading, missing))
        return {version_id: self._versions[version_id] for version_id in wanted}

    async def get_version(self, version_id: int, session: AsyncSession | None = None) -> StoredQuestion:
        """One version, shown as in review while it may not be drawn (see `list_questions`)."""
        found = (await self.get_versions([version_id], session))[version_id]
        async with nullcontext(session) if session else self._database.reading() as reading:
            held_back = await storage.questions_in_review(reading, self._regulations.today())
        return _held_back(found) if found.question_id in held_back else found

    async def pool(self, session: AsyncSession | None = None) -> list[PoolEntry]:
        """All published questions, ordered by content key: what papers are drawn from. See `get_versions` on `session`.

        A question that cites an article which an amendment changed is not drawn from that day until it is confirmed.
        """
        async with nullcontext(session) if session else self._database.reading() as reading:
            return await storage.list_pool(reading, self._regulations.today())

    async def pool_on_article(self, law: str, article: ArticleNumber, session: AsyncSession | None = None) -> list[PoolEntry]:
        """Those of the pool that cite an article, alone or among others."""
        async with nullcontext(session) if session else self._database.reading() as reading:
            pool = await self.pool(reading)
            versions = await self.get_versions((entry.version_id for entry in pool), reading)
        wanted = (law, article)
        return [e for e in pool if any((c.law, c.article) == wanted for c in versions[e.version_id].content.citations)]

    async def list_questions(self, law: str | None = None) -> list[StoredQuestion]:
        """All questions in their current version, in the order of their keys.

        A published one whose review is open and due is shown as in review: it is not drawn either.
        """
        async with self._database.reading() as session:
            ids = await storage.list_current_ids(session, law)
            found = await storage.read_versions(session, ids)
            held_back = await storage.questions_in_review(session, self._regulations.today())
        return [_held_back(found[i]) if found[i].question_id in held_back else found[i] for i in ids]

    async def stats(self) -> BankStats:
        questions = await self.list_questions()
        cited = [dict.fromkeys((c.law, c.article) for c in q.content.citations) for q in questions]
        articles = Counter(pair for pairs in cited for pair in pairs)
        return BankStats(
            total=len(questions),
            by_law=dict(Counter(law for pairs in cited for law in dict.fromkeys(law for law, _ in pairs))),
            by_type=dict(Counter(q.content.type.value for q in questions)),
            by_level=dict(Counter(q.content.level.value for q in questions)),
            by_state=dict(Counter(q.state.value for q in questions)),
            by_article={f"{law}{number.label}": articles[law, number] for law, number in sorted(articles)},
        )


def _held_back(question: StoredQuestion) -> StoredQuestion:
    return replace(question, state=QuestionState.IN_REVIEW) if question.state is QuestionState.PUBLISHED else question


async def _changed(session: AsyncSession, entries: dict[str, Entry]) -> dict[str, Entry]:
    """The entries that are new, or other than the current version of their question."""
    known = await storage.current_hashes(session)
    return {key: entry for key, entry in entries.items() if known.get(key) != entry.content.content_hash}
