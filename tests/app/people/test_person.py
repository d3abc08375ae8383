import re
from dataclasses import replace

import pytest
from sqlalchemy import delete, select

from app import create_app
from app.extensions import database, db, limiter
from ideas.accounts import identity
from ideas.answers.decision import Decision, DecisionStatus
from ideas.contributions.draft import save_draft
from ideas.outreach.messages.message import AccountMail
from ideas.people.limit import LimitCount
from ideas.people.person import Person
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme

PASSWORD = "correct horse battery"
TOKEN = re.compile(r"[\w-]{40,}\.[\w-]+\.[\w-]+")  # signed with the time of day
ENGLISH = {"Accept-Language": "en"}
NEWCOMER = {"name": "Dana", "email": "dana@example.org", "password": "une phrase à moi", "rules": "y"}


def person_named(session, name):
    return session.scalar(select(Person).where(Person.name == name))


# Signing up


@pytest.mark.usefixtures("set_up")
def test_signing_up_sends_a_link_and_keeps_the_language_of_the_page(client, session, account_mails):
    answer = client.post("/sign-up", data=NEWCOMER, headers=ENGLISH)
    assert (answer.status_code, answer.location) == (303, "/verify")
    dana = person_named(session, "Dana")
    assert (dana.email, dana.locale, dana.timezone) == ("dana@example.org", "en", "Europe/Paris")
    assert dana.verified_at is None
    assert account_mails("dana@example.org") == [AccountMail.VERIFY]
    assert client.get("/me").status_code == 303
    assert "dana@example.org" in client.get("/verify").text


@pytest.mark.usefixtures("set_up")
def test_a_taken_address_gets_the_same_answer_and_its_owner_a_mail(app, client, alice, session, account_mails):
    def answers(email):
        browser = app.test_client()
        answer = browser.post("/sign-up", data=NEWCOMER | {"email": email}, headers=ENGLISH)
        page = browser.get(answer.location, headers=ENGLISH)
        return (
            answer.status_code,
            answer.location,
            TOKEN.sub("", answer.text),
            TOKEN.sub("", page.text.replace(email, "…")),
        )

    assert answers("alice@example.org") == answers("dana@example.org")
    assert account_mails("alice@example.org") == [AccountMail.ACCOUNT_EXISTS]
    assert account_mails("dana@example.org") == [AccountMail.VERIFY]
    session.refresh(alice)
    assert alice.name == "Alice"
    signed_in = client.post("/sign-in", data={"email": "alice@example.org", "password": NEWCOMER["password"]})
    assert signed_in.status_code == 422


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize("email", ["alice@example.org", "dana@example.org"])
def test_signing_up_hashes_once_whether_the_address_is_taken_or_not(client, alice, email, monkeypatch):
    hashed = []
    monkeypatch.setattr(identity, "hash_password", lambda password: hashed.append(password) or "-")
    client.post("/sign-up", data=NEWCOMER | {"email": email})
    assert hashed == [NEWCOMER["password"]]


@pytest.mark.usefixtures("set_up")
def test_the_browsers_time_zone_is_kept_if_it_exists(client, app, session):
    client.post("/sign-up", data=NEWCOMER | {"timezone": "Africa/Dakar"})
    assert person_named(session, "Dana").timezone == "Africa/Dakar"
    for number, zone in enumerate(["Mars/Olympus", "../../etc/passwd", "/etc/passwd", "a" * 5000, "Europe"]):
        data = NEWCOMER | {"timezone": zone, "name": f"Eve{number}", "email": f"eve{number}@example.org"}
        assert app.test_client().post("/sign-up", data=data).status_code == 303
        assert person_named(session, f"Eve{number}").timezone == "Europe/Paris"


@pytest.mark.usefixtures("set_up")
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rules": ""}, "Accept the rules of the community"),
        ({"password": "short"}, "This password is too short. Use at least 10 characters."),
        ({"password": "motdepasse1"}, "This password is too common."),
        ({"password": "Dana Dana Dana"}, "This password is mostly your name"),
        ({"password": ""}, "Choose a password."),
        ({"password": "p" * 300}, "The limit is 200."),
        ({"email": "not an address"}, "Enter an email address such as"),
        ({"email": ""}, "Enter your email address."),
        ({"name": "\u200b \u202e"}, "Enter your name."),
        ({"name": "n" * 81}, "The limit is 80."),
    ],
)
def test_an_incomplete_sign_up_says_what_is_missing_and_keeps_the_rest(client, alice, session, change, sentence):
    answer = client.post("/sign-up", data=NEWCOMER | change, headers=ENGLISH)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "<title>Error:" in answer.text
    if "email" not in change:
        assert "dana@example.org" in answer.text
    assert person_named(session, "Dana") is None


@pytest.mark.usefixtures("set_up")
def test_form_fields_cannot_make_an_administrator(client, session):
    client.post("/sign-up", data=NEWCOMER | {"is_admin": "true", "role": "admin"})
    assert person_named(session, "Dana").is_admin is False


# Signing in and out


