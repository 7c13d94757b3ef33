"""Fixtures for tests that need an SQLite file itself."""

from pathlib import Path

import pytest

from tests.conftest import EMPTY


@pytest.fixture
def sqlite_path(tmp_path: Path, sqlite_templates: dict[str, Path]) -> Path:
    """A migrated SQLite file with nothing in it."""
    path = tmp_path / "yushi.db"
    path.write_bytes(sqlite_templates[EMPTY].read_bytes())
    return path
