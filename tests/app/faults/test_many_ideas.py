"""A campaign of very many ideas: its pages, also deep ones, come in time and ask as much as those of a few.

As many as `IDEAS` says: `make checks` tries a hundred thousand, which take a minute to write.
"""

import gc
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Text, cast, func, insert, literal, select, text

from ideas.contributions.idea import Idea
from ideas.contributions.vote import Vote
from ideas.desk.table import COLUMNS
from ideas.people.person import Person
from ideas.recognition.standing import Board
from ideas.search import index_of
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme
from ideas.words import index_tokens
from tests.effort import slowness

pytestmark = pytest.mark.slow
FEW, MANY = 100, int(os.environ.get("IDEAS", "5000"))
EACH = 5  # ideas of a person
THEMES = max(20, MANY // 500)
BODY = "A bus on Sunday"
MAX_SECONDS = 0.3


@pytest.fixture
def write(session, campaign, make_theme, now):
    """Add so many ideas by a fifth as many people, each placed in a theme and supported once."""
    themes = [make_theme(campaign, f"Theme {number}", bodies=[f"Bus {number}"]) for number in range(THEMES)]
    first_theme = themes[0].id
    at = literal(now - timedelta(days=2))

    def last(model):
        return session.scalar(select(func.max(model.id))) or 0

    def add(model, rows, **values):
        session.execute(insert(model).from_select(list(values), select(*values.values()).select_from(rows)))

    def write(count):
        people, ideas = last(Person), last(Idea)
        rows = select(literal(1).label("n")).cte(recursive=True)
        rows = rows.union_all(select(rows.c.n + 1).where(rows.c.n < count))
        some = select((rows.c.n + people).label("id")).where(rows.c.n <= count // EACH).subquery()
        address = cast(some.c.id, Text) + "@example.org"
        add(Person, some, id=some.c.id, name=address, email=address, created_at=at, verified_at=at)
        idea, author = rows.c.n + ideas, people + 1 + rows.c.n % (count // EACH)
        about = {"campaign_id": literal(campaign.id)}
        sent = dict.fromkeys(("created_at", "updated_at", "submitted_at"), at)
        add(Idea, rows, id=idea, author_id=author, body=literal(BODY), **about, **sent)
        add(index_of(Idea), rows, id=idea, words=cast(literal(index_tokens(BODY)), index_of(Idea).c.words.type))
        add(Placement, rows, idea_id=idea, theme_id=first_theme + rows.c.n % THEMES, **about)
        add(Vote, rows, idea_id=idea, person_id=people + 1 + (rows.c.n + 1) % (count // EACH), created_at=at)
        session.execute(text("ANALYZE"))  # as a database in use does by itself
        session.commit()

    return write


@pytest.fixture
def computing(session):
    """How long this process, and the one of PostgreSQL that answers it, have computed: what others do is not counted.

    PostgreSQL uses no other processes meanwhile, so that all it does is counted. On another machine it is timed.
    What tests before this one left is not looked through for garbage: that takes as long as a page may.
    """
    gc.collect()
    gc.freeze()
    yield _clock(session)
    gc.unfreeze()


def _clock(session):
    if session.get_bind().dialect.name == "sqlite":
        return time.process_time
    session.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))
    session.commit()
    server = Path(f"/proc/{session.scalar(text('SELECT pg_backend_pid()'))}")
    if not (server / "schedstat").exists() or b"postgres" not in (server / "cmdline").read_bytes():
        return time.perf_counter
    return lambda: time.process_time() + int((server / "schedstat").read_text().split()[0]) / 1e9


def pages(session, campaign, count):
    """The addresses of each kind of page; deep ones begin behind a twentieth of the ideas, two twentieths and so on."""
    home, columns = f"/campaigns/{campaign.id}", "&".join(f"col={column}" for column in COLUMNS)
    last = session.scalar(select(func.max(Idea.id)))
    deep = [f"after={place}-{place}" for place in (last - step * count // 20 - 10 for step in range(20))]
    boards = [f"{home}/standing?board={board}" for board in Board if board is not Board.GROUPS]
    middle = session.scalar(select(func.max(Person.id))) - count // EACH // 2
    theme = session.scalar(select(func.min(Theme.id)))
    return {
        "list": [f"{home}/ideas?{place}" for place in deep],
        "search": [f"{home}/ideas?containing=bus&{place}" for place in ("", *deep[::5])],
        "search everywhere": ["/search?containing=bus"],
        "standings": [*boards, *(f"{board}&period=all&after=1-{middle}" for board in boards)],
        "desk": [
            *(f"{home}/themes/table{asked}" for asked in ("", f"?{columns}")),
            *(f"{home}/{page}" for page in ("reading", "themes/search?containing=bus", f"themes/{theme}")),
        ],
    }


def test_each_page_of_very_many_ideas_comes_in_time(
    session, campaign, write, computing, client, signed_in, alice, count_queries
):
    """95 % of each kind. Those of the few are asked for first, which compiles the templates."""
    browser = signed_in(alice)

    def ask(count):
        """How many queries each page takes; the seconds of each, by their kind."""
        write(count)
        queries, seconds = [], {}
        for kind, addresses in pages(session, campaign, count).items():
            for address in addresses:
                began = computing()
                queries.append(count_queries(lambda address=address: answers.append(browser.get(address))))
                seconds.setdefault(kind, []).append((round((computing() - began) / slowness(), 3), address))
                assert answers[-1].status_code == 200, address
                assert kind not in {"list", "search"} or "bus" in answers[-1].text.lower(), address
        return queries, seconds

    answers = []
    few, _ = ask(FEW)
    many, seconds = ask(MANY)
    assert session.scalar(select(func.count()).select_from(Idea)) == FEW + MANY + THEMES
    assert [max(both) for both in zip(few, many, strict=True)] == few, "not one query more for any page"
    slowest = {kind: sorted(times)[(len(times) * 19 - 1) // 20] for kind, times in seconds.items()}
    assert {kind: one for kind, one in slowest.items() if one[0] > MAX_SECONDS} == {}, seconds
    assert client.get(f"/campaigns/{campaign.id}").status_code == 200