def test_signing_in_leads_to_the_page_that_asked_for_it(client, charlie):
    answer = client.post("/sign-in", data={"email": "Charlie@Example.org ", "password": PASSWORD, "next": "/me"})
    assert (answer.status_code, answer.location) == (303, "/me")
    assert "Charlie" in client.get("/me").text


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example/me",
        "/\t/evil.example",
        "/\n/evil.example",
        "///evil.example",
        "http:///evil.example",
        "javascript:alert(1)",
        "\\\\evil.example",
        "/me@evil.example",
        "/no-such-page",
        "/sign-out",
        "//[evil",
        "",
    ],
)
def test_next_never_leads_to_another_site(client, charlie, elsewhere):
    credentials = {"email": charlie.email, "password": PASSWORD}
    assert client.post("/sign-in", data=credentials | {"next": elsewhere}).location == "/"
    assert client.post("/language", data={"locale": "en", "next": elsewhere}).location == "/"
    assert client.get("/sign-in", query_string={"next": elsewhere}).location == "/"


def test_next_survives_from_page_to_form(client, campaign):
    asked = client.get(f"/campaigns/{campaign.id}/ideas/new")
    assert asked.status_code == 303
    page = client.get(asked.location).text
    assert f'name="next" value="/campaigns/{campaign.id}/ideas/new"' in page
    assert f"/sign-up?next=/campaigns/{campaign.id}/ideas/new" in page


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(client, charlie):
    def answer_to(email):
        answer = client.post("/sign-in", data={"email": email, "password": "not this one"}, headers=ENGLISH)
        return answer.status_code, TOKEN.sub("", answer.text.replace(email, "…"))

    known, unknown = answer_to(charlie.email), answer_to("nobody@example.org")
    assert known == unknown
    assert known[0] == 422
    assert "The email address or password is incorrect." in known[1]


def test_a_signed_in_person_is_not_asked_to_sign_in(signed_in, charlie):
    client = signed_in(charlie)
    assert client.get("/sign-in").location == "/"
    assert client.get("/sign-up?next=/me").location == "/me"


def test_signing_out_ends_every_copy_of_the_cookie(app, signed_in, charlie):
    client = signed_in(charlie)
    copy = app.test_client()
    copy.set_cookie("session", client.get_cookie("session").value)
    assert copy.get("/me").status_code == 200
    assert client.post("/sign-out").status_code == 303
    assert client.get("/me").status_code == 303
    assert copy.get("/me").status_code == 303


@pytest.mark.parametrize("address", ["/sign-out", "/language"])
def test_get_requests_to_acts_are_refused(client, address):
    assert client.get(address).status_code == 405


@pytest.fixture
def strict(settings, app):
    """The application as it runs outside tests: with its limits."""
    strict = create_app(replace(settings, testing=False))
    strict.config["WTF_CSRF_ENABLED"] = False
    try:
        yield strict
    finally:
        limiter.reset()
        with strict.app_context():
            # It has a connection of its own: what it counts is not rolled back with the test.
            database().execute(delete(LimitCount))
            database().commit()
            db.session.remove()
            db.engine.dispose()


def test_the_seventh_attempt_in_a_minute_waits_and_other_accounts_do_not(strict):
    client = strict.test_client()

    def attempt(email):
        return client.post("/sign-in", data={"email": email, "password": "guess"})

    assert [attempt("nobody@example.org").status_code for _ in range(6)] == [422] * 6
    seventh = attempt(" Nobody@Example.org ")
    assert seventh.status_code == 429
    assert int(seventh.headers["Retry-After"]) > 0
    assert client.get("/sign-in").status_code == 200
    assert attempt("neighbour@example.org").status_code == 422


def test_attempts_from_one_address_are_limited_over_all_accounts(strict):
    client = strict.test_client()
    tries = [client.post("/sign-in", data={"email": f"{n}@example.org"}).status_code for n in range(61)]
    assert tries == [422] * 60 + [429]


def test_a_network_of_ipv6_is_one_address(strict):
    client = strict.test_client()

    def attempt(number):
        given = {"email": f"{number}@example.org"}
        return client.post("/sign-in", data=given, environ_base={"REMOTE_ADDR": f"2001:db8::{number:x}"}).status_code

    assert [attempt(number) for number in range(61)] == [422] * 60 + [429]


# Language


def test_a_visitor_chooses_a_language_for_this_browser(client):
    answer = client.post("/language", data={"locale": "en", "next": "/rules"})
    assert (answer.status_code, answer.location) == (303, "/rules")
    assert '<html lang="en">' in client.get("/rules", headers={"Accept-Language": "fr"}).text


def test_a_member_keeps_the_language_in_their_account(signed_in, charlie, session):
    client = signed_in(charlie)
    client.post("/language", data={"locale": "fr"})
    session.refresh(charlie)
    assert charlie.locale == "fr"
    client.post("/language", data={"locale": "xx\x00"})
    session.refresh(charlie)
    assert charlie.locale == "fr"


# Profile


