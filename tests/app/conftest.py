from collections.abc import Callable

import pytest
from sqlalchemy import Connection, event


@pytest.fixture
def count_queries(connection: Connection) -> Callable[[Callable[[], object]], int]:
    """How many times the database is asked while something is done."""

    def count(act: Callable[[], object]) -> int:
        asked = []

        def note(_connection, _cursor, statement, *_rest):
            asked.append(statement)

        event.listen(connection, "before_cursor_execute", note)
        act()
        event.remove(connection, "before_cursor_execute", note)
        return len(asked)

    return count
