import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.people.platform_role import (
    LastAdmin,
    OwnRole,
    PlatformRole,
    admins,
    grant,
    has_admin,
    may_open_campaigns,
    revoke,
    role_history,
)

ADMIN, AUTHOR = PlatformRole.ADMIN, PlatformRole.CAMPAIGN_AUTHOR


@pytest.fixture
def ada(make_person):
    return make_person("Ada", is_admin=True)


def test_a_platform_has_no_administrator_at_first(session, charlie):
    assert not has_admin(session)
    charlie.is_admin = True
    assert has_admin(session)


def test_campaign_authors_and_administrators_may_open_campaigns(ada, alice, charlie):
    assert [may_open_campaigns(person) for person in (ada, alice, charlie)] == [True, True, False]


def test_a_role_is_granted_and_revoked_and_both_are_recorded(session, ada, charlie, now):
    grant(session, charlie, AUTHOR, by=ada, now=now, reason="Runs the mobility programme")
    session.commit()
    assert may_open_campaigns(charlie)
    revoke(session, charlie, AUTHOR, by=ada, now=now)
    session.commit()
    assert not may_open_campaigns(charlie)
    assert [(act.verb, act.actor_id, act.reason, act.before, act.after) for act in role_history(session, charlie)] == [
        (Verb.REVOKED, ada.id, "", {"role": "campaign_author"}, None),
        (Verb.GRANTED, ada.id, "Runs the mobility programme", None, {"role": "campaign_author"}),
    ]


def test_granting_or_revoking_again_changes_and_records_nothing(session, ada, charlie, now):
    grant(session, ada, ADMIN, by=ada, now=now)
    revoke(session, charlie, ADMIN, by=ada, now=now)
    session.commit()
    assert session.scalars(select(Activity)).all() == []


def test_the_last_administrator_stays(session, ada, now):
    for by in (ada, None):
        with pytest.raises(LastAdmin):
            revoke(session, ada, ADMIN, by=by, now=now, own_confirmed=True)
    assert admins(session) == [ada]


def test_nobody_gives_up_their_own_role_by_accident(session, ada, charlie, now):
    grant(session, charlie, ADMIN, by=ada, now=now)
    with pytest.raises(OwnRole):
        revoke(session, ada, ADMIN, by=ada, now=now)
    revoke(session, ada, ADMIN, by=ada, now=now, own_confirmed=True)
    assert admins(session) == [charlie]