def test_a_profile_is_changed(signed_in, charlie, session):
    data = {"name": "Charlie B.", "headline": "Nurse in Lyon", "locale": "fr", "timezone": "Indian/Reunion"}
    assert signed_in(charlie).post("/me/profile", data=data).status_code == 303
    session.refresh(charlie)
    assert (charlie.name, charlie.headline) == ("Charlie B.", "Nurse in Lyon")
    assert (charlie.locale, charlie.timezone) == ("fr", "Indian/Reunion")


@pytest.mark.one_database
def test_a_number_under_ones_name_is_shown_marked_and_left_out_or_kept(signed_in, charlie, session):
    browser, number = signed_in(charlie), "06 12 34 56 78"
    sent = {"name": "Charlie", "headline": f"Nurse, {number}", "locale": "en", "timezone": "Europe/Paris"}
    asked = browser.post("/me/profile", data=sent)
    assert asked.status_code == 422
    assert f"<mark>{number}" in asked.text
    session.refresh(charlie)
    assert number not in charlie.headline
    kept = asked.text.partition('name="kept"')[2].partition('value="')[2].partition('"')[0]
    for act, headline in (("knowingly", sent["headline"]), ("without", "Nurse, […]")):
        assert browser.post("/me/profile", data=sent | {"act": act, "kept": kept}).status_code == 303
        session.refresh(charlie)
        assert charlie.headline == headline
        if act == "knowingly":  # what stays as it was is not asked about again
            assert browser.post("/me/profile", data=sent).status_code == 303


@pytest.mark.parametrize("change", [{"name": " "}, {"headline": "h" * 161}, {"locale": "xx"}, {"timezone": "Mars/One"}])
def test_an_invalid_profile_is_refused(signed_in, charlie, change):
    data = {"name": "Charlie", "headline": "", "locale": "en", "timezone": "Europe/Paris"} | change
    answer = signed_in(charlie).post("/me/profile", data=data)
    assert answer.status_code == 422
    assert "error-summary" in answer.text


def test_a_zone_outside_the_list_can_still_be_chosen(signed_in, make_person):
    dana = make_person("Dana", timezone="Asia/Tokyo")
    assert 'selected value="Asia/Tokyo"' in signed_in(dana).get("/me/profile").text


# My page


@pytest.mark.parametrize("address", ["/me", "/me/profile"])
def test_my_page_asks_to_sign_in(client, address):
    answer = client.get(address)
    assert answer.location == f"/sign-in?next={address}"


def test_my_page_invites_whoever_has_written_nothing(signed_in, charlie):
    page = signed_in(charlie).get("/me").text
    assert "You have no ideas yet" in page
    assert "My drafts" not in page


def test_my_page_lists_drafts_ideas_and_campaigns(signed_in, session, campaign, alice, make_idea, now):
    draft = save_draft(session, campaign, author=alice, title="Half a thought", body="", now=now)
    mine = make_idea(campaign, alice, "A finished thought")
    page = signed_in(alice).get("/me").text
    assert "Half a thought" in page
    assert f"/campaigns/{campaign.id}/ideas/new?draft={draft.id}" in page
    assert f"/campaigns/{campaign.id}/ideas/{draft.id}/discard" in page
    assert f'href="/campaigns/{campaign.id}/ideas/{mine.id}"' in page
    assert "My campaigns" in page


def decided(session, idea, alice, now):
    theme = Theme(campaign=idea.campaign, found_name="Fewer clicks everywhere", created_at=now)
    session.add(theme)
    session.flush()
    session.add(Placement(idea_id=idea.id, campaign_id=idea.campaign_id, theme_id=theme.id, strength=0.9))
    session.add(
        Decision(
            theme=theme,
            status=DecisionStatus.ADOPTED,
            reason="We start in spring.",
            respondent=alice,
            decided_on=now.date(),
            recorded_by_id=alice.id,
            updated_at=now,
        )
    )
    session.commit()


def test_theme_and_decision_are_withheld_until_the_debrief(signed_in, session, idea, alice, charlie, now):
    decided(session, idea, alice, now)
    client = signed_in(charlie)
    before = client.get("/me").text
    assert "Fewer clicks" in before
    assert "Fewer clicks everywhere" not in before
    assert "We start in spring." not in before
    idea.campaign.debriefed_at = now
    session.commit()
    after = client.get("/me").text
    assert "Fewer clicks everywhere" in after
    assert "We start in spring." in after
    assert "Accepted" in after


def test_after_the_debrief_an_idea_without_a_theme_says_so(signed_in, session, idea, charlie, now):
    idea.campaign.debriefed_at = now
    session.commit()
    assert "Your idea is not part of a theme" in signed_in(charlie).get("/me").text


def test_my_page_asks_the_database_as_often_for_thirty_ideas_as_for_three(
    signed_in, session, campaign, make_campaign, make_idea, count_queries, charlie, now
):
    client = signed_in(charlie)

    def write(number):
        for index in range(number):
            make_idea(campaign, charlie, f"Idea {index}")
            save_draft(session, campaign, author=charlie, title=f"Draft {index}", body="", now=now)
            make_campaign(owner=charlie)
        session.commit()

    write(3)
    few = count_queries(lambda: client.get("/me"))
    write(27)
    assert count_queries(lambda: client.get("/me")) == few
