"""From a file with addresses to ideas that have an author: kept if asked, then claimed by a link or a code."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select, update

from app.mail.delivery import compose, deliver_due
from app.mail.invitation import claim_code, find_by_code, invitation_token, write_invitation_letter
from app.mail.letters.imported import is_wanted, write_imported_letter
from app.mail.notices import notify_due
from app.mail.receipt import imported_token
from ideas.answers.action import commit_to, report_progress
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.answers.debriefs.objection import Objection, claim_objections
from ideas.answers.decision import DecisionStatus, decide
from ideas.campaigns.people.team import Role, add_to_team
from ideas.contest.contest import ContestText, set_up_contest
from ideas.contest.entry import begin_scoring
from ideas.contest.result import announce_winners
from ideas.contributions.claim import ImportedAddress, invite_authors
from ideas.contributions.idea import Idea
from ideas.contributions.imports.importing import import_ideas
from ideas.contributions.imports.row import ImportRow
from ideas.outreach.messages.message import Message
from ideas.outreach.outbox import Trait, outbox_of
from ideas.people.limit import LIMITS, LimitedAct
from ideas.people.person import find_person
from ideas.spaces.invitation import Invitation
from ideas.themes.edits.move import move_ideas
from ideas.themes.placement import Placement

FILE = b"Idea;Mail\nOpen the door earlier;zoe@example.org\nMore bicycles please;yann@example.org\n"


@pytest.fixture
def claimed(app, session, campaign, alice, now):
    """(invitation, its address) of the author of an imported idea."""
    rows = [ImportRow(line=1, body="Open the door earlier.", email="zoe@example.org")]
    import_ideas(session, campaign, rows, by=alice, now=now)
    session.execute(update(ImportedAddress).values(agreed=True))
    [invitation] = invite_authors(session, campaign, locale="en", by=alice, now=now).invitations
    session.commit()
    with app.app_context():
        return invitation, f"/invitations/{invitation_token(invitation)}"


@pytest.mark.parametrize(("kept", "agreed"), [(True, True), (True, False), (False, True)])
def test_addresses_are_kept_only_if_asked_and_written_to_only_if_they_agreed(session, campaign, send, kept, agreed):
    page = send(FILE)
    assert "Keep the email addresses" in page.text
    sent = {"text": "0", "same_id": "skip", "header": "1", "encoding": "utf-8", "apart": "together"}
    browser, address = send.browser, page.request.path
    ticked = {name: "y" for name, on in (("with_addresses", kept), ("with_agreed", agreed)) if on}
    assert browser.post(address, data=sent | ticked).status_code == 303
    page = browser.get(address).text
    assert "Import summary" in page
    assert ("Let the authors claim their ideas" in page) is kept
    assert "zoe@example.org" not in page
    assert ("2 authors are not invited" in page) is (kept and not agreed)
    assert [one.agreed for one in session.scalars(select(ImportedAddress))] == ([agreed, agreed] if kept else [])
    assert session.scalars(select(Message)).all() == []
    if kept:
        browser.post(f"/campaigns/{campaign.id}/import/authors", data={"locale": "fr"})
        assert len(session.scalars(select(Message)).all()) == (2 if agreed else 0)


def test_the_mail_quotes_the_idea_and_has_link_and_code(app, session, claimed):
    invitation, address = claimed
    with app.app_context():
        text = write_invitation_letter(session, invitation).text
        for words in ("Open the door earlier.", address, claim_code(invitation), "http://localhost/claim"):
            assert words in text


def test_a_new_account_claims_by_the_link(client, session, claimed):
    _, address = claimed
    assert "1 idea sent with your address becomes yours when you join." in client.get(address).text
    sent = {"name": "Zoe", "password": "a quiet river at dawn", "rules": "y"}
    assert client.post(f"{address}/account", data=sent).location == "/me"
    assert "1 idea is now yours." in client.get("/me").text
    session.expire_all()
    assert session.scalars(select(Idea)).one().author_id == find_person(session, "zoe@example.org").id
    assert "now yours" not in client.get("/me").text


def test_another_account_claims_by_the_code_once(app, signed_in, session, charlie, bob, claimed):
    invitation, _ = claimed
    with app.app_context():
        code = claim_code(invitation)
    browser = signed_in(charlie)
    assert browser.post("/claim", data={"code": f" {code.lower().replace('-', ' ')}"}).location == "/me"
    session.expire_all()
    assert session.scalars(select(Idea)).one().author_id == charlie.id
    answer = signed_in(bob).post("/claim", data={"code": code})
    assert answer.status_code == 422
    assert "This invitation was already used." in answer.text


@pytest.mark.parametrize(
    "typed", ["1-AAAA-BBBB-CCCC-DDDD", "x", "999999999-" + "A" * 16, "<script>", "\u0661" * 17, "-" * 60]
)
def test_a_wrong_code_is_refused_with_what_was_typed(signed_in, charlie, claimed, typed):
    answer = signed_in(charlie).post("/claim", data={"code": typed})
    assert answer.status_code == 422
    assert "This code is wrong, or no longer valid." in answer.text


def test_codes_are_not_guessed(signed_in, charlie, claimed):
    browser = signed_in(charlie)
    codes = [
        browser.post("/claim", data={"code": "1-AAAA"}).status_code for _ in range(LIMITS[LimitedAct.CLAIM][0].most + 1)
    ]
    assert codes[-2:] == [422, 429]


def test_a_code_is_long_and_of_one_invitation(app, session, claimed):
    invitation, _ = claimed
    with app.app_context():
        code = claim_code(invitation)
        assert len(code.replace("-", "")) >= 17
        assert find_by_code(session, code) is invitation
        invitation.serial += 1
        assert claim_code(invitation) != code
        assert find_by_code(session, code) is None


def test_only_who_invites_offers_ideas_to_their_authors(signed_in, session, campaign, bob, claimed):
    assert signed_in(bob).post(f"/campaigns/{campaign.id}/import/authors", data={"locale": "fr"}).status_code == 403
    assert len(session.scalars(select(Invitation)).all()) == 1


def words_before_footer(text):
    return re.sub(r"https?://\S+", "", text).partition("\n-- ")[0].split()


def test_authors_who_agreed_are_told_by_mail_what_became_of_their_ideas_until_they_want_no_more(
    app, client, session, signed_in, closed_campaign, make_idea, make_theme, give_answer, alice, charlie, now
):
    ideas = [make_idea(closed_campaign, None, body) for body in ("A bench.", "A tree.", "A bus.", "A bin.", "A bell.")]
    for idea, email in zip(ideas, ("zoe", "zoe", "yann", "xia", "alice"), strict=True):  # Alice has an account
        agreed = email != "yann"  # who did not agree is not told
        session.add(ImportedAddress(idea_id=idea.id, email=f"{email}@example.org", agreed=agreed))
    give_answer(make_theme(closed_campaign, ideas=ideas))
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    outbox = outbox_of(session, closed_campaign, by=alice, now=now)
    assert (outbox.agreed, outbox.unclaimed, outbox.total) == (2, 2, 2)
    # Before it is published: they are drawn, found by the words of their idea, and what they will read is shown.
    assert [(one.trait, one.recipient.name) for one in outbox.drawn] == [(Trait.WITHOUT_ACCOUNT, "A bench.")]
    assert [one.imported_id for one in outbox.named("bin")] == [ideas[3].id]
    session.commit()
    manager, here = signed_in(alice), f"/campaigns/{closed_campaign.id}/debrief/outbox"
    listed = manager.get(f"{here}?who=bench").text
    assert listed.count(f'href="{here}/imported/{ideas[0].id}"') == 3  # found, drawn, listed
    assert "2 people will be told" in listed
    draft = manager.get(f"{here}/imported/{ideas[0].id}").text
    for words in ("A bench.", "A tree.", "It ships in spring.", "you agreed to be told"):
        assert words in draft
    assert "A bus." not in draft
    assert "/receipt/" not in draft
    for other in (ideas[1], ideas[2], ideas[4]):  # not the first of its author, did not agree, has an account
        assert "not in the list of recipients" in manager.get(f"{here}/imported/{other.id}").text
    assert "zoe@example.org" not in listed + draft
    assert signed_in(charlie).get(f"{here}/imported/{ideas[0].id}").status_code == 403
    publish_debrief(session, debrief, by=alice, now=now)
    session.commit()
    with app.app_context():
        for _turn in range(2):
            notify_due(now + timedelta(minutes=1))
        session.expire_all()
        messages = {one.address: one for one in session.scalars(select(Message)) if one.person_id is None}
        assert sorted(messages) == ["xia@example.org", "zoe@example.org"], "one for each, however often"
        message = messages["zoe@example.org"]
        letter = write_imported_letter(session, message)
        mail = compose(message, sender="site@example.org", letter=letter)
        receipt = imported_token(message.imported_id)
    shown = re.search(r'mail-body">(.*?)</div>', draft, re.DOTALL)[1]
    assert words_before_footer(unescape(shown)) == words_before_footer(letter.text)
    for words in ("A bench.", "A tree.", "It ships in spring.", f"/receipt/ideas/{receipt}", "you agreed to be told"):
        assert words in letter.text
    assert "A bus." not in letter.text
    assert f"/receipt/ideas/{receipt}/stop" in str(mail["List-Unsubscribe"])
    assert "A tree." in client.get(f"/receipt/ideas/{receipt}").text
    assert client.get(f"/receipt/ideas/{receipt}/stop").status_code == 200
    assert "A tree." in client.get(f"/receipt/ideas/{receipt}").text, "reading the page stops nothing"
    assert client.post(f"/receipt/ideas/{receipt}/stop").status_code == 200
    assert client.get(f"/receipt/ideas/{receipt}").status_code == 404
    with app.app_context():
        session.expire_all()
        assert [is_wanted(session, one) for _, one in sorted(messages.items())] == [True, False]
        deliver_due(now + timedelta(minutes=2))
        session.expire_all()
        left = {one.address: one for one in session.scalars(select(Message)) if one.person_id is None}
    assert list(left) == ["xia@example.org"]
    assert (left["xia@example.org"].sent_at is not None, left["xia@example.org"].body) == (True, "")


def test_entrants_without_an_account_who_agreed_are_told_of_the_winners_and_of_a_correction(
    app, session, closed_campaign, make_idea, alice, charlie, now
):
    bodies = {"zoe": "A bench.", "yann": "A tree.", "xia": "A bus.", "wim": "A bin."}
    ideas = {name: make_idea(closed_campaign, None, body) for name, body in bodies.items()}
    for name, idea in ideas.items():
        session.add(ImportedAddress(idea_id=idea.id, email=f"{name}@example.org", agreed=name != "xia"))
    add_to_team(session, closed_campaign, charlie, role=Role.JURY, by=alice, now=now)
    due = now + timedelta(days=1)
    text = ContestText(criteria=[("Useful", 1)], scores_due_at=due)
    contest = set_up_contest(session, closed_campaign, text=text, by=alice, now=now)
    begin_scoring(session, contest, by=alice, now=now)

    def told(winner, reason="", at=due):
        """The mails that wait after these winners are announced, by their address."""
        reasons, words = {ideas[winner].id: "It helps."}, "Thank you all."
        facts = {"reasons": reasons, "words_to_others": words, "change_reason": reason}
        announce_winners(session, contest, by=alice, now=at, **facts)
        session.commit()
        before = set(session.scalars(select(Message.id)))
        with app.app_context():
            for _turn in range(2):
                notify_due(at + timedelta(minutes=1))
            session.expire_all()
            new = [one for one in session.scalars(select(Message)) if one.person_id is None and one.id not in before]
            return {one.address.partition("@")[0]: write_imported_letter(session, one) for one in new}

    letters = told("zoe")
    assert sorted(letters) == ["wim", "yann", "zoe"], "one for each who agreed, however often"
    assert letters["zoe"].subject == "Easier mornings: your idea has won"
    for words in ("“A bench.” is a winner", "It helps.", "/winners", "you agreed to be told"):
        assert words in letters["zoe"].text
    assert "Your idea was not chosen." in letters["yann"].text
    assert "Thank you all." in letters["yann"].text
    closed_campaign.open_to_visitors = False
    letters = told("yann", "We read the wrong line.", due + timedelta(hours=1))
    assert sorted(letters) == ["yann", "zoe"], "nothing changes for Wim"
    assert "have been corrected" in letters["zoe"].text
    assert "/winners" not in letters["yann"].text, "who has no account could not read it"


def test_authors_who_agreed_are_told_of_what_comes_after_the_debrief_too(
    app, session, closed_campaign, make_idea, make_theme, give_answer, alice, now
):
    bench, bus = (make_idea(closed_campaign, None, body) for body in ("A bench.", "A bus."))
    for idea, email in ((bench, "zoe"), (bus, "yann")):
        session.add(ImportedAddress(idea_id=idea.id, email=f"{email}@example.org", agreed=True))
    squares, roads = (
        make_theme(closed_campaign, name, ideas=[one]) for name, one in (("Squares", bench), ("Roads", bus))
    )
    decision = give_answer(squares)
    expected = {"status": DecisionStatus.PENDING, "expected_on": now.date() + timedelta(days=9), "reason": ""}
    promised = give_answer(roads, **expected)
    action = commit_to(session, decision, title="Ship it", impact="", owner=alice, due_on=now.date(), by=alice, now=now)
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    session.commit()

    def mails(minutes):
        with app.app_context():
            notify_due(now + timedelta(minutes=minutes))
            session.expire_all()
            waiting = [one for one in session.scalars(select(Message).order_by(Message.id)) if one.activity_id]
            return [(one.address.partition("@")[0], write_imported_letter(session, one)) for one in waiting]

    assert mails(1) == [], "the debrief has its own mail"
    after = now + timedelta(minutes=2)
    report_progress(session, action, progress=100, by=alice, now=after)
    answer = {"status": DecisionStatus.PLANNED, "reason": "In June.", "respondent": alice, "decided_on": now.date()}
    decide(session, roads, **answer, by=alice, now=after, seen=promised.version, change_reason="It is ready.")
    session.commit()
    assert [address for address, _letter in mails(5)] == ["zoe", "yann"]
    move_ideas(session, closed_campaign, idea_ids=[bus.id], to=squares, reason="Misread.", by=alice, now=after)
    session.commit()
    told = mails(6)
    assert [address for address, _letter in told] == ["zoe", "yann", "yann"]
    done, answered, moved = (letter.text for _address, letter in told)
    for words in ("The action “Ship it” is done.", "Theme: Squares", "A bench.", "/receipt/ideas/", "/stop"):
        assert words in done, words
    assert ("The answer to the theme “Roads” has changed." in answered, "In June." in answered) == (True, True)
    assert ("Your idea is now part of the theme “Squares”." in moved, "Misread." in moved) == (True, True)
    assert "A bus." not in done
    assert len(mails(7)) == len(told), "one for each act, however often"


def test_authors_without_an_account_say_by_their_link_that_an_idea_is_misplaced_and_read_the_answer(
    app, client, session, signed_in, closed_campaign, make_idea, make_theme, give_answer, make_person, alice, now
):
    bench = make_idea(closed_campaign, None, "A bench.")
    session.add(ImportedAddress(idea_id=bench.id, email="zoe@example.org", agreed=True))
    theme, other = make_theme(closed_campaign, ideas=[bench]), make_theme(closed_campaign, "Roads", bodies=("A bus.",))
    give_answer(theme)
    closed_campaign.debriefed_at = now
    session.commit()
    with app.app_context():
        receipt = f"/receipt/ideas/{imported_token(bench.id)}"
    assert "This is not what I meant" in client.get(receipt).text
    said = {"idea": bench.id, "theme": theme.id, "reason": "I meant a work bench."}
    [elsewhere] = session.scalars(select(Placement.idea_id).where(Placement.theme_id == other.id))
    assert client.post(receipt, data=said | {"idea": elsewhere, "theme": other.id}).status_code == 404
    assert client.post(receipt, data=said | {"reason": " "}).status_code == 422
    assert client.post(receipt, data=said).location == receipt
    assert client.post(receipt, data=said).status_code == 422, "once for each theme"
    assert "I meant a work bench." in client.get(receipt).text
    desk = f"/campaigns/{closed_campaign.id}/objections"
    manager = signed_in(alice)
    assert "I meant a work bench." in manager.get(desk).text
    [made] = session.scalars(select(Objection))
    assert (made.person_id, made.email) == (None, "zoe@example.org")
    assert manager.post(f"{desk}/{made.id}/keep", data={"answer": "It is about benches."}).status_code == 303
    with app.app_context():
        notify_due(now + timedelta(minutes=9))
        session.expire_all()
        [message] = session.scalars(select(Message).where(Message.imported_id == bench.id))
        letter = write_imported_letter(session, message).text
    assert ("leaves it where it is" in letter, "It is about benches." in letter) == (True, True)
    assert "It is about benches." in client.get(receipt).text
    zoe = make_person("Zoe", email="zoe@example.org")
    claim_objections(session, [bench], zoe)
    session.commit()
    assert (made.person_id, made.email) == (zoe.id, None)
