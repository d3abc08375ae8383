"""The list of people: found, filtered, exported; and what one of them did."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.accounts.people_list import (
    ACTIVE,
    AddressState,
    PeopleFilter,
    Presence,
    export_people,
    people_page,
    person_facts,
    person_history,
)
from ideas.accounts.sign_in import open_sign_in
from ideas.activity.activity import Activity, Verb
from ideas.organisation.consent import keep_consent
from ideas.people.platform_role import PlatformRole, grant
from ideas.people.sanction import Reason, SanctionKind, give_sanction, gravest_sanctions, lift


@pytest.fixture
def ada(make_person):
    return make_person("Ada", is_admin=True)


@pytest.fixture
def found(session, now):
    def find(**asked):
        return [person.name for person in people_page(session, PeopleFilter(**asked), number=1, now=now).people]

    return find


def test_people_are_listed_by_name_a_page_at_a_time(session, make_person, now):
    for name in ("Bea", "anna", "Cleo"):
        make_person(name)
    pages = [people_page(session, PeopleFilter(), number=number, size=2, now=now) for number in (1, 2, 9)]
    assert [[person.name for person in page.people] for page in pages] == [["anna", "Bea"], ["Cleo"], ["Cleo"]]
    assert (pages[0].total, pages[0].pages) == (3, 2)


def test_people_are_found_by_how_words_of_their_name_or_address_begin_and_by_role(found, ada, alice, charlie):
    assert found(containing="ÀLI") == ["Alice"]
    assert found(containing="charlie@") == ["Charlie"]
    assert found(containing="%") == []
    assert found(role=PlatformRole.ADMIN) == ["Ada"]
    assert found(role=PlatformRole.CAMPAIGN_AUTHOR) == ["Alice"]
    assert found(containing="a", role=PlatformRole.CAMPAIGN_AUTHOR) == ["Alice"]


def test_people_are_filtered_by_when_they_signed_in(session, found, ada, alice, charlie, now):
    open_sign_in(session, alice, now=now)
    open_sign_in(session, alice, now=now - timedelta(days=1))
    open_sign_in(session, charlie, now=now - ACTIVE - timedelta(seconds=1))
    assert found(presence=Presence.ACTIVE) == ["Alice"]
    assert found(presence=Presence.AWAY) == ["Ada", "Charlie"]


def test_people_are_filtered_by_a_proven_address_and_by_a_sanction_in_force(
    session, found, make_person, ada, charlie, campaign, now
):
    make_person("Nora", verified_at=None)
    given = {"reason": Reason.OTHER, "quote": "", "words": "", "by": ada, "now": now}
    ban = give_sanction(session, charlie, SanctionKind.BAN, campaign_id=campaign.id, **given)
    assert found(address=AddressState.UNVERIFIED) == ["Nora"]
    assert "Nora" not in found(address=AddressState.VERIFIED)
    assert found(sanction=SanctionKind.BAN) == ["Charlie"]
    assert found(sanction=SanctionKind.SUSPENSION) == []
    assert gravest_sanctions(session, [charlie.id, ada.id], now=now) == {charlie.id: ban}
    everywhere = give_sanction(session, charlie, SanctionKind.SUSPENSION, ends_at=now + ACTIVE, **given)
    assert gravest_sanctions(session, [charlie.id], now=now) == {charlie.id: everywhere}
    assert found(sanction=SanctionKind.SUSPENSION, containing="charlie") == ["Charlie"]
    lift(session, ban, by=ada, now=now)
    assert found(sanction=SanctionKind.BAN) == []


def test_an_export_has_everyone_who_meets_the_filter_and_is_in_the_log(session, ada, alice, charlie, now):
    open_sign_in(session, charlie, now=now)
    keep_consent(session, charlie, version=1, now=now)
    rows = export_people(session, PeopleFilter(containing="nobody"), by=ada, now=now)
    session.commit()
    assert [row.person.name for row in rows] == []
    rows = export_people(session, PeopleFilter(), by=ada, now=now)
    session.commit()
    assert {row.person.name: (row.signed_in_at, row.rules_version) for row in rows} == {
        "Ada": (None, 0),
        "Alice": (None, 0),
        "Charlie": (now, 1),
    }
    acts = session.scalars(select(Activity).where(Activity.verb == Verb.EXPORTED).order_by(Activity.id)).all()
    assert [(act.actor_id, act.after) for act in acts] == [(ada.id, {"people": 0}), (ada.id, {"people": 3})]
    assert person_facts(session, charlie, now=now).rules_version == 1


def test_the_history_of_a_member_has_what_they_did_and_what_was_done_to_their_account(session, idea, ada, charlie, now):
    grant(session, charlie, PlatformRole.CAMPAIGN_AUTHOR, by=ada, now=now)
    session.commit()
    acts = person_history(session, charlie, limit=9)
    assert [(act.verb, act.object_kind, act.actor_id) for act in acts] == [
        (Verb.GRANTED, "person", ada.id),
        (Verb.SUBMITTED, "idea", charlie.id),
    ]
    assert len(person_history(session, charlie, limit=1)) == 1
