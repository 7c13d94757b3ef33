"""Prints how well questions are answered, and how fast, beside three baselines in the same run: `make bench-qa`.

On the locked third of the evaluation set, which no weight was fitted on and nobody looks at. With --tuning also on the other
two thirds (optimistic for us: weights were fitted on them).
"""

import asyncio
import gc
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.qa.baselines import TOP, Baseline, bm25, package_search, pairs, words
from benchmarks.qa.world import opened_bank, opened_builder, utc_now
from question_bank.search.evaluation import Case, Outcome, figures, load_cases
from question_bank.search.meaning import load_model
from question_bank.search.service import AnswerKind, Search
from question_bank.wiring import QuestionBank

HERE = Path(__file__).parent
LOCKED = HERE / "locked.jsonl"
GENERAL = HERE / "general_law.jsonl"
HEAD = f"{'':34}{'hit@1':>7}{'hit@5':>7}{'MRR@10':>8}{'AUC':>7}{'prec.':>7}{'recall':>7}{'p50 ms':>8}{'p99 ms':>8}"


def line(name: str, outcomes: Sequence[Outcome], times: Sequence[float], *, has_threshold: bool = True) -> str:
    f = figures(outcomes)
    threshold = f"{f.precision:7.3f}{f.recall:7.3f}" if has_threshold else f"{'–':>7}{'–':>7}"
    speed = f"{np.percentile(times, 50) * 1000:8.2f}{np.percentile(times, 99) * 1000:8.2f}"
    auc = f"{f.auc:7.3f}" if f.n_unanswerable else f"{'–':>7}"
    return f"{name:34}{f.hit_at_1:7.3f}{f.hit_at_5:7.3f}{f.mrr_at_10:8.3f}{auc}{threshold}{speed}"


async def ours(search: Search, cases: Sequence[Case]) -> tuple[list[Outcome], list[float], int]:
    """(outcomes, seconds, wrong versions) of whole answers as a chat gets them.

    The order of articles is judged whether or not the search would have answered, as for the baselines, which always do.
    """
    snapshot = await search.refresh()
    today = utc_now().date()
    in_force = {(a.short_name, a.number): a.effective for a in [*snapshot.corpus.articles, *snapshot.corpus.others]}
    outcomes, times, wrong_versions = [], [], 0
    for case in cases:
        began = time.perf_counter()
        answer = await search.ask(case.question, top=TOP)
        times.append(time.perf_counter() - began)
        parsed = snapshot.reader.read(case.question)
        ranked = snapshot.ranker.rank(parsed.topic, TOP, parsed.laws).entries
        articles = [hit.article for hit in answer.hits] or [entry.article for entry in ranked]
        wrong_versions += sum(a.effective != in_force[a.short_name, a.number] or a.effective > today for a in articles)
        found = tuple((a.short_name, a.number) for a in articles)
        outcomes.append(Outcome(case, found, answer.confidence, answer.kind is AnswerKind.FOUND))
    return outcomes, times, wrong_versions


def theirs(baseline: Baseline, cases: Sequence[Case]) -> tuple[list[Outcome], list[float]]:
    outcomes, times = [], []
    for case in cases:
        began = time.perf_counter()
        found, score = baseline(case.question)
        times.append(time.perf_counter() - began)
        outcomes.append(Outcome(case, found, score, answered=True))
    return outcomes, times


async def on_default_laws(cases: Sequence[Case], title: str) -> None:
    n = sum(bool(case.gold) for case in cases)
    print(f"\n{title}: {n} questions that the laws answer, {len(cases) - n} that they do not; 8 laws, 1228 articles\n{HEAD}")
    async with opened_builder(with_model=True):
        pass  # computes the vectors that are missing
    async with opened_bank() as (database, lexical):
        snapshot = await lexical.search.refresh()
        full = QuestionBank.build(database, utc_now, load_model)
        await full.search.refresh()
        for name, search in (("ours, with sentence vectors", full.search), ("ours, by words alone", lexical.search)):
            await ours(search, cases[:20])  # warm
            outcomes, times, wrong = await ours(search, cases)
            print(f"{line(name, outcomes, times)}   wrong versions: {wrong}")
        for name, baseline in {
            "BM25, pairs of characters": bm25(snapshot.corpus.articles, pairs),
            "BM25, jieba's words": bm25(snapshot.corpus.articles, words),
            "the package's own search": package_search("default", only_default_laws=True),
        }.items():
            theirs(baseline, cases[:20])
            print(line(name, *theirs(baseline, cases), has_threshold=False))


async def on_all_laws() -> None:
    """Speed and memory with every law of the package, and the order of articles on general questions of law."""
    cases = load_cases(GENERAL)
    async with opened_bank("all") as (_, bank):
        await bank.regulations.load_package()
        gc.collect()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        snapshot = await bank.search.refresh()
        built = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        count = len(snapshot.corpus.articles) + len(snapshot.corpus.others)
        print(f"\nall laws: {count} articles in force, built in {built:.1f} s, {(after - before) / 1024:.0f} MB more\n{HEAD}")
        short = {r.name: r.short_name for r in await bank.regulations.list_regulations()}
        mapped = [Case(c.id, c.question, frozenset((short.get(law, law), number) for law, number in c.gold)) for c in cases]
        await ours(bank.search, mapped[:20])
        outcomes, times, _ = await ours(bank.search, mapped)
        print(line("ours, by words alone", outcomes, times))
    package = package_search("all", only_default_laws=False)
    theirs(package, cases[:5])
    there, their_times = theirs(package, cases)
    print(line("the package's own search", there, their_times, has_threshold=False))
    print(f"times as fast (p50): {np.percentile(their_times, 50) / np.percentile(times, 50):.1f}")


async def main() -> None:
    await on_default_laws(load_cases(LOCKED), "the locked third")
    if "--tuning" in sys.argv:
        await on_default_laws(load_cases(), "the tuning two thirds")
    if GENERAL.exists():
        await on_all_laws()


if __name__ == "__main__":
    asyncio.run(main())
