"""What a test needs from outside: there, or a plain reason."""

import os
from typing import NoReturn

import pytest

REQUIRED = os.environ.get("REQUIRE_SERVICES") == "1"


def unavailable(reason: str) -> NoReturn:
    """Skip with a plain reason, or fail where every service must be there (REQUIRE_SERVICES=1)."""
    if REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)
