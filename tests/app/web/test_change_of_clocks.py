"""The night in which the clocks go back: an hour that comes twice is refused, and kept where it is stored."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from ideas.answers.debriefs.debrief import write_debrief
from ideas.answers.scheduled import confirmed_stamp, schedule_of, schedule_publication
from ideas.campaigns.audience import AudienceChoice, Stage, audience_of, choose_audience
from ideas.campaigns.people.team import Role, add_to_team
from ideas.campaigns.phases.phase import CampaignPhase, PhaseAct, stored_phases
from ideas.contest.contest import ContestText, contest_of, set_up_contest
from ideas.contest.entry import add_entries, begin_scoring
from ideas.contest.public_vote.public_vote import public_vote_of, set_public_vote
from ideas.spaces.audience import Audience
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.workshops.workshop import WorkshopText, announce_workshop
from tests.conftest import NOW

pytestmark = pytest.mark.one_database


def next_night():
    """The next first 02:30 that comes twice, in Paris in October or in Sydney in April, and its zone."""
    found = []
    for year in (NOW.year, NOW.year + 1):
        last_of_october, first_of_april = datetime(year, 10, 31, tzinfo=UTC), datetime(year, 4, 7, tzinfo=UTC)
        for zone, day in (("Europe/Paris", last_of_october), ("Australia/Sydney", first_of_april)):
            sunday = day - timedelta(days=(day.weekday() + 1) % 7)
            local = datetime.combine(sunday.date(), time(2, 30), tzinfo=ZoneInfo(zone))
            found.append((local.astimezone(UTC), zone))
    return min(one for one in found if one[0] > NOW + timedelta(days=2))


NIGHT, ZONE = next_night()


def typed(instant):
    return instant.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def shortlist(session, closed_campaign, make_ideas, charlie, alice, now):
    """Three entries; `set_up` of a contest whose scores are due at this instant."""
    ideas = make_ideas(closed_campaign, charlie, [{"body": body} for body in ("A bench", "A tree", "A bus")])

    def set_up(at=None):
        text = ContestText(criteria=[("Useful", 1)], only_shortlist=True, scores_due_at=at)
        contest = set_up_contest(session, closed_campaign, text=text, by=alice, now=now)
        add_entries(session, contest, [idea.id for idea in ideas], by=alice, now=now)
        return contest

    return set_up


# Each stores something that has this date. Gives the address of its form, what the form sends but for the version and
# the date, the field of the date, and how to read the stored date.


@pytest.fixture
def phases(session, make_campaign):
    def store(at):
        campaign = make_campaign(
            announced_at=None, opens_at=at - timedelta(days=9), closes_at=at + timedelta(days=9),
            debrief_due_at=at + timedelta(days=20),
        )  # fmt: skip
        end = at + timedelta(days=1)
        campaign.phases = stored_phases([CampaignPhase("Write", at, end, frozenset([PhaseAct.WRITE]))])
        sent = {"name_0": "Send ideas", "ends_at_0": typed(end), "write_0": "y"}
        read = lambda: campaign.phase_list[0].starts_at  # noqa: E731 -- one of a table
        return f"/campaigns/{campaign.id}/phases", sent, "starts_at_0", read

    return store


@pytest.fixture
def contest(session, closed_campaign, shortlist):
    def store(at):
        shortlist(at)
        sent = {"name_0": "Cheap", "weight_0": "1", "highest_score": "10", "only_shortlist": "shortlist"}
        sent |= {"several_winners": "one"}
        read = lambda: contest_of(session, closed_campaign).scores_due_at  # noqa: E731 -- one of a table
        return f"/campaigns/{closed_campaign.id}/contest", sent, "scores_due_at", read

    return store


@pytest.fixture
def scoring(session, closed_campaign, shortlist, contest, alice, charlie, now):
    def store(at):
        add_to_team(session, closed_campaign, charlie, role=Role.JURY, by=alice, now=now)
        address, _sent, field, read = contest(at)
        begin_scoring(session, contest_of(session, closed_campaign), by=alice, now=now)
        return address, {}, field, read

    return store


@pytest.fixture
def public_vote(session, closed_campaign, shortlist, alice, now):
    def store(at):
        shortlist()
        end = at + timedelta(days=3)
        set_public_vote(session, closed_campaign, choices=1, opens_at=at, closes_at=end, by=alice, now=now)
        sent = {"choices": "2", "closes_at": typed(end)}
        read = lambda: public_vote_of(session, closed_campaign).opens_at  # noqa: E731 -- one of a table
        return f"/campaigns/{closed_campaign.id}/public-vote/set-up", sent, "opens_at", read

    return store


@pytest.fixture
def audience(session, campaign, alice, now):
    def store(at):
        choice = AudienceChoice(Stage(Audience.INVITED), [Stage(Audience.PUBLIC, opens_at=at)])
        choose_audience(session, campaign, choice=choice, by=alice, now=now, change_reason="Start small")
        sent = {"audience_0": "invited", "audience_1": "members", "change_reason": "No visitors"}
        read = lambda: audience_of(session, campaign).later[0].opens_at  # noqa: E731 -- one of a table
        return f"/campaigns/{campaign.id}/audience", sent, "opens_1", read

    return store


@pytest.fixture
def workshop(session, alice, now):
    def store(at):
        space = create_space(session, text=SpaceText("Pioneers"), by=alice, now=now)
        text = WorkshopText("Sketching", "Room 4", at, at + timedelta(hours=9), "")
        workshop = announce_workshop(session, space, text=text, by=alice, now=now)
        sent = {"title": "Drawing", "place": "Room 5", "ends_at": typed(at + timedelta(hours=9))}
        address = f"/spaces/{space.id}/workshops/{workshop.id}/edit"
        return address, sent, "starts_at", lambda: workshop.starts_at

    return store


@pytest.fixture
def schedule(session, closed_campaign, make_theme, give_answer, alice, now):
    def store(at):
        give_answer(make_theme(closed_campaign))
        debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
        stamp = confirmed_stamp(session, closed_campaign)
        schedule_publication(session, debrief, publish_at=at, seen=stamp, told=1, by=alice, now=now)
        sent = {"confirmed": "y", "stamp": stamp, "told": "2"}
        read = lambda: schedule_of(session, closed_campaign).publish_at  # noqa: E731 -- one of a table
        return f"/campaigns/{closed_campaign.id}/debrief/schedule", sent, "publish_at", read

    return store


@pytest.fixture(params=["phases", "contest", "scoring", "public_vote", "audience", "workshop", "schedule"])
def form(request, session, alice, signed_in):
    """One of them: its post of this date, and the stored date."""
    alice.timezone = ZONE
    store = request.getfixturevalue(request.param)

    def open_form(at):
        address, sent, field, read = store(at)
        session.commit()
        browser = signed_in(alice)
        page = browser.get(address.replace("/schedule", "/write?step=publish")).text
        version = re.search(r'name="version"[^>]*value="(\d+)"', page)
        sent |= {"version": version[1]} if version else {}

        def stored():
            session.expire_all()
            return read()

        return (lambda written: browser.post(address, data=sent | {field: written})), stored

    return open_form


def test_an_hour_that_comes_twice_is_refused_in_each_form(form):
    at = NIGHT + timedelta(days=4)
    send, stored = form(at)
    refused = send(typed(NIGHT))
    assert refused.status_code == 422
    assert "02:30 comes twice on" in refused.text
    assert stored() == at


def test_the_first_of_two_such_hours_stays_when_its_form_is_sent_back(form):
    """Somebody of another zone chose it."""
    send, stored = form(NIGHT)
    answer = send(typed(NIGHT))
    assert answer.status_code == 303, answer.text
    assert stored() == NIGHT
