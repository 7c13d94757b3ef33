"""Measures the search on questions whose right articles are known: the figures that the field uses, and nothing else.

hit@k: share of answerable questions with a right article among the first k. MRR@10: mean of 1/rank of the first right one,
0 beyond 10 (Manning, Raghavan, Schütze, ch. 8). AUC: how often an answerable question gets a higher confidence than one
that the laws do not answer (Hanley and McNeil 1982); ties count half.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from question_bank.regulations.rules import ArticleNumber

EVALUATION_PATH = Path(__file__).parent.parent / "content" / "evaluation.jsonl"
ArticleKey = tuple[str, ArticleNumber]


@dataclass(frozen=True)
class Case:
    """A question with the articles that answer it; none when the laws do not answer it."""

    id: str
    question: str
    gold: frozenset[ArticleKey]


@dataclass(frozen=True)
class Outcome:
    """What the search gave for one case: articles best first, its confidence, and whether it answered."""

    case: Case
    found: tuple[ArticleKey, ...]
    confidence: float
    answered: bool

    @property
    def rank(self) -> int | None:
        """The place of the first right article, from 1."""
        return next((i for i, key in enumerate(self.found, start=1) if key in self.case.gold), None)


@dataclass(frozen=True)
class Figures:
    n_answerable: int
    n_unanswerable: int
    hit_at_1: float
    hit_at_5: float
    mrr_at_10: float
    auc: float
    precision: float
    """Of the questions that were answered, the share that the laws answer."""
    recall: float
    """Of the questions that the laws answer, the share that were answered."""


def load_cases(path: Path = EVALUATION_PATH) -> list[Case]:
    """Cases of a file with a JSON object a line: id, question, gold (law, article and optionally suffix)."""
    cases = []
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        gold = frozenset((g["law"], ArticleNumber(g["article"], g.get("suffix", 0))) for g in entry["gold"])
        cases.append(Case(entry["id"], entry["question"], gold))
    return cases


def figures(outcomes: Sequence[Outcome]) -> Figures:
    """The figures over some outcomes, with both kinds of question among them."""
    answerable = [o for o in outcomes if o.case.gold]
    unanswerable = [o for o in outcomes if not o.case.gold]
    ranks = [o.rank for o in answerable]
    answered = [o for o in outcomes if o.answered]
    right = [o for o in answered if o.case.gold]
    return Figures(
        n_answerable=len(answerable),
        n_unanswerable=len(unanswerable),
        hit_at_1=_mean([rank == 1 for rank in ranks]),
        hit_at_5=_mean([rank is not None and rank <= 5 for rank in ranks]),
        mrr_at_10=_mean([1 / rank if rank is not None and rank <= 10 else 0.0 for rank in ranks]),
        auc=auc([o.confidence for o in answerable], [o.confidence for o in unanswerable]),
        precision=len(right) / len(answered) if answered else 0.0,
        recall=len(right) / len(answerable) if answerable else 0.0,
    )


def auc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Area under the ROC curve; 0.5 when one of the two is empty."""
    if not positives or not negatives:
        return 0.5
    above = np.subtract.outer(np.asarray(positives), np.asarray(negatives))
    return float(((above > 0) + 0.5 * (above == 0)).mean())


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else 0.0
