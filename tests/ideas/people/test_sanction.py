from datetime import timedelta

import pytest

from ideas.accounts.sign_in import open_sign_in, signed_in_person
from ideas.errors import EmptyText, NotAllowed
from ideas.people.sanction import (
    AdminProtected,
    AnsweredMeanwhile,
    AppealedAlready,
    Banned,
    EndNeeded,
    NothingToAppeal,
    NotYourself,
    Reason,
    SanctionKind,
    Suspended,
    answer_appeal,
    appeal,
    check_may_write,
    give_sanction,
    lift,
    sanction_in_force,
    sanctions_of,
)


@pytest.fixture
def sanction(session, alice, charlie, now):
    def give(kind=SanctionKind.BAN, *, person=charlie, by=alice, **facts):
        facts = {"reason": Reason.INSULT, "quote": "Idiots", "words": "Not here."} | facts
        return give_sanction(session, person, kind, by=by, now=now, **facts)

    return give


def test_a_warning_forbids_nothing(session, sanction, charlie, now):
    sanction(SanctionKind.WARNING)
    check_may_write(session, charlie, None, now=now)


def test_a_suspension_begins_and_ends_by_itself(session, sanction, charlie, now):
    ends_at = now + timedelta(days=3)
    sanction(SanctionKind.SUSPENSION, ends_at=ends_at)
    with pytest.raises(Suspended):
        check_may_write(session, charlie, None, now=ends_at - timedelta(microseconds=1))
    check_may_write(session, charlie, None, now=ends_at)


@pytest.mark.parametrize("days", [None, 0, -1])
def test_a_suspension_ends_in_the_future(sanction, now, days):
    with pytest.raises(EndNeeded):
        sanction(SanctionKind.SUSPENSION, ends_at=None if days is None else now + timedelta(days=days))


def test_a_ban_has_no_end(sanction, now):
    assert sanction(SanctionKind.BAN, ends_at=now + timedelta(days=1)).ends_at is None


def test_a_sanction_of_a_campaign_holds_there_only(session, sanction, campaign, charlie, now):
    sanction(campaign_id=campaign.id)
    with pytest.raises(Banned):
        check_may_write(session, charlie, campaign.id, now=now)
    check_may_write(session, charlie, campaign.id + 1, now=now)
    check_may_write(session, charlie, None, now=now)


def test_the_gravest_sanction_is_the_one_that_counts(session, sanction, campaign, charlie, now):
    ban = sanction(SanctionKind.BAN)
    sanction(SanctionKind.SUSPENSION, ends_at=now + timedelta(days=1), campaign_id=campaign.id)
    assert sanction_in_force(session, charlie, campaign.id, now=now) is ban


def test_administrators_are_sanctioned_by_administrators_only(sanction, bob, make_person):
    boss, other = make_person("Boss", is_admin=True), make_person("Other", is_admin=True)
    with pytest.raises(AdminProtected):
        sanction(person=boss, by=bob)
    assert sanction(person=boss, by=other).person is boss


def test_nobody_sanctions_themselves_so_the_last_administrator_stays(sanction, make_person):
    boss = make_person("Boss", is_admin=True)
    with pytest.raises(NotYourself):
        sanction(person=boss, by=boss)


def test_a_person_appeals_once_in_words(session, sanction, charlie, bob, now):
    given = sanction()
    with pytest.raises(NotAllowed):
        appeal(session, given, words="Sorry", by=bob, now=now)
    with pytest.raises(EmptyText):
        appeal(session, given, words=" ", by=charlie, now=now)
    appeal(session, given, words="I quoted somebody.", by=charlie, now=now)
    with pytest.raises(AppealedAlready):
        appeal(session, given, words="Again", by=charlie, now=now)
    assert given.appeal == "I quoted somebody."


def test_an_appeal_is_answered_once_and_may_lift_the_sanction(session, sanction, charlie, bob, now):
    given = sanction()
    with pytest.raises(AnsweredMeanwhile):
        answer_appeal(session, given, lifts=True, words="Yes", by=bob, now=now)
    appeal(session, given, words="I quoted somebody.", by=charlie, now=now)
    answer_appeal(session, given, lifts=True, words="You are right.", by=bob, now=now)
    check_may_write(session, charlie, None, now=now)
    with pytest.raises(AnsweredMeanwhile):
        answer_appeal(session, given, lifts=False, words="No", by=bob, now=now)


def test_nobody_decides_about_their_own_sanction(session, sanction, charlie, now):
    given = sanction()
    appeal(session, given, words="I quoted somebody.", by=charlie, now=now)
    with pytest.raises(NotYourself):
        answer_appeal(session, given, lifts=True, words="Fine", by=charlie, now=now)
    with pytest.raises(NotYourself):
        lift(session, given, by=charlie, now=now)


def test_a_lifted_sanction_ends_at_once_and_is_not_appealed(session, sanction, charlie, bob, now):
    given = sanction()
    lift(session, given, by=bob, now=now)
    check_may_write(session, charlie, None, now=now)
    with pytest.raises(NothingToAppeal):
        appeal(session, given, words="Late", by=charlie, now=now)


def test_the_person_of_a_session_says_whether_a_sanction_is_in_force(session, sanction, charlie, now):
    token = open_sign_in(session, charlie, now=now)
    assert not signed_in_person(session, token, now=now).is_sanctioned
    sanction(SanctionKind.SUSPENSION, ends_at=now + timedelta(hours=1))
    assert signed_in_person(session, token, now=now).is_sanctioned
    assert not signed_in_person(session, token, now=now + timedelta(hours=2)).is_sanctioned


def test_sanctions_are_listed_latest_first_those_of_other_campaigns_for_the_person_only(
    session, sanction, campaign, make_campaign, charlie
):
    here, elsewhere = sanction(campaign_id=campaign.id), sanction(campaign_id=make_campaign().id)
    everywhere = sanction()
    assert sanctions_of(session, charlie) == [everywhere, elsewhere, here]
    assert sanctions_of(session, charlie, campaign_id=campaign.id) == [everywhere, here]
