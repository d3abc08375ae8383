"""Rows of a file beside the ideas that the campaign has."""

import pytest
from sqlalchemy import event, select, true

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import versions_of
from ideas.contributions.idea import Idea, submitted_ideas
from ideas.contributions.imports.importing import import_ideas
from ideas.contributions.imports.known import SameId
from ideas.contributions.imports.report import ImportReport
from ideas.contributions.imports.row import ImportRow
from ideas.search import read_query, search


def rows(*pairs: tuple[str, str]) -> list[ImportRow]:
    return [ImportRow(line=line, key=key, body=body) for line, (key, body) in enumerate(pairs, start=2)]


@pytest.fixture
def take(session, campaign, now):
    def take(*pairs: tuple[str, str], same_id: SameId = SameId.SKIP, **named) -> ImportReport:
        return import_ideas(session, campaign, rows(*pairs), same_id=same_id, now=now, **named)

    return take


def figures(report: ImportReport) -> tuple[int, int, int]:
    return report.added, report.known, report.changed


def test_the_same_identifier_and_text_are_known(take):
    take(("1", "A bus"))
    assert figures(take(("1", "A bus"))) == (0, 1, 0)


def test_the_same_identifier_with_another_text_is_a_third_figure(take):
    take(("1", "A bus"), ("2", "A lane"))
    assert figures(take(("1", "A bus"), ("2", "A tram"), ("3", "A ramp"))) == (1, 1, 1)


@pytest.mark.parametrize(
    ("same_id", "bodies"),
    [(SameId.SKIP, ["A bus"]), (SameId.ADD, ["A bus", "A tram"]), (SameId.REPLACE, ["A tram"])],
)
def test_what_becomes_of_it_is_chosen_and_a_second_time_changes_nothing(take, session, campaign, same_id, bodies):
    take(("1", "A bus"))
    for _ in range(2):
        take(("1", "A tram"), same_id=same_id)
        assert [idea.body for idea in session.scalars(submitted_ideas(campaign))] == bodies


def test_a_replaced_text_stays_readable_is_logged_and_found(take, session, campaign, alice):
    take(("1", "A bus"))
    take(("1", "A tram"), same_id=SameId.REPLACE, by=alice)
    session.commit()
    idea = session.scalars(select(Idea)).one()
    assert [version.content["body"] for version in versions_of(session, "idea", idea.id)] == ["A tram", "A bus"]
    logged = session.scalars(select(Activity).where(Activity.object_id == idea.id, Activity.verb == Verb.CHANGED)).one()
    assert logged.actor_id == alice.id
    assert list(search(session, Idea, read_query("tram"), where=true()).rows) == [idea]


def test_an_earlier_text_of_an_idea_is_known(take):
    take(("1", "A bus"))
    take(("1", "A tram"), same_id=SameId.REPLACE)
    assert figures(take(("1", "A bus"), same_id=SameId.REPLACE)) == (0, 1, 0)


def test_a_dry_run_replaces_nothing(take, session):
    take(("1", "A bus"))
    assert figures(take(("1", "A tram"), same_id=SameId.REPLACE, dry_run=True)) == (0, 0, 1)
    assert session.scalars(select(Idea.body)).one() == "A bus"


def test_a_row_that_was_taken_off_is_counted_and_left_out(session, campaign, now):
    report = import_ideas(session, campaign, [ImportRow(line=2, body="Spam", off=True)], now=now)
    assert (report.off, report.added, report.refused_total) == (1, 0, 0)
    assert session.scalar(select(Idea)) is None


def test_comparing_takes_a_constant_number_of_queries(take, connection):
    take(*((str(n), f"Idea {n}") for n in range(40)))
    seen = []
    event.listen(connection, "before_cursor_execute", lambda *_: seen.append(1))

    def cost(count: int) -> int:
        seen.clear()
        take(*((str(n), f"Other {n}") for n in range(count)), dry_run=True)
        return len(seen)

    assert cost(2) == cost(40)


def test_a_report_of_an_earlier_version_is_read():
    stored = {"added": 2, "known": 1, "refused_total": 0, "refused": []}
    assert ImportReport.from_json(stored) == ImportReport(added=2, known=1, refused=[], refused_total=0)
