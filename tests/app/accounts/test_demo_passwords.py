"""The password of the demo that everyone knows works on this machine only; elsewhere each account has its own."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from app.demo import loading
from app.demo.passwords import PASSWORD, addresses, is_local
from app.settings import SettingsError, from_env
from ideas.accounts.identity import Identity, WrongCredentials, check_credentials, hash_password
from ideas.people.person import find_person

pytestmark = pytest.mark.one_database
ADMIN = "benedicte.arnoux@example.org"


@pytest.fixture
def demo(session, make_person, monkeypatch):
    """The address of an account of the demo that is not listed, beside one that is; loading adds no other."""
    known = hash_password(PASSWORD)
    other = min(addresses() - set(loading.accounts().values()))
    for email in (ADMIN, other):
        person = make_person(email.partition("@")[0], email=email)
        session.execute(update(Identity).where(Identity.person_id == person.id).values(secret=known))
    session.commit()
    monkeypatch.setattr(loading, "load_demo", lambda _session: False)
    return other


def enter(app, email, password, **options):
    return app.test_client().post("/sign-in", data={"email": email, "password": password}, **options).status_code


@pytest.fixture
def set_to(app, monkeypatch):
    def change(**facts):
        monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], **facts))

    return change


def test_the_known_password_works_on_this_machine_only(app, client, demo, set_to, charlie, caplog):
    assert enter(app, ADMIN, PASSWORD) == 303
    assert enter(app, ADMIN, PASSWORD, headers={"Host": "ideas.example.org"}) == 422
    assert enter(app, ADMIN, PASSWORD, environ_base={"REMOTE_ADDR": "203.0.113.7"}) == 422
    assert "the known password of a demo account was refused" in caplog.text
    for public in ("http://ideas.example.org", "https://localhost", "http://127.0.0.1.example.org"):
        set_to(base_url=public)
        assert enter(app, ADMIN, PASSWORD) == 422
        assert enter(app, charlie.email, "correct horse battery") == 303  # others are as they were


@pytest.mark.parametrize(
    ("base_url", "host", "local"),
    [
        ("http://127.0.0.1:5000", "127.0.0.1", True),
        ("http://localhost", "::1", True),
        ("http://127.0.0.1:5000", "0.0.0.0", False),  # noqa: S104 -- refused
        ("http://127.0.0.1:5000", "::", False),
        ("http://127.0.0.1:5000", "192.168.1.4", False),
        ("https://127.0.0.1:5000", "127.0.0.1", False),
        ("http://ideas.example.org", "127.0.0.1", False),
    ],
)
def test_a_site_is_local_where_it_listens_here_and_its_address_leads_here(settings, base_url, host, local):
    assert is_local(replace(settings, base_url=base_url), host=host) is local


def test_elsewhere_the_demo_asks_and_makes_passwords_that_are_printed_once(app, session, demo, set_to):
    def load(*options):
        answer = app.test_cli_runner().invoke(args=["demo", *options])
        session.expire_all()
        return answer.exit_code, answer.output

    assert f"(password: {PASSWORD})" in load("load")[1]
    status, output = load("load", "--host", "0.0.0.0")  # noqa: S104 -- refused
    assert (status, "Set DEMO=1" in output, "Traceback" in output) == (1, True, False)
    set_to(demo=True, base_url="https://ideas.example.org")
    _, output = load("load", "--host", "0.0.0.0")  # noqa: S104 -- the point
    (line,) = [line for line in output.splitlines() if ADMIN in line]
    made = line.split()[1]
    assert check_credentials(session, email=ADMIN, password=made) is find_person(session, ADMIN)
    assert demo not in output
    for email in (ADMIN, demo):
        with pytest.raises(WrongCredentials):
            check_credentials(session, email=email, password=PASSWORD)
    assert enter(app, ADMIN, made, headers={"Host": "ideas.example.org"}) == 303
    again = load("load")[1]
    assert made not in again
    assert "were printed once" in again
    assert made not in load("passwords")[1]
    with pytest.raises(WrongCredentials):
        check_credentials(session, email=ADMIN, password=made)


def test_what_is_no_switch_is_refused(tmp_path):
    assert from_env({"CONVERGENCE_INSTANCE": str(tmp_path), "DEMO": "1"}).demo
    with pytest.raises(SettingsError, match="DEMO must be 1"):
        from_env({"CONVERGENCE_INSTANCE": str(tmp_path), "DEMO": "yes"})
