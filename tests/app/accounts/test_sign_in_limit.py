"""Tries to sign in are counted in the database: across addresses, processes and restarts."""

import pytest

from tests.conftest import PASSWORD

# How tries are counted on both databases: tests/ideas/people/test_limit.py.
pytestmark = [pytest.mark.slow, pytest.mark.one_database]


def tried(browser, address, password="not it", email="charlie@example.org"):  # noqa: S107 -- a wrong one
    given = {"email": email, "password": password}
    return browser.post("/sign-in", data=given, environ_base={"REMOTE_ADDR": address}).status_code


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    """A wrong password is refused at once, since hashing thousands would take minutes."""
    monkeypatch.setattr("ideas.accounts.identity._matches", lambda _secret, given: given == PASSWORD)


def test_tries_at_one_account_are_limited_across_addresses(app, client, charlie):
    answers = [tried(client, f"10.0.{number}.1") for number in range(70)]
    assert answers[:60] == [422] * 60
    assert answers[60:] == [429] * 10
    # Another process, or this one after a restart, counts on.
    assert tried(app.test_client(), "10.9.9.9", PASSWORD) == 429


def test_an_attacker_does_not_keep_out_a_person_whose_browser_is_known(app, client, charlie):
    assert tried(client, "10.1.1.1", PASSWORD) == 303
    client.post("/sign-out")
    for number in range(70):
        tried(app.test_client(), f"10.0.{number}.1")
    assert tried(client, "10.1.1.1", PASSWORD) == 303


def test_tries_from_one_address_are_limited_without_the_other_addresses(app, client, charlie):
    answers = [tried(client, "10.0.0.1") for _ in range(32)]
    assert answers[-2:] == [429, 429]
    assert tried(app.test_client(), "10.0.0.2", PASSWORD) == 303


@pytest.mark.parametrize("address", ["10.0.0.1", "2001:db8:0:1::{number:x}"])
def test_one_password_is_not_tried_at_hundreds_of_accounts(app, client, charlie, address):
    """A network of IPv6 has more addresses than anyone can count: it counts as one."""
    answers = [tried(client, address.format(number=number), email=f"{number}@example.org") for number in range(305)]
    assert answers == [422] * 300 + [429] * 5
    assert tried(app.test_client(), address.format(number=9_999), PASSWORD) == 429
    assert tried(app.test_client(), "10.0.0.2", PASSWORD) == 303


def test_a_known_browser_signs_in_from_a_network_that_tried_too_much(app, client, charlie):
    assert tried(client, "10.0.0.1", PASSWORD) == 303
    client.post("/sign-out")
    for number in range(301):
        tried(app.test_client(), "10.0.0.1", email=f"{number}@example.org")
    assert tried(app.test_client(), "10.0.0.1", PASSWORD) == 429
    assert tried(client, "10.0.0.1", PASSWORD) == 303
