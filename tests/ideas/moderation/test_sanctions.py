"""An administrator who may act stays, whoever sanctions whom."""

from datetime import timedelta

import pytest

from ideas.moderation.sanctions import sanction_person
from ideas.people.platform_role import LastActingAdmin, LastAdmin, PlatformRole, revoke
from ideas.people.sanction import NotYourself, Reason, SanctionKind, lift


@pytest.fixture
def ada(make_person):
    return make_person("Ada", is_admin=True)


@pytest.fixture
def ben(make_person):
    return make_person("Ben", is_admin=True)


@pytest.fixture
def sanction(session, now):
    def give(person, by, kind=SanctionKind.BAN, *, campaign=None):
        ends_at = now + timedelta(days=3) if kind is SanctionKind.SUSPENSION else None
        facts = {"reason": Reason.OTHER, "quote": "", "words": "", "ends_at": ends_at}
        return sanction_person(session, person, kind, campaign=campaign, by=by, now=now, **facts)

    return give


@pytest.mark.parametrize("kind", [SanctionKind.BAN, SanctionKind.SUSPENSION])
def test_of_two_administrators_who_sanction_each_other_at_once_the_second_is_refused(sanction, ada, ben, kind):
    sanction(ben, ada, kind)
    with pytest.raises(LastActingAdmin):
        sanction(ada, ben, kind)


def test_the_last_administrator_is_neither_banned_nor_suspended(sanction, ada):
    with pytest.raises(NotYourself):
        sanction(ada, ada)


def test_the_last_administrator_may_be_warned_and_sanctioned_in_a_campaign(sanction, campaign, ada, ben):
    sanction(ben, ada)
    assert sanction(ada, ben, SanctionKind.WARNING).person is ada
    assert sanction(ada, ben, campaign=campaign).campaign_id == campaign.id


def test_the_last_who_may_act_keeps_the_role_until_another_sanction_ends(session, sanction, ada, ben, now):
    ban = sanction(ben, ada)
    with pytest.raises(LastActingAdmin):
        revoke(session, ada, PlatformRole.ADMIN, by=None, now=now)
    lift(session, ban, by=ada, now=now)
    revoke(session, ada, PlatformRole.ADMIN, by=None, now=now)
    with pytest.raises(LastAdmin):
        revoke(session, ben, PlatformRole.ADMIN, by=None, now=now)


def test_whoever_may_not_act_loses_the_role_like_anyone(session, sanction, ada, ben, now):
    sanction(ben, ada)
    revoke(session, ben, PlatformRole.ADMIN, by=ada, now=now)
    assert not ben.is_admin
