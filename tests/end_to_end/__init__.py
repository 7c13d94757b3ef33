"""The whole product, run as people run it: the command `yushi` in a process of its own, chats and browsers before it."""

import pytest

pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in ("candidates", "panel", "service", "story", "web_chats")))
