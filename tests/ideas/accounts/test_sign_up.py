import pytest
from sqlalchemy import select

from ideas.accounts.identity import sign_up_by_invitation
from ideas.accounts.sign_up import (
    NoDomain,
    NotADomain,
    SignUpByInvitation,
    SignUpClosed,
    SignUpOfOtherDomain,
    TooManyDomains,
    check_may_sign_up,
    read_domains,
    settle_sign_up,
)
from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile
from ideas.organisation.organisation import SignUp, the_organisation


@pytest.fixture
def settle(session, make_person, now):
    ada = make_person("Ada", is_admin=True)

    def settle(mode, domains=""):
        seen = the_organisation(session).version
        settle_sign_up(session, mode=mode, domains=domains, by=ada, now=now, seen=seen)
        return the_organisation(session)

    return settle


def test_everyone_may_sign_up_until_somebody_settles_it(session):
    assert the_organisation(session).sign_up is SignUp.OPEN
    check_may_sign_up(the_organisation(session), "anyone@example.org")


@pytest.mark.parametrize("email", ["a@acme.fr", "A@ACME.FR", " a@acme.fr. ", "a@café.example", "a@xn--caf-dma.example"])
def test_addresses_of_the_domains_may_sign_up(settle, email):
    check_may_sign_up(settle(SignUp.DOMAIN, "Acme.FR, café.example"), email)


@pytest.mark.parametrize(
    "email",
    [
        "a@evil-acme.fr",
        "a@acme.fr.evil.example",
        "a@mail.acme.fr",
        "a@acme.frr",
        "acme.fr@evil.example",
        "a@acme.fr@evil.example",
        "a@аcme.fr",
        "a@",
        "",
        "acme.fr\x00@x",
    ],
)
def test_other_addresses_may_not_however_they_look(settle, email):
    with pytest.raises(SignUpOfOtherDomain):
        check_may_sign_up(settle(SignUp.DOMAIN, "acme.fr"), email)


@pytest.mark.parametrize(("mode", "refused"), [(SignUp.INVITATION, SignUpByInvitation), (SignUp.CLOSED, SignUpClosed)])
def test_nobody_signs_up_by_themselves_where_it_is_closed_or_by_invitation(settle, mode, refused):
    with pytest.raises(refused):
        check_may_sign_up(settle(mode, "acme.fr"), "a@acme.fr")


@pytest.mark.parametrize("mode", [SignUp.OPEN, SignUp.DOMAIN, SignUp.INVITATION])
def test_an_invited_person_signs_up_with_a_proven_address(session, settle, now, mode):
    settle(mode, "acme.fr")
    given = {"email": "dana@example.org", "name": "Dana", "password": "une phrase à moi", "rules_accepted": True}
    assert sign_up_by_invitation(session, now=now, **given).verified_at == now


def test_not_even_an_invited_person_where_it_is_closed(session, settle, now):
    settle(SignUp.CLOSED)
    given = {"email": "dana@example.org", "name": "Dana", "password": "une phrase à moi", "rules_accepted": True}
    with pytest.raises(SignUpClosed):
        sign_up_by_invitation(session, now=now, **given)


def test_domains_are_read_as_people_type_them():
    typed = " Acme.FR\n@example.org; someone@mail.example.org,acme.fr.\tcafé.example "
    assert read_domains(typed) == ["acme.fr", "example.org", "mail.example.org", "xn--caf-dma.example"]
    assert read_domains(" \n ") == []


@pytest.mark.parametrize("word", ["acme", "*.acme.fr", "acme..fr", "-acme.fr", "http://acme.fr", "a" * 300 + ".fr"])
def test_what_is_no_domain_is_refused(word):
    with pytest.raises(NotADomain):
        read_domains(word)


def test_a_hundred_domains_are_enough():
    with pytest.raises(TooManyDomains):
        read_domains(" ".join(f"d{number}.example" for number in range(101)))


def test_sign_up_by_domain_needs_one(settle):
    with pytest.raises(NoDomain):
        settle(SignUp.DOMAIN, " ")


def test_a_change_is_recorded_and_two_administrators_do_not_overwrite_each_other(session, settle, make_person, now):
    settle(SignUp.CLOSED)
    session.commit()
    act = session.scalars(select(Activity).order_by(Activity.id.desc())).first()
    assert (act.verb, act.before, act.after) == (Verb.CHANGED, {"sign_up": "open"}, {"sign_up": "closed"})
    with pytest.raises(ChangedMeanwhile):
        settle_sign_up(session, mode=SignUp.OPEN, domains="", by=make_person("Eve"), now=now, seen=1)
