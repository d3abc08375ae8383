import pytest
from sqlalchemy import select, update

from ideas.accounts import identity
from ideas.accounts.identity import (
    EmailTaken,
    Identity,
    IdentityKind,
    RulesNotAccepted,
    WrongCredentials,
    check_credentials,
    hash_password,
    sign_up,
)
from ideas.accounts.password import PasswordWeak
from ideas.activity.activity import Activity, Verb
from ideas.errors import EmptyText, TooLong
from ideas.organisation.consent import Consent
from ideas.people.person import EmailInvalid, Person

PASSWORD = "correct horse battery"


def join(session, now, **facts):
    asked = {
        "email": "dana@example.org",
        "name": "Dana",
        "password": "une phrase à moi",
        "rules_accepted": True,
    } | facts
    return sign_up(session, now=now, **asked)


def test_an_account_keeps_when_the_rules_were_accepted_and_no_password(session, now):
    dana = join(session, now, email=" Dana@Example.ORG ", name=" Dana\u200b  B. ")
    assert (dana.email, dana.name) == ("dana@example.org", "Dana B.")
    assert session.scalars(select(Consent.at).where(Consent.person_id == dana.id)).all() == [now]
    kept = session.scalars(select(Identity)).one()
    assert (kept.person, kept.kind, kept.subject) == (dana, IdentityKind.PASSWORD, "dana@example.org")
    assert "phrase" not in kept.secret
    assert kept.secret.startswith("$argon2id$")


@pytest.mark.parametrize(
    "email", ["", "dana", "dana@", "@example.org", "a b@example.org", "dana@localhost", "a@b@c.org"]
)
def test_an_address_that_is_none_is_refused(session, now, email):
    with pytest.raises(EmailInvalid):
        join(session, now, email=email)


@pytest.mark.parametrize("password", ["short", "a" * 12, "dana@example.org", "p" * 201, "abababababab"])
def test_a_weak_password_is_refused(session, now, password):
    with pytest.raises(PasswordWeak):
        join(session, now, password=password)


def test_a_long_password_is_welcome(session, now):
    assert join(session, now, password="gentle-river-under-a-tin-roof-where-nobody-counts-the-rain-tonig").id


def test_an_account_needs_the_rules_a_name_and_a_new_address(session, now):
    with pytest.raises(RulesNotAccepted):
        join(session, now, rules_accepted=False)
    with pytest.raises(EmptyText):
        join(session, now, name="\u200b")
    with pytest.raises(TooLong):
        join(session, now, name="n" * 81)
    join(session, now)
    with pytest.raises(EmailTaken):
        join(session, now, email="DANA@example.org")


@pytest.mark.parametrize("email", ["charlie@example.org", "nobody@example.org", "\x00", ""])
def test_all_wrong_credentials_get_the_same_message(session, charlie, email):
    with pytest.raises(WrongCredentials) as refused:
        check_credentials(session, email=email, password="not this one")
    assert str(refused.value) == WrongCredentials.message


def test_an_account_that_is_created_is_recorded(session, now):
    dana = join(session, now)
    session.commit()
    recorded = session.scalars(select(Activity).order_by(Activity.id.desc())).first()
    assert (recorded.verb, recorded.object_kind, recorded.object_id) == (Verb.SIGNED_UP, "person", dana.id)


@pytest.fixture
def without_password(session, now):
    person = Person(email="kim@example.org", name="Kim", created_at=now)
    session.add(person)
    session.commit()
    return person


def test_a_person_without_a_password_is_unknown_to_the_sign_in_by_password(session, without_password):
    for password in ("", PASSWORD, "-"):
        with pytest.raises(WrongCredentials):
            check_credentials(session, email=without_password.email, password=password)


@pytest.fixture
def hashed_as_in_production(session, charlie, product_hasher, monkeypatch):
    """Passwords are hashed as they are in the product."""
    monkeypatch.setattr(identity, "_hasher", product_hasher)
    monkeypatch.setattr(identity, "_dummy_hashes", [])
    session.execute(update(Identity).where(Identity.person_id == charlie.id).values(secret=hash_password(PASSWORD)))
    session.commit()


@pytest.mark.slow
@pytest.mark.usefixtures("hashed_as_in_production")
@pytest.mark.parametrize("email", ["charlie@example.org", "kim@example.org", "nobody@example.org"])
def test_a_refused_sign_in_hashes_once_whoever_is_asked_for(session, charlie, without_password, email, monkeypatch):
    """The time of the answer does not show who has an account, or one with a password."""
    identity._dummy_hash()  # noqa: SLF001 -- made once for all refusals
    verified = []
    verify = identity._matches  # noqa: SLF001 -- what takes the time
    monkeypatch.setattr(identity, "_matches", lambda *given: verified.append(given) or verify(*given))
    with pytest.raises(WrongCredentials):
        check_credentials(session, email=email, password="not this one")
    assert [secret.split("$")[1:4] for secret, _ in verified] == [["argon2id", "v=19", "m=65536,t=3,p=4"]]


def test_an_address_identifies_one_person_only(session, charlie, without_password, now):
    session.add(identity.password_identity(charlie, secret="-", now=now))
    with pytest.raises(identity.IntegrityError):
        session.flush()


def test_what_identifies_a_person_goes_with_them(session, charlie):
    session.delete(charlie)
    session.flush()
    assert session.scalars(select(Identity)).all() == []
