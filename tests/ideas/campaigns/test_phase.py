"""Phases say what may be done when, by the server's clock; once promised, a change is a version with its reason."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ideas.activity.version import ChangedMeanwhile, ReasonNeeded
from ideas.campaigns.campaign import GateItem, launch_gate
from ideas.campaigns.earlier import history
from ideas.campaigns.phases.edit import (
    PhaseEndsBeforeStart,
    PhaseIsPast,
    PhaseOutside,
    PhasesAfterDebrief,
    PhasesEndPast,
    PhasesOverlap,
    set_phases,
)
from ideas.campaigns.phases.phase import CampaignPhase, PhaseAct, stored_phases
from ideas.campaigns.promise import NAMES, CampaignText, close_now, write_campaign
from ideas.campaigns.reminder import record_reminders
from ideas.contributions.comment import CommentsClosedInPhase, add_comment
from ideas.contributions.draft import submit_idea
from ideas.contributions.idea import IdeaFixedInPhase, restore_idea, revise_idea, withdraw_idea
from ideas.contributions.vote import VotesClosedInPhase, cast_vote, withdraw_vote

DAY = timedelta(days=1)
WRITE, SUPPORT, COMMENT = PhaseAct
EVERYTHING = frozenset(PhaseAct)


@pytest.fixture
def phases(now):
    """Ideas for five days, a day without anything, support until the closing, then the decision."""
    start = now.replace(second=0) - DAY
    return [
        CampaignPhase("Ideas", start, start + 5 * DAY, frozenset({WRITE, COMMENT})),
        CampaignPhase("Support", start + 6 * DAY, start + 8 * DAY, frozenset({SUPPORT})),
        CampaignPhase("Decision", start + 8 * DAY, start + 10 * DAY, frozenset()),
    ]


@pytest.fixture
def phased(session, make_campaign, phases, alice, now):
    """Announced with these phases, which its team set while it was a draft."""
    campaign = make_campaign(announced_at=None)
    set_phases(session, campaign, phases, by=alice, now=now)
    campaign.announced_at = now - DAY
    session.commit()
    return campaign


def test_phases_that_moved_out_of_the_dates_keep_a_draft_from_being_announced(session, make_campaign, alice, now):
    """They move with the opening by the clocks of the site, whatever the season."""
    draft = make_campaign(announced_at=None)
    paris = ZoneInfo("Europe/Paris")
    draft.opens_at = datetime(2031, 3, 1, 9, tzinfo=paris)
    draft.closes_at, draft.debrief_due_at = draft.opens_at + 60 * DAY, draft.opens_at + 90 * DAY
    first = CampaignPhase("Ideas", draft.opens_at, draft.opens_at + 20 * DAY, frozenset({WRITE}))
    draft.phases = stored_phases([first])
    assert launch_gate(draft, now=now) == []
    text = CampaignText(**{name: getattr(draft, name) for name in NAMES})
    later = replace(text, opens_at=datetime(2031, 4, 20, 9, tzinfo=paris))
    write_campaign(session, draft, text=later, by=alice, now=now, zone=paris)
    assert [one.starts_at.astimezone(paris).hour for one in draft.phase_list] == [9]
    assert launch_gate(draft, now=now) == [GateItem.PHASES]


def test_each_act_is_taken_in_its_phase_alone(session, phased, phases, make_idea, alice, bob, charlie, now):
    """Nothing is lost: what is written in another phase is a draft."""
    idea, other = make_idea(phased, charlie, "One click"), make_idea(phased, bob, "Two clicks")

    def taken(at):
        return [act.value for act in PhaseAct if phased.takes(act, at)]

    start = phases[0].starts_at
    assert taken(now) == ["write", "comment"]
    assert taken(start - timedelta(minutes=1)) == []
    assert taken(start + 5 * DAY) == [], "between two phases, and at the instant of the end"
    assert taken(start + 6 * DAY) == ["support"]
    assert taken(start + 8 * DAY) == [], "the campaign is closed by now, or the decision is taken"
    assert taken(start + 10 * DAY) == ["comment"], "after the last one as without phases, until the debrief"
    later = start + 7 * DAY
    with pytest.raises(VotesClosedInPhase):
        cast_vote(session, other, by=charlie, now=now)
    cast_vote(session, other, by=charlie, now=later)
    with pytest.raises(VotesClosedInPhase):
        withdraw_vote(session, other, by=charlie, now=now)
    revise_idea(session, idea, by=charlie, title="", body="One click, no more", now=now)
    with pytest.raises(IdeaFixedInPhase):
        revise_idea(session, idea, by=charlie, title="", body="Other", now=later)
    withdraw_idea(session, idea, by=charlie, now=later)
    with pytest.raises(IdeaFixedInPhase):
        restore_idea(session, idea, by=charlie, now=later)
    restore_idea(session, idea, by=charlie, now=now)
    assert submit_idea(session, phased, author=charlie, title="", body="Too late", now=later).submitted_at is None
    assert submit_idea(session, phased, author=charlie, title="", body="In time", now=now).submitted_at is not None
    add_comment(session, idea, author=bob, body="The team answers", now=later)
    with pytest.raises(CommentsClosedInPhase):
        add_comment(session, other, author=charlie, body="And then?", now=later)
    add_comment(session, other, author=charlie, body="And then?", now=now)
    assert phased.takes_until(WRITE, now) == start + 5 * DAY
    assert phased.takes_until(SUPPORT, later) == phases[1].ends_at


def test_a_change_of_what_is_promised_is_a_version_with_its_reason(session, phased, phases, alice, now):
    seen = phased.version
    longer = [phases[0], CampaignPhase("Support", phases[1].starts_at, phases[1].ends_at - DAY, EVERYTHING), phases[2]]
    with pytest.raises(ReasonNeeded):
        set_phases(session, phased, longer, by=alice, now=now)
    set_phases(session, phased, longer, by=alice, now=now, seen=seen, change_reason="A holiday")
    with pytest.raises(ChangedMeanwhile):
        set_phases(session, phased, phases, by=alice, now=now, seen=seen, change_reason="Again")
    set_phases(session, phased, phases, by=alice, now=now, change_reason="As first said")
    saves = history(session, phased)
    assert [(save.reason, [change.name for change in save.changes]) for save in saves] == [
        ("As first said", ["phases"])
    ]
    assert saves[0].changes[0].before == longer
    renamed = [CampaignPhase("Talk", phases[0].starts_at, phases[0].ends_at, phases[0].may), *phases[1:]]
    shorter = [CampaignPhase("Ideas", phases[0].starts_at, now + DAY, phases[0].may), *phases[1:]]
    for past in (renamed, phases[1:]):
        with pytest.raises(PhaseIsPast):
            set_phases(session, phased, past, by=alice, now=now, change_reason="No")
    set_phases(session, phased, shorter, by=alice, now=now, change_reason="Enough ideas")
    phased.debriefed_at = now
    with pytest.raises(PhasesAfterDebrief):
        set_phases(session, phased, phases, by=alice, now=now, change_reason="No")


def test_phases_can_still_be_edited_after_an_early_close(session, phased, phases, make_idea, alice, bob, charlie, now):
    """What was taken until then stays as it was; phases of the open campaign refuse no comment after it."""
    idea = make_idea(phased, charlie, "One click")
    closed = now + timedelta(minutes=20, seconds=17)
    close_now(session, phased, reason="Enough ideas", by=alice, now=closed)
    ideas, support, decision = phases
    later = support.starts_at + DAY
    assert phased.takes(COMMENT, later), "the phase was for support alone, which is over"
    assert not phased.takes(COMMENT, decision.starts_at)
    add_comment(session, idea, author=bob, body="And then?", now=later)
    longer = CampaignPhase("Decision", decision.starts_at, decision.ends_at + DAY, decision.may)
    reason = {"by": alice, "now": later, "change_reason": "A holiday"}
    for past in ([CampaignPhase("Talk", ideas.starts_at, closed, ideas.may), longer], [support, longer]):
        with pytest.raises(PhaseIsPast):
            set_phases(session, phased, past, **reason)
    extended = CampaignPhase("Support", support.starts_at, support.ends_at + timedelta(hours=1), support.may)
    with pytest.raises(PhaseOutside):
        set_phases(session, phased, [ideas, extended], **reason)
    set_phases(session, phased, [ideas, support, longer], **reason)
    set_phases(session, phased, [CampaignPhase("Ideas", ideas.starts_at, closed, ideas.may), longer], **reason)
    assert [one.name for one in phased.phase_list] == ["Ideas", "Decision"]


def test_the_first_phases_of_an_open_campaign_do_not_close_it_in_the_past(session, campaign, alice, now):
    start, reason = campaign.opens_at, {"by": alice, "now": now, "change_reason": "In steps"}
    both, support = frozenset({WRITE, SUPPORT}), CampaignPhase("Support", now, now + DAY, frozenset({SUPPORT}))
    for wrong in (
        [CampaignPhase("All", start, now - timedelta(hours=1), both)],
        [CampaignPhase("Ideas", start, now - timedelta(hours=1), frozenset({WRITE})), support],
        [CampaignPhase("Decision", now, now + DAY, frozenset())],
    ):
        with pytest.raises(PhasesEndPast):
            set_phases(session, campaign, wrong, **reason)
    set_phases(session, campaign, [CampaignPhase("Ideas", start, now, both), support], **reason)


def test_phases_have_an_order_and_fit_the_campaign(session, draft_campaign, phases, alice, now):
    one, two, _three = phases
    for wrong, refusal in (
        ([two, one], PhasesOverlap),
        ([CampaignPhase("Ideas", one.ends_at, one.starts_at, EVERYTHING)], PhaseEndsBeforeStart),
        ([CampaignPhase("Ideas", one.starts_at, draft_campaign.closes_at + DAY, EVERYTHING)], PhaseOutside),
        ([CampaignPhase("Ideas", draft_campaign.opens_at - DAY, one.ends_at, EVERYTHING)], PhaseOutside),
    ):
        with pytest.raises(refusal):
            set_phases(session, draft_campaign, wrong, by=alice, now=now)
    set_phases(session, draft_campaign, phases, by=alice, now=now)
    set_phases(session, draft_campaign, [], by=alice, now=now)
    assert draft_campaign.takes(WRITE, now) is False, "a draft takes nothing"
    draft_campaign.announced_at = now
    assert [act for act in PhaseAct if draft_campaign.takes(act, now)] == list(PhaseAct)


def test_drafts_are_reminded_before_the_phase_for_ideas_ends(session, phased, phases, now):
    end = phases[0].ends_at
    phased.announced_at = now - 3 * DAY
    assert record_reminders(session, now=end - 2 * DAY) == 0
    session.commit()
    assert record_reminders(session, now=end - timedelta(hours=20)) == 1
    session.commit()
    assert record_reminders(session, now=end - timedelta(hours=19)) == 0
    assert record_reminders(session, now=end - timedelta(minutes=50)) == 1
    session.commit()
    assert record_reminders(session, now=phased.closes_at - timedelta(hours=20)) == 0, "no idea is taken by then"
