"""Conventions that hold for the whole repository. A failure says which file breaks which rule, and why there is one."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from question_bank.regulations.catalog import load_catalog
from question_bank.regulations.package_source import read_articles

ROOT = Path(__file__).parent.parent
MAX_LINES = 500
MAX_RUN = 40
"""Chinese characters that may be the same as in a statute, one after the other (punctuation and spaces not counted)."""

# In two parts each, so that this file does not hold them either.
REGISTRY_HOSTS = [".".join(parts) for parts in [
    ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("yarnpkg", "com"), ("npmmirror", "com"),
    ("tuna.tsinghua", "edu.cn"), ("mirrors.aliyun", "com"), ("mirrors.cloud.tencent", "com"), ("pypi.douban", "com"),
    ("conda.anaconda", "org"), ("proxy.golang", "org"), ("crates", "io"),
]]  # fmt: skip

TOP = {
    ".ci", ".gitignore", "LICENSE", "Makefile", "README.md", "admin", "benchmarks", "bot", "docs", "exam", "main.py",
    "pyproject.toml", "question_bank", "requirements-dev.txt", "requirements.txt", "tests",
}  # fmt: skip
FOLDERS = {
    "question_bank": {
        "commands",
        "companions",
        "content",
        "formats",
        "migrations",
        "quality",
        "questions",
        "regulations",
        "reviews",
        "search",
    },
    "exam": {"assessments", "attempts", "notices", "papers", "people", "practice", "results"},
    "bot": {"delivery", "dialogue", "telegram", "webchat"},
    "admin": {"api", "static", "templates", "views"},
}


@cache
def repository_files() -> tuple[str, ...]:
    """What git tracks, and what is about to be added."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: there is no list of the repository's files")
    return tuple(sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file()))


def texts() -> Iterator[tuple[str, str]]:
    """(path, text) of every file of the repository that is text."""
    for name in repository_files():
        try:
            yield name, (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def python_files(*folders: str) -> list[Path]:
    return [ROOT / name for name in repository_files() if name.endswith(".py") and (not folders or name.split("/")[0] in folders)]


def test_imports_point_down_only() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, (
        "An import breaks a contract of pyproject.toml. bot and admin may use exam, exam may use question_bank, never the other"
        " way round nor each other: so that rules are tested without a front end, and a front end can be replaced.\n"
        + done.stdout
    )


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_front_ends_hold_no_sql() -> None:
    reason = "a front end parses, calls a service and renders; of SQL it knows only the driver's errors"
    for path in python_files("bot", "admin"):
        for name in imported(path):
            is_sql = name.split(".")[0] in ("sqlalchemy", "sqlmodel") and not name.startswith("sqlalchemy.exc.")
            is_storage = re.match(r"(exam|question_bank)\.\w+\.storage\b", name)
            assert not is_sql, f"{path.relative_to(ROOT)} imports {name}: {reason}"
            assert not is_storage, f"{path.relative_to(ROOT)} imports {name}: {reason}"


def test_rules_use_the_standard_library_and_other_rules_only() -> None:
    for path in python_files("question_bank", "exam"):
        if path.name != "rules.py":
            continue
        for name in imported(path):
            top = name.split(".")[0]
            fits = top in sys.stdlib_module_names or top in ("question_bank", "exam")
            assert fits, f"{path.relative_to(ROOT)} imports {name}: rules are pure, so that they are tested without anything else"
            assert not re.search(r"\.(storage|tables|service)\b", name), (
                f"{path.relative_to(ROOT)} imports {name}: rules do no I/O"
            )


def test_no_python_file_is_longer_than_500_lines() -> None:
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    long = {name: length for name, length in lengths.items() if length > MAX_LINES}
    assert not long, f"past {MAX_LINES} lines there is a second noun in a file; give it one of its own: {long}"


def test_the_repository_holds_only_what_the_architecture_names() -> None:
    parts = [tuple(name.split("/")) for name in repository_files()]
    assert {path[0] for path in parts} <= TOP, (
        "code lives in one of the four packages; docs/architecture.md is the annotated tree"
    )
    for package, allowed in FOLDERS.items():
        folders = {path[1] for path in parts if path[0] == package and len(path) > 2}
        assert folders <= allowed, f"{package}/ has a folder per subject, and no common, utils, helpers, misc or manager"


def test_no_file_names_a_package_registry() -> None:
    found = [(name, host) for name, text in texts() for host in REGISTRY_HOSTS if host in text]
    assert not found, (
        f"where packages come from is for each machine to say (a mirror, an archive), not for the repository: {found}"
    )


def runs(text: str) -> Iterator[str]:
    """Every run of so many Chinese characters, whatever stands between them."""
    characters = "".join(re.findall(r"[\u4e00-\u9fff]", text))
    return (characters[i : i + MAX_RUN] for i in range(len(characters) - MAX_RUN + 1))


def test_no_file_holds_a_sentence_of_a_statute() -> None:
    titles = [facts.source_title or "" for facts in load_catalog() if facts.load_by_default]
    statutes = {run for _, articles in read_articles(titles) for article in articles for run in runs(article.text)}
    assert len(statutes) > 50_000
    for name, text in texts():
        copied = next((run for run in runs(text) if run in statutes), None)
        assert copied is None, (
            f"{name}: {copied}: statutes come from the installed package, corrected and dated, never from a file"
        )
