"""The activity log: written with the act, lost with it, chained, never changed."""

from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from ideas.activity.activity import Activity, Verb, advance, first_broken, read_on, record
from ideas.activity.version import (
    ChangedMeanwhile,
    ReasonNeeded,
    check_unchanged,
    keep_version,
    reason_for_change,
    versions_of,
)


def log_of(session):
    return session.scalars(select(Activity).order_by(Activity.id)).all()


def unprotect(session):
    """What an intruder with all rights on the database would do first."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        session.execute(text("DROP TRIGGER activity_no_update"))
        session.execute(text("DROP TRIGGER activity_no_delete"))


@pytest.fixture
def three_acts(session, campaign, alice, now):
    """Three acts of Alice on her campaign, after those of the fixtures."""
    for title in ("One", "Two", "Three"):
        record(
            session, Verb.CHANGED, campaign, by=alice, campaign_id=campaign.id, reason="Clearer",
            before={"title": "Zero"}, after={"title": title}, now=now,
        )  # fmt: skip
        session.commit()
    return log_of(session)[-3:]


def test_an_act_is_recorded_with_its_transaction(session, campaign, alice, now):
    seen = len(log_of(session))
    record(session, Verb.CLOSED, campaign, by=alice, campaign_id=campaign.id, after={"closes_at": now}, now=now)
    session.commit()

    activity = log_of(session)[seen]
    assert (activity.verb, activity.object_kind, activity.object_id) == (Verb.CLOSED, "campaign", campaign.id)
    assert (activity.actor_id, activity.campaign_id, activity.at) == (alice.id, campaign.id, now)
    assert activity.after == {"closes_at": str(now)}
    assert activity.before is None


def test_an_act_that_is_rolled_back_leaves_no_trace(session, campaign, alice, now):
    seen = len(log_of(session))
    record(session, Verb.CLOSED, campaign, by=alice, now=now)
    session.rollback()
    session.commit()

    assert len(log_of(session)) == seen


def test_an_act_of_a_savepoint_that_is_rolled_back_leaves_no_trace(session, campaign, alice, now):
    seen = len(log_of(session))
    record(session, Verb.CHANGED, campaign, by=alice, now=now)
    savepoint = session.begin_nested()
    record(session, Verb.CLOSED, campaign, by=alice, now=now)
    savepoint.rollback()
    with session.begin_nested():
        record(session, Verb.EXTENDED, campaign, by=alice, now=now)
    session.commit()

    assert [activity.verb for activity in log_of(session)[seen:]] == [Verb.CHANGED, Verb.EXTENDED]


def test_an_act_of_a_released_savepoint_is_lost_with_the_savepoint_around_it(session, campaign, alice, now):
    seen = len(log_of(session))
    outer = session.begin_nested()
    with session.begin_nested():
        record(session, Verb.CLOSED, campaign, by=alice, now=now)
    outer.rollback()
    session.commit()

    assert len(log_of(session)) == seen


def test_the_product_itself_can_act(session, campaign, now):
    record(session, Verb.CLOSED, campaign, by=None, now=now)
    session.commit()

    assert log_of(session)[-1].actor_id is None


def test_a_deleted_row_keeps_its_number_in_the_log(session, campaign, make_idea, charlie, now):
    idea = make_idea(campaign, charlie, "A bus on Sundays")
    number = idea.id
    session.delete(idea)
    record(session, Verb.DELETED, idea, by=charlie, now=now)
    session.commit()

    assert (log_of(session)[-1].object_kind, log_of(session)[-1].object_id) == ("idea", number)


@pytest.mark.parametrize("change", [update(Activity).values(reason="Other"), delete(Activity)])
def test_the_database_refuses_to_change_the_log(session, three_acts, change):
    with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
        session.execute(change)


def test_an_unchanged_log_is_whole(session, three_acts):
    assert first_broken(session) is None


@pytest.mark.parametrize(
    "values", [{"reason": "Other"}, {"actor_id": None}, {"after": {"title": "Four"}}, {"verb": Verb.CLOSED}]
)
def test_a_changed_row_is_found(session, three_acts, values):
    unprotect(session)
    session.execute(update(Activity).where(Activity.id == three_acts[1].id).values(values))
    session.expire_all()

    assert first_broken(session) == three_acts[1].id


def test_an_instant_of_any_zone_fits_when_it_is_read_in_another(session, campaign, alice, now):
    """The check called each log broken that the demo had begun: its instants are those of Paris."""
    record(
        session, Verb.CLOSED, campaign, by=alice, campaign_id=campaign.id, now=now.astimezone(ZoneInfo("Europe/Paris"))
    )
    session.commit()
    session.expire_all()
    assert log_of(session)[-1].at == now
    assert first_broken(session) is None


def test_a_missing_row_is_found(session, three_acts):
    unprotect(session)
    last = three_acts[2].id
    session.execute(delete(Activity).where(Activity.id == three_acts[1].id))

    assert first_broken(session) == last


def test_a_reader_goes_on_where_it_was(session, three_acts):
    advance(session, "tests", three_acts[0].id)
    assert [activity.id for activity in read_on(session, "tests", limit=1)] == [three_acts[1].id]
    advance(session, "tests", three_acts[1].id)
    assert [activity.id for activity in read_on(session, "tests", limit=9)] == [three_acts[2].id]
    assert read_on(session, "another", limit=1)[0].id < three_acts[1].id


def test_a_save_over_another_one_is_refused(campaign_with_version):
    check_unchanged(campaign_with_version, 4)
    check_unchanged(campaign_with_version, None)
    with pytest.raises(ChangedMeanwhile):
        check_unchanged(campaign_with_version, 3)


@pytest.fixture
def campaign_with_version(campaign):
    campaign.version = 4
    return campaign


def test_versions_are_read_latest_first(session, campaign_with_version, alice, now):
    row = campaign_with_version
    keep_version(session, row, object_id=row.id, content={"benefit": "A"}, by=None, now=now)
    row.version = 5
    keep_version(session, row, object_id=row.id, content={"benefit": "B"}, reason="Costs", by=alice, now=now)
    session.commit()

    found = versions_of(session, "campaign", row.id)[:2]
    assert [(version.number, version.content["benefit"], version.reason) for version in found] == [
        (5, "B", "Costs"),
        (4, "A", ""),
    ]


def test_a_change_of_something_published_needs_a_reason():
    assert reason_for_change(" Costs ") == "Costs"
    with pytest.raises(ReasonNeeded):
        reason_for_change(" ")
