import pytest

from ideas.organisation.organisation import SignUp, the_organisation
from ideas.people.person import find_person

ENGLISH = {"Accept-Language": "en"}
DANA = {"name": "Dana", "email": "dana@example.org", "password": "une phrase à moi", "rules": "y"}


@pytest.fixture
def ada(make_person):
    return make_person("Ada", is_admin=True)


@pytest.fixture
def settle(session, ada):
    def settle(mode, domains=""):
        organisation = the_organisation(session)
        organisation.sign_up, organisation.sign_up_domains = mode, domains
        session.commit()

    return settle


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [(SignUp.CLOSED, "No new accounts are created on this site."), (SignUp.INVITATION, "You need an invitation")],
)
def test_whoever_comes_without_a_right_gets_a_clear_page_and_no_form(client, settle, session, mode, sentence):
    settle(mode)
    page = client.get("/sign-up", headers=ENGLISH)
    assert page.status_code == 200
    assert sentence in page.text
    assert 'name="password"' not in page.text
    assert client.post("/sign-up", data=DANA).status_code == 403
    assert find_person(session, DANA["email"]) is None


def test_by_domain_the_page_names_the_domains_and_refuses_others(client, settle, session):
    settle(SignUp.DOMAIN, "acme.example")
    assert "Your address at acme.example." in client.get("/sign-up", headers=ENGLISH).text
    refused = client.post("/sign-up", data=DANA, headers=ENGLISH)
    assert refused.status_code == 422
    assert "Use your work address." in refused.text
    assert client.post("/sign-up", data=DANA | {"email": "dana@evil-acme.example"}).status_code == 422
    assert client.post("/sign-up", data=DANA | {"email": "dana@ACME.example"}).location == "/verify"


def test_administrators_settle_who_may_sign_up(signed_in, ada, session):
    client = signed_in(ada)
    version = the_organisation(session).version
    given = {"sign_up": "domain", "sign_up_domains": "Acme.example\nexample.org", "version": version}
    assert client.post("/organisation/sign-up", data=given).status_code == 303
    session.expire_all()
    assert (the_organisation(session).sign_up, the_organisation(session).sign_up_domains) == (
        SignUp.DOMAIN,
        "acme.example example.org",
    )
    conflict = client.post("/organisation/sign-up", data=given | {"sign_up": "closed"})
    assert conflict.status_code == 409


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"sign_up": "domain"}, "Enter at least one domain"),
        ({"sign_up": "domain", "sign_up_domains": "<b>"}, "“&lt;b&gt;” is not a domain."),
        ({"sign_up": "anyone"}, "There is a problem"),
        ({}, "Choose who may create an account."),
    ],
)
def test_a_refused_setting_says_why(signed_in, ada, given, sentence):
    answer = signed_in(ada).post("/organisation/sign-up", data={"version": 1} | given)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_others_do_not_see_the_setting(signed_in, charlie):
    assert signed_in(charlie).get("/organisation/sign-up").status_code == 403
