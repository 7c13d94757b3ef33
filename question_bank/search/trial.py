"""What a snapshot answers, without writing anything, and how a lesson changes that over the evaluation questions."""

from collections.abc import Sequence
from dataclasses import dataclass

from question_bank.regulations.views import ArticleView
from question_bank.search.builder import Snapshot
from question_bank.search.evaluation import Case, Figures, Outcome, figures
from question_bank.search.lessons import Lesson
from question_bank.search.service import Hit

TOLERATED = 1
"""So many evaluation questions may lose their place by a lesson; more, and it is not kept unasked."""

DEPTH = 10


@dataclass(frozen=True)
class Given:
    """What a question gets: the best articles, and whether they are shown as an answer or only as nearest topics."""

    answered: bool
    confidence: float
    hits: tuple[Hit, ...] = ()


@dataclass(frozen=True)
class Trial:
    """A lesson tried out. `now` and `then` are what the question at hand gets without and with it.

    `better` and `worse` are evaluation questions whose first right article comes earlier or later with it.
    `answered_wrongly` is how many of those that the laws do not answer get an answer, before and after. `knows_meaning` is
    whether sentence vectors had a part in it.
    """

    lesson: Lesson
    question: str
    now: Given
    then: Given
    before: Figures
    after: Figures
    better: tuple[str, ...]
    worse: tuple[str, ...]
    answered_wrongly: tuple[int, int]
    knows_meaning: bool

    @property
    def lost(self) -> tuple[int, int]:
        """How many evaluation questions fewer have a right article first, and among the first five; negative for more."""
        count = self.before.n_answerable
        at_1 = round((self.before.hit_at_1 - self.after.hit_at_1) * count)
        return at_1, round((self.before.hit_at_5 - self.after.hit_at_5) * count)

    @property
    def is_harmful(self) -> bool:
        return max(self.lost) > TOLERATED


def give(snapshot: Snapshot, question: str, top: int = DEPTH) -> Given:
    """What is answered to a question by itself, decided as the search decides it. Blocking, milliseconds."""
    parsed = snapshot.reader.read(question)
    if parsed.small_talk is not None:
        return Given(False, 0.0)
    if parsed.references:
        wanted = [(reference.law, reference.number) for reference in parsed.references[:top]]
        loaded = (*snapshot.corpus.articles, *snapshot.corpus.others)
        places = {key: article for article in loaded if (key := (article.short_name, article.number)) in wanted}
        hits = tuple(_hit(snapshot, places[key], 1.0) for key in wanted if key in places)
        return Given(bool(hits), 1.0 if hits else 0.0, hits)
    is_unnamed = not parsed.laws and (parsed.unknown_law is not None or parsed.loose_numbers)
    if is_unnamed or any(not snapshot.register[law].is_loaded for law in parsed.laws):
        return Given(False, 0.0)
    ranking = snapshot.ranker.rank(parsed.topic, top, parsed.laws)
    hits = tuple(_hit(snapshot, entry.article, entry.score) for entry in ranking.entries)
    return Given(ranking.is_answer, ranking.confidence, hits)


def _hit(snapshot: Snapshot, article: ArticleView, score: float) -> Hit:
    return Hit(article, score, snapshot.digest_of(article), status=snapshot.register[article.short_name].status)


def run(snapshot: Snapshot, cases: Sequence[Case]) -> list[Outcome]:
    """What a snapshot gives for each case. Blocking, about two milliseconds a case."""
    outcomes = []
    for case in cases:
        given = give(snapshot, case.question)
        found = tuple((hit.article.short_name, hit.article.number) for hit in given.hits)
        outcomes.append(Outcome(case, found, given.confidence, given.answered))
    return outcomes


def compare(
    lesson: Lesson, question: str, snapshots: tuple[Snapshot, Snapshot], before: Sequence[Outcome], after: Sequence[Outcome]
) -> Trial:
    """Put the runs of two snapshots over the same cases side by side, and what both give for the question at hand."""
    places = [(b.case.question, b.rank or DEPTH + 1, a.rank or DEPTH + 1) for b, a in zip(before, after, strict=True)]
    now, then = (give(snapshot, question) for snapshot in snapshots)
    return Trial(
        lesson=lesson,
        question=question,
        now=now,
        then=then,
        before=figures(before),
        after=figures(after),
        better=tuple(text for text, was, becomes in places if becomes < was),
        worse=tuple(text for text, was, becomes in places if becomes > was),
        answered_wrongly=(_wrong(before), _wrong(after)),
        knows_meaning=snapshots[1].ranker.knows_meaning,
    )


def _wrong(outcomes: Sequence[Outcome]) -> int:
    return sum(outcome.answered and not outcome.case.gold for outcome in outcomes)
