"""What a person reads who has reached a limit; and that no text is lost."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.signing.caller import caller_address
from ideas.contributions.comment import Comment
from ideas.contributions.draft import drafts_of, save_draft
from ideas.contributions.idea import Idea
from ideas.people.limit import LIMITS, NEW_ACCOUNT_LIMITS, LimitCount, LimitedAct


@pytest.fixture
def at_limit(session, now):
    """Have this person reach a limit."""

    def reach(person, act):
        session.add_all(
            LimitCount(
                act=act, subject=f"person {person.id}", seconds=int(each.within.total_seconds()), started_at=now,
                count=each.most,
            )
            for each in LIMITS[act]
        )  # fmt: skip
        session.commit()

    return reach


def test_one_idea_too_many_stays_in_the_form_and_becomes_a_draft(signed_in, charlie, campaign, session, at_limit):
    at_limit(charlie, LimitedAct.SUBMIT)
    client = signed_in(charlie)
    answer = client.post(f"/campaigns/{campaign.id}/ideas/new", data={"title": "Bus", "body": "More buses on Sunday."})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "You have published many ideas in a short while" in answer.text
    assert "More buses on Sunday." in answer.text
    [draft] = drafts_of(session, charlie)
    assert (draft.title, draft.body) == ("Bus", "More buses on Sunday.")


def test_the_text_stays_in_the_form_when_there_are_too_many_drafts_too(signed_in, charlie, campaign, session, at_limit):
    at_limit(charlie, LimitedAct.SUBMIT)
    at_limit(charlie, LimitedAct.DRAFT)
    answer = signed_in(charlie).post(f"/campaigns/{campaign.id}/ideas/new", data={"body": "More buses on Sunday."})
    assert answer.status_code == 429
    assert "More buses on Sunday." in answer.text
    assert drafts_of(session, charlie) == []


def test_the_sentence_names_the_hour(signed_in, charlie, campaign, at_limit):
    at_limit(charlie, LimitedAct.SUBMIT)
    page = signed_in(charlie).post(f"/campaigns/{campaign.id}/ideas/new", data={"body": "Bus"}).text
    assert " You can publish it " in page
    assert "%(" not in page


def test_an_autosave_over_the_limit_says_so(signed_in, charlie, campaign, at_limit):
    at_limit(charlie, LimitedAct.DRAFT)
    answer = signed_in(charlie).post(f"/campaigns/{campaign.id}/ideas/save", data={"body": "Bus"})
    assert answer.status_code == 429
    assert answer.text.startswith("Not saved: you have started many drafts.")


@pytest.mark.parametrize("way", ["save", "new"])
def test_a_draft_that_is_saved_too_often_stays_on_the_page(signed_in, charlie, campaign, session, at_limit, now, way):
    draft = save_draft(session, campaign, author=charlie, title="", body="Bus", now=now)
    at_limit(charlie, LimitedAct.SAVE_DRAFT)
    data = {"body": "Bus on Sunday", "act": "keep"}
    answer = signed_in(charlie).post(f"/campaigns/{campaign.id}/ideas/{way}?draft={draft.id}", data=data)
    assert answer.status_code == 429
    assert "Not saved: your drafts were saved very often in a short while." in answer.text
    assert way == "save" or "Bus on Sunday</textarea>" in answer.text


def test_a_change_over_the_limit_stays_in_the_form(signed_in, charlie, idea, at_limit):
    at_limit(charlie, LimitedAct.REVISE)
    address = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}/edit"
    answer = signed_in(charlie).post(address, data={"body": "A better text"})
    assert answer.status_code == 429
    assert "A better text" in answer.text


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_comment_over_the_limit_stays_in_the_form(signed_in, bob, idea, session, at_limit, headers):
    at_limit(bob, LimitedAct.COMMENT)
    address = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}/comments"
    answer = signed_in(bob).post(address, data={"body": "I agree with this."}, headers=headers)
    assert answer.status_code == 429
    assert "I agree with this." in answer.text
    assert session.scalar(select(func.count(Comment.id))) == 0


def test_support_over_the_limit_says_when(signed_in, bob, idea, at_limit):
    at_limit(bob, LimitedAct.RESPOND)
    address = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}/vote"
    answer = signed_in(bob).post(address, headers={"HX-Request": "true"})
    assert answer.status_code == 429
    assert "You have responded to many ideas" in answer.text


def test_a_campaign_over_the_limit_stays_in_the_form(signed_in, alice, at_limit):
    at_limit(alice, LimitedAct.START_CAMPAIGN)
    answer = signed_in(alice).post("/campaigns/new", data={"title": "Quieter offices", "brief": "Tell us."})
    assert answer.status_code == 429
    assert "Quieter offices" in answer.text


def test_a_flood_of_ideas_ends_at_the_limit(signed_in, charlie, campaign, session):
    client = signed_in(charlie)
    answers = [
        client.post(f"/campaigns/{campaign.id}/ideas/new", data={"body": f"Idea {number}"}).status_code
        for number in range(40)
    ]
    few = NEW_ACCOUNT_LIMITS[LimitedAct.SUBMIT][0].most
    assert answers == [303] * few + [429] * (40 - few)
    submitted = select(func.count(Idea.id)).where(Idea.submitted_at.is_not(None))
    assert session.scalar(submitted) == few


@pytest.mark.usefixtures("set_up")
def test_sign_ups_are_counted_by_address_whatever_comes_of_them(client, session, monkeypatch):
    monkeypatch.setattr("ideas.accounts.identity.hash_password", lambda _password: "no hash")

    def sign_up(number, address="198.51.100.7", **change):
        data = {"name": f"Eve {number}", "email": f"eve{number}@example.org", "password": "une phrase à moi"}
        data |= {"rules": "y"} | change
        answer = client.post("/sign-up", data=data, environ_base={"REMOTE_ADDR": address})
        client.post("/sign-out")
        return answer

    most = LIMITS[LimitedAct.SIGN_UP][0].most
    assert {sign_up(number, password="short").status_code for number in range(most)} == {422}
    refused = sign_up(most)
    assert refused.status_code == 429
    assert "Many accounts were created from your network" in refused.text
    assert f"Eve {most}" in refused.text
    assert sign_up(most, address="198.51.100.8").status_code == 303


@pytest.mark.usefixtures("set_up")
def test_no_network_address_is_stored(client, session):
    client.post(
        "/sign-up",
        data={"name": "Eve", "email": "eve@example.org", "password": "une phrase à moi", "rules": "y"},
        environ_base={"REMOTE_ADDR": "198.51.100.7"},
    )
    subjects = set(session.scalars(select(LimitCount.subject)))
    assert subjects
    assert not any("198.51" in subject for subject in subjects)


def test_addresses_of_one_ipv6_network_are_one(app: Flask):
    def of(address):
        with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            return caller_address()

    assert of("2001:db8:1:2::1") == of("2001:db8:1:2:ffff::9") != of("2001:db8:1:3::1")
    assert of("::ffff:198.51.100.7") == of("198.51.100.7")
    assert of("") != of("198.51.100.7")


LOOK_ALIKES = ["Аliсе", "AIice", "A1ice", "Αlιcе", "ᴀʟɪᴄᴇ", "Ａlice", "𝐀lice", "Ⓐlice", "A|ice", "Аdmin", "Adrnin"]
# Letters that are drawn as nothing or as a space, and one that the normal form takes for another.
LOOK_ALIKES += ["Al\u3164ice", "\u115fAlice", "Alice\uffa0", "Ad\u1160min", "Ali\u03f2e"]


@pytest.mark.parametrize(
    "name", ["ALICE", " alicé ", "A-l-i-c-e", "Admin", "Modération", "Convergence", "L’équipe", *LOOK_ALIKES]
)
def test_nobody_takes_the_name_of_an_administrator_or_of_the_site(client, signed_in, alice, charlie, session, name):
    alice.is_admin = True
    session.commit()
    data = {"name": name, "email": "eve@example.org", "password": "une phrase à moi", "rules": "y"}
    answer = client.post("/sign-up", data=data)
    assert answer.status_code == 422
    assert "This name is reserved." in answer.text
    profile = {"name": name, "headline": "", "locale": "en", "timezone": "Europe/Paris"}
    assert signed_in(charlie).post("/me/profile", data=profile).status_code == 422
    session.expire_all()
    assert charlie.name == "Charlie"


def test_an_administrator_keeps_their_own_name(signed_in, alice, session):
    alice.is_admin = True
    session.commit()
    profile = {"name": "Alice", "headline": "Lead", "locale": "en", "timezone": "Europe/Paris"}
    assert signed_in(alice).post("/me/profile", data=profile).status_code == 303
