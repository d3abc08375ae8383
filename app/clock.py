"""The server's clock. Views and jobs read it and pass the instant to the functions of ideas/."""

from datetime import UTC, datetime


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)
