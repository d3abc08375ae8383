"""Ideas on three subjects, and runs made up by a test: fast, and with any result."""

from contextlib import contextmanager

import pytest
from sqlalchemy import event

from clustering.types import Leftover
from ideas.themes.theme import active_themes
from tests.runs import apply_run, found_theme, placed_idea, run_result

NAMES = {1: "Buses", 2: "Bicycles", 3: "Fares"}


@pytest.fixture
def ideas(make_idea, campaign, charlie):
    """Nine ideas: three on each of three themes."""
    return [make_idea(campaign, charlie, f"{NAMES[1 + number // 3]}, idea {number}") for number in range(9)]


@pytest.fixture
def found(ideas):
    """A run's result: `groups` maps a theme's number, in this run, to its ideas; the rest is left over."""

    def find(groups, *, alone=(), between=(), too_few=False, names=None, **facts):
        named = NAMES | (names or {})
        themes = [
            found_theme(
                number,
                name=named.get(number, f"Theme {number}"),
                phrases=[f"phrase {number}"],
                exemplars=[idea.id for idea in ideas[:1]],
                cohesion=0.5,
                x=0.1 * (number % 10),
                y=0.5,
            )
            for number, ideas in groups.items()
        ]
        near = [(number, 0.4) for number in groups][:2]
        placed = [
            placed_idea(
                idea.id, number, None, 0.9 - 0.1 * (place % 9), [(number, 0.9)], 0.2, 0.2, shared=[f"phrase {number}"]
            )
            for number, ideas in groups.items()
            for place, idea in enumerate(ideas)
        ]
        placed += [placed_idea(idea.id, None, Leftover.OUTLIER, 0.1, [], 0.3, 0.3) for idea in alone]
        placed += [placed_idea(idea.id, None, Leftover.AMBIGUOUS, 0.4, near, 0.4, 0.4) for idea in between]
        return run_result(themes, placed, too_few=too_few, **facts)

    return find


@pytest.fixture
def run(session, campaign, found, now):
    """Record a made-up run at once: see `found`."""

    def record(groups, *, at=now, **facts):
        return apply_run(session, campaign, found(groups, **facts), now=at)

    return record


@pytest.fixture
def themes(run, ideas, session, campaign):
    """Buses, bicycles, fares, with three ideas each."""
    run({1: ideas[:3], 2: ideas[3:6], 3: ideas[6:]})
    return active_themes(session, campaign)


@pytest.fixture
def statements(connection):
    """The SQL that is sent to the database while something is done."""

    @contextmanager
    def collect():
        asked = []

        def note(_connection, _cursor, statement, *_rest):
            asked.append(statement)

        event.listen(connection, "before_cursor_execute", note)
        yield asked
        event.remove(connection, "before_cursor_execute", note)

    return collect
