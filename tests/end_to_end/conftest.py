"""Where the browser comes from."""

import os

import pytest

from tests.end_to_end.browser import CHROMIUM_NAMES, find_chromium


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; without one the test is skipped, or fails where YUSHI_BROWSER=required says there must be one."""
    found = find_chromium()
    if found is None:
        reason = f"no Chromium found (looked for {', '.join(CHROMIUM_NAMES)})"
        (pytest.fail if os.environ.get("YUSHI_BROWSER") == "required" else pytest.skip)(reason)
    return found
