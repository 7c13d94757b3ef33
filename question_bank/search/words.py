"""What texts are cut into for matching: words, pairs of characters, and pairs of sounds that survive a homophone."""

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import rjieba
import yaml

CONTENT_FOLDER = Path(__file__).parent.parent / "content"
_ALIKE_BEGINNINGS = {"zh": "z", "ch": "c", "sh": "s"}


@cache
def load_lexicon() -> dict[str, list[str]]:
    """Everyday word -> terms of the statutes, as shipped."""
    return dict(_read("lexicon.yaml"))


@cache
def load_fields() -> dict[str, list[str]]:
    """Short name of a law -> everyday words of its field."""
    return dict(_read("fields.yaml"))


@cache
def load_stopwords() -> frozenset[str]:
    """Words that say nothing of what a question is about."""
    return frozenset(_read("stopwords.yaml"))


def _read(name: str) -> Any:
    return yaml.load((CONTENT_FOLDER / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def words_of(text: str) -> list[str]:
    """Words for ranking: dictionary words as a search engine cuts them, and pairs of neighbouring characters."""
    words = [word for word in rjieba.cut_for_search(text) if len(word) > 1 and is_word(word)]
    pairs = [text[i : i + 2] for i in range(len(text) - 1) if is_chinese(text[i]) and is_chinese(text[i + 1])]
    return words + pairs


def sounds_of(text: str) -> list[str]:
    """Pairs of neighbouring syllables, toneless, with the beginnings and endings that people confuse made one.

    检康证 and 健康证 sound alike: both hold jiankan, kanzen.
    """
    from pypinyin import lazy_pinyin  # its dictionary takes 0.4 s to read: not when a process starts

    syllables = [_plain(syllable) for syllable in lazy_pinyin("".join(filter(is_chinese, text)))]
    return [first + second for first, second in pairwise(syllables)]


@cache
def _plain(syllable: str) -> str:
    beginning = _ALIKE_BEGINNINGS.get(syllable[:2])
    if beginning:
        syllable = beginning + syllable[2:]
    return syllable[:-1] if syllable.endswith("ng") else syllable


def content_words(text: str) -> list[str]:
    """The words that carry a question's meaning, each once."""
    words = dict.fromkeys(word for word in rjieba.cut(text) if is_word(word) and word not in load_stopwords())
    return [word for word in words if len(word) > 1] or list(words)


def is_word(word: str) -> bool:
    return any(is_chinese(c) or c.isalnum() for c in word)


def is_chinese(c: str) -> bool:
    return "\u4e00" <= c <= "\u9fff"
