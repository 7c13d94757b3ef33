"""How many published questions there are by law and type, and a first proposal for a blueprint that they can fill."""

from collections.abc import Iterable

from question_bank.questions.rules import PoolEntry, QuestionType

PRESET_QUESTION_COUNT = 30
"""总局2019年第33号公告: at least 30 random questions a person."""

Counts = dict[str, dict[QuestionType, int]]
"""Law, then type, to a number of questions."""

_WEIGHTS = {QuestionType.SINGLE_CHOICE: 2, QuestionType.MULTIPLE_CHOICE: 1, QuestionType.TRUE_FALSE: 1}


def count_pool(pool: Iterable[PoolEntry]) -> Counts:
    """Published questions by law and type: laws with most questions first, every type present."""
    counts: Counts = {}
    for entry in pool:
        counts.setdefault(entry.law, dict.fromkeys(QuestionType, 0))[entry.type] += 1
    return dict(sorted(counts.items(), key=lambda item: (-sum(item[1].values()), item[0])))


def propose_counts(available: Counts, target: int = PRESET_QUESTION_COUNT) -> Counts:
    """Spread `target` questions evenly over the laws, half of them single choice, never more than there are."""
    proposal: Counts = {law: dict.fromkeys(QuestionType, 0) for law in available}
    for _ in range(target):
        room = {law: [t for t in QuestionType if proposal[law][t] < counts[t]] for law, counts in available.items()}
        laws = [law for law, types in room.items() if types]
        if not laws:
            break
        law = min(laws, key=lambda law: sum(proposal[law].values()))
        chosen = min(room[law], key=lambda type_: proposal[law][type_] / _WEIGHTS[type_])
        proposal[law][chosen] += 1
    return proposal
