"""Fits content/ranking.yaml on the tuning questions (never on the locked third) and says what cross-validation promises.

Order: multinomial logistic regression over articles (the log-likelihood that one of the right articles is chosen), on
standardised signals, with a small L2 penalty. Confidence: logistic regression on features of the best article, classes
weighted equally, on rankings made without the question's own fold. Plain gradient descent with Adam (Kingma and Ba 2015).
"""

import asyncio
from dataclasses import dataclass

import numpy as np
import yaml

from benchmarks.qa.world import opened_builder
from question_bank.search.builder import Snapshot
from question_bank.search.evaluation import Case, Outcome, figures, load_cases
from question_bank.search.ranking import RANKING_PATH, Features, best_features, combine

FOLDS = 4
LEXICAL = ("text", "lexicon", "text_sounds", "companions", "companion_sounds", "question")
TOPICS = ("has_companions", "law", "chapter", "liability")
SIGNALS = {
    "lexical": (*LEXICAL, *TOPICS),
    "meaning": ("text", "lexicon", "companions", "companion_sounds", "meaning", "passage", *TOPICS),
}
QUESTION = ("unknown_words", "unknown_sounds", "length")
CONFIDENCE = {
    "lexical": (*QUESTION, "companion_sounds", "companions", "text", "margin", "margin5"),
    "meaning": (*QUESTION, "companion_sounds", "margin", "margin5", "meaning", "passage", "mean_nearness"),
}


@dataclass
class Seen:
    """One case with its signals over all articles."""

    case: Case
    gold: list[int]
    signals: dict[str, np.ndarray]
    features: Features


def adam(gradient, size: int, steps: int = 500, rate: float = 0.05) -> np.ndarray:
    weights, m, v = np.zeros(size), np.zeros(size), np.zeros(size)
    for step in range(1, steps + 1):
        g = gradient(weights)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        weights -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    return weights


def fit_signals(seen: list[Seen], names: tuple[str, ...], penalty: float = 2e-3) -> dict[str, float]:
    x = np.stack([np.stack([s.signals[name] for name in names]) for s in seen])
    right = np.zeros((len(seen), x.shape[2]), bool)
    for i, s in enumerate(seen):
        right[i, s.gold] = True

    def gradient(weights: np.ndarray) -> np.ndarray:
        scores = np.einsum("kcn,c->kn", x, weights)
        p = np.exp(scores - scores.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        q = p * right
        q /= q.sum(1, keepdims=True) + 1e-12
        return np.einsum("kn,kcn->c", p - q, x) / len(seen) + penalty * weights

    return dict(zip(names, map(float, adam(gradient, len(names))), strict=True))


def fit_confidence(rows: list[Features], is_answerable: np.ndarray, names: tuple[str, ...]) -> dict[str, float]:
    x = np.array([[row[name] for name in names] for row in rows])
    mean, spread = x.mean(0), x.std(0) + 1e-9
    x1 = np.c_[(x - mean) / spread, np.ones(len(x))]
    share = is_answerable.mean()
    balance = np.where(is_answerable, 0.5 / share, 0.5 / (1 - share))

    def gradient(weights: np.ndarray) -> np.ndarray:
        p = 1 / (1 + np.exp(-x1 @ weights))
        return x1.T @ ((p - is_answerable) * balance) / len(x) + 1e-2 * np.r_[weights[:-1], 0]

    fitted = adam(gradient, len(names) + 1, steps=3000)
    weights = dict(zip(names, map(float, fitted[:-1] / spread), strict=True))
    return weights | {"bias": float(fitted[-1] - (fitted[:-1] * mean / spread).sum())}


def rank(seen: Seen, weights: dict[str, float]) -> tuple[np.ndarray, Features]:
    scores = combine(seen.signals, weights)
    order = np.argsort(-scores, kind="stable")[:10]
    return order, best_features(seen.signals, seen.features, scores, order)


def fit(name: str, seen: list[Seen], snapshot: Snapshot) -> dict[str, object]:
    answerable = [s for s in seen if s.gold]
    is_answerable = np.array([bool(s.gold) for s in seen])
    folds = np.random.default_rng(0).integers(0, FOLDS, len(seen))
    orders: list[np.ndarray] = [np.zeros(0)] * len(seen)
    rows: list[Features] = [{}] * len(seen)
    for fold in range(FOLDS):
        weights = fit_signals([s for s, f in zip(seen, folds, strict=True) if f != fold and s.gold], SIGNALS[name])
        for i in np.flatnonzero(folds == fold):
            orders[i], rows[i] = rank(seen[i], weights)
    confidences = np.zeros(len(seen))
    for fold in range(FOLDS):
        train = folds != fold
        weights = fit_confidence([r for r, t in zip(rows, train, strict=True) if t], is_answerable[train], CONFIDENCE[name])
        for i in np.flatnonzero(~train):
            confidences[i] = 1 / (1 + np.exp(-(weights["bias"] + sum(weights[n] * rows[i][n] for n in CONFIDENCE[name]))))
    # The threshold that tells both kinds apart best (Youden's J), by confidences that no question had a part in.
    candidates = np.unique(confidences)
    threshold = max(
        candidates, key=lambda t: (confidences[is_answerable] >= t).mean() - (confidences[~is_answerable] >= t).mean()
    )
    keys = [(a.short_name, a.number) for a in snapshot.corpus.articles]
    outcomes = [
        Outcome(s.case, tuple(keys[j] for j in order), float(c), bool(c >= threshold))
        for s, order, c in zip(seen, orders, confidences, strict=True)
    ]
    print(name, "cross-validated:", figures(outcomes))
    hard = [o for o in outcomes if o.case.id[0] != "C"]
    print(name, "of these, those of the evaluation set:", figures(hard))
    return {
        "signals": _rounded(fit_signals(answerable, SIGNALS[name])),
        "confidence": _rounded(fit_confidence(rows, is_answerable, CONFIDENCE[name])),
        "threshold": round(float(threshold), 3),
    }


def _rounded(weights: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in weights.items()}


async def main() -> None:
    cases = load_cases()
    fitted = {}
    async with opened_builder(with_model=True) as builder:
        snapshot = await builder.build()
        position = {(a.short_name, a.number): i for i, a in enumerate(snapshot.corpus.articles)}
        seen = []
        for case in cases:
            topic = snapshot.reader.read(case.question).topic
            seen.append(Seen(case, [position[key] for key in case.gold], *snapshot.ranker.signals(topic)))
        for name in ("lexical", "meaning"):
            if name == "meaning" and not snapshot.ranker.knows_meaning:
                raise SystemExit("the sentence model is not there: its weights cannot be fitted on this machine")
            fitted[name] = fit(name, seen, snapshot)
    head = "# Fitted by `python -m benchmarks.qa.fit` on content/evaluation.jsonl; not to be edited by hand.\n"
    RANKING_PATH.write_text(head + yaml.safe_dump(fitted, sort_keys=False), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
