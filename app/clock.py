"""The server's clock. Views and jobs read it once and hand the instant to the rules."""

from datetime import UTC, datetime


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)
