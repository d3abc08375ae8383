"""A site is set up once."""

import pytest
from sqlalchemy import select

from ideas.accounts.set_up import AlreadySetUp, MemberExists, set_up
from ideas.accounts.sign_up import NoDomain
from ideas.activity.activity import Activity, Verb
from ideas.errors import EmptyText
from ideas.organisation.organisation import SignUp, the_organisation
from ideas.people.person import Person


@pytest.fixture
def do(session, now):
    def act(**facts):
        given = {"email": "dana@example.org", "name": "Dana", "password": "une phrase à moi", "rules_accepted": True}
        given |= {"site_name": "Acme", "mode": SignUp.INVITATION, "domains": ""} | facts
        return set_up(session, **given, now=now)

    return act


def test_the_first_administrator_is_proven_and_every_act_is_theirs(session, do, now):
    dana = do()
    session.commit()
    assert (dana.is_admin, dana.verified_at) == (True, now)
    organisation = the_organisation(session)
    assert (organisation.name, organisation.sign_up) == ("Acme", SignUp.INVITATION)
    acts = session.scalars(select(Activity).order_by(Activity.id)).all()
    assert {act.actor_id for act in acts} == {dana.id}
    assert {Verb.SIGNED_UP, Verb.GRANTED, Verb.CHANGED} <= {act.verb for act in acts}


def test_whoever_comes_second_is_refused(session, do):
    do()
    session.commit()
    with pytest.raises(AlreadySetUp):
        do(email="eve@example.org", name="Eve", site_name="Evil")


def test_what_can_not_be_is_refused(session, do, charlie):
    for wrong, error in (
        ({"site_name": " "}, EmptyText),
        ({"mode": SignUp.DOMAIN}, NoDomain),
        ({"email": charlie.email}, MemberExists),
    ):
        with pytest.raises(error):
            do(**wrong)
        session.rollback()
    assert session.scalars(select(Person.name)).all() == ["Charlie"]
