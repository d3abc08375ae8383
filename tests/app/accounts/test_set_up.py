"""The page that sets a new site up, with the code that the server printed: gone once there is an administrator."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app import create_app
from app.access.first_admin import first_admin_code
from ideas.organisation.organisation import SignUp, the_organisation
from ideas.people.limit import LIMITS, LimitedAct
from ideas.people.person import Person
from ideas.people.platform_role import role_history


@pytest.fixture
def code(app):
    with app.app_context():
        return first_admin_code()


@pytest.fixture
def given(code):
    """What somebody enters on the page."""
    account = {"name": "Dana", "email": "dana@example.org", "password": "une phrase à moi", "rules": "y"}
    return {
        "code": code,
        "site_name": "Acme together",
        "sign_up": "domain",
        "sign_up_domains": "acme.example",
    } | account


def people(session):
    return session.scalar(select(func.count(Person.id)))


def test_whoever_opens_a_new_site_is_led_to_its_set_up(client):
    for address in ("/", "/sign-up"):
        answer = client.get(address)
        assert (answer.status_code, answer.location) == (303, "/set-up")
    page = client.get("/set-up").text
    for words in ("Set up this site", "Code for the first administrator", "Who may create an account"):
        assert words in page
    assert client.post("/sign-up", data={"email": "eve@example.org"}).location == "/set-up"


def test_the_code_makes_the_first_administrator_and_the_site_has_its_name_and_mode(client, session, code, given):
    answer = client.post("/set-up", data=given | {"code": f" {code.lower().replace('-', ' ')} "})
    assert (answer.status_code, answer.location) == (303, "/organisation")
    page = client.get("/organisation").text
    for words in ("The site is set up. You are its administrator.", "Acme together"):
        assert words in page
    dana = session.scalar(select(Person).where(Person.name == "Dana"))
    assert (dana.is_admin, dana.verified_at is not None, dana.locale) == (True, True, "en")
    assert [act.after for act in role_history(session, dana)] == [{"role": "admin"}]
    organisation = the_organisation(session)
    assert (organisation.name, organisation.sign_up, organisation.sign_up_domains) == (
        "Acme together",
        SignUp.DOMAIN,
        "acme.example",
    )


def test_afterwards_the_page_is_gone(app, client, session, given):
    client.post("/set-up", data=given)
    visitor = app.test_client()
    assert visitor.get("/").status_code == 200
    assert visitor.get("/sign-up").status_code == 200
    assert visitor.get("/set-up").status_code == 404
    assert visitor.post("/set-up", data=given | {"email": "eve@example.org", "name": "Eve"}).status_code == 404
    assert people(session) == 1


def test_a_member_of_a_site_without_an_administrator_finds_it_as_before(signed_in, charlie):
    assert signed_in(charlie).get("/").location == "/campaigns"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"code": "AAAA-BBBB-CCCC-DDDD"}, "This code is wrong. Copy the code that the server printed"),
        ({"code": ""}, "Enter the code that the server printed when it started."),
        ({"code": "c" * 41}, "The limit is 40."),
        ({"email": "charlie@example.org"}, "This address already has an account. Enter another address"),
        ({"email": "nobody"}, "Enter an email address such as"),
        ({"password": "short"}, "This password is too short."),
        ({"password": "acme together"}, "This password is mostly"),
        ({"name": "Administrator"}, "This name is reserved."),
        ({"site_name": " "}, "Enter the name of the site."),
        ({"sign_up": ""}, "Choose who may create an account."),
        ({"sign_up_domains": ""}, "Enter at least one domain"),
        ({"sign_up_domains": "acme"}, "“acme” is not a domain."),
        ({"rules": ""}, "Accept the rules of the community"),
    ],
)
def test_what_is_missing_or_wrong_is_said_nothing_is_lost_and_nothing_is_written(
    client, session, charlie, given, change, sentence
):
    answer = client.post("/set-up", data=given | change)
    assert answer.status_code == 422
    assert sentence in answer.text
    shown = {"name": "Dana", "site_name": "Acme together", "sign_up_domains": "acme.example"} | change
    for name, value in shown.items():
        assert value in answer.text or name == "password"
    session.expire_all()
    assert people(session) == 1
    assert the_organisation(session).name == "Convergence"


def test_codes_are_tried_a_few_times_only(client, session, given):
    most = LIMITS[LimitedAct.CHECK_CODE][0].most
    wrong = given | {"code": "AAAA-BBBB-CCCC-DDDD"}
    assert {client.post("/set-up", data=wrong).status_code for _ in range(most)} == {422}
    answer = client.post("/set-up", data=given)
    assert answer.status_code == 429
    assert "There were several attempts with a wrong code." in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert people(session) == 0


def test_the_code_follows_from_the_secret_key(app, settings, code):
    with create_app(replace(settings, secret_key="another secret key")).app_context():
        assert first_admin_code() != code
    assert re.fullmatch(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){3}", code)
