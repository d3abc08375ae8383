"""The receipt of a person, with and without an account, and what the team does about an objection."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.extensions import database
from app.forms.themes.edit import MoveIdeasForm
from app.mail.letters.letter import read_contents, write_letter
from app.mail.notices import notify_due
from app.mail.receipt import receipt_token
from ideas.activity.activity import Activity
from ideas.answers.action import abandon_action, commit_to, report_progress
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.answers.debriefs.objection import Objection, object_to
from ideas.campaigns.people.team import Role, add_to_team
from ideas.contributions.comment import Comment
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.outreach.messages.message import Message
from ideas.outreach.notice import Notice, NoticeKind
from ideas.people.sanction import Reason, SanctionKind, give_sanction
from ideas.themes.passage import Passage
from ideas.themes.placement import Placement


@pytest.fixture
def told(session, closed_campaign, make_theme, make_idea, give_answer, alice, bob, charlie, now):
    """Charlie's idea in a theme with an answer and two actions, and another theme, once the debrief is public."""
    idea = make_idea(closed_campaign, charlie, "One click to confirm.")
    theme = make_theme(closed_campaign, ideas=[idea])
    other = make_theme(closed_campaign, "More light", bodies=("Windows.",), author=None)
    decision = give_answer(theme)
    give_answer(other)
    due = now.date() + timedelta(days=9)
    for title in ("Ship it", "Paint it"):
        commit_to(session, decision, title=title, impact="", owner=bob, due_on=due, by=bob, now=now)
    session.flush()
    debrief = write_debrief(session, closed_campaign, body="Thanks.", by=alice, now=now)
    publish_debrief(session, debrief, by=alice, now=now)
    session.refresh(decision)
    shipped, painted = decision.actions
    report_progress(session, shipped, progress=100, by=bob, now=now)
    abandon_action(session, painted, reason="Too dear.", by=bob, now=now)
    session.commit()
    return idea, theme, other


@pytest.fixture
def signed(app, closed_campaign, charlie):
    with app.app_context():
        return f"/receipt/{receipt_token(charlie.id, closed_campaign.id)}"


def letter_of(app, session, notice_id):
    """The mail of this notice."""
    session.commit()
    with app.app_context():
        return write_letter(read_contents(session, [notice_id])[notice_id])


def test_the_signed_link_shows_each_step_and_takes_an_objection_without_an_account(
    app, client, signed_in, session, closed_campaign, told, signed, bob, charlie, now
):
    idea, theme, other = told
    before = [session.scalar(select(func.count()).select_from(table)) for table in (Objection, Activity)]
    shown = client.get(signed).text
    for words in ("One click to confirm.", "Fewer clicks", "It ships in spring.", "Ship it", "Action, done on",
                  "Action, abandoned on", "Too dear.", "This is not what I meant", "noindex"):  # fmt: skip
        assert words in shown
    assert [session.scalar(select(func.count()).select_from(table)) for table in (Objection, Activity)] == before
    refused = client.post(signed, data={"idea": idea.id, "theme": theme.id, "reason": " "})
    assert refused.status_code == 422
    assert "Say what you meant" in refused.text
    sent = client.post(signed, data={"idea": idea.id, "theme": theme.id, "reason": "I meant <the lamps>."})
    assert (sent.status_code, sent.location) == (303, signed)
    again = client.get(signed).text
    assert "I meant &lt;the lamps&gt;." in again
    assert "The team has not decided yet." in again
    twice = client.post(signed, data={"idea": idea.id, "theme": theme.id, "reason": "Once more."})
    assert twice.status_code == 422

    # The team reads it beside the themes, and moves the idea from there.
    manager = signed_in(bob)
    themes = f"/campaigns/{closed_campaign.id}/themes"
    assert "The author of 1 idea says that it is misplaced." in manager.get(themes).text
    desk = f"/campaigns/{closed_campaign.id}/objections"
    assert "I meant &lt;the lamps&gt;." in manager.get(desk).text
    [objection] = session.scalars(select(Objection))
    assert manager.post(f"{desk}/{objection.id}/move", data={"to": "", "reason": "Lamps."}).status_code == 422
    unexplained = manager.post(f"{desk}/{objection.id}/move", data={"to": other.id, "reason": ""})
    assert unexplained.status_code == 422
    assert manager.post(f"{desk}/{objection.id}/move", data={"to": other.id, "reason": "Lamps."}).status_code == 303
    session.expire_all()
    assert session.get(Placement, idea.id).theme_id == other.id
    assert "Nothing to settle" in manager.get(desk).text
    assert "Your idea has been moved since." in client.get(signed).text
    assert manager.post(f"{desk}/{objection.id}/keep", data={"answer": "No."}).status_code == 422
    session.commit()
    with app.app_context():
        notify_due(now + timedelta(minutes=1))
    found = {(one.person_id, one.kind): one.id for one in session.scalars(select(Notice))}
    assert (charlie.id, NoticeKind.IDEA_MOVED) in found
    letter = letter_of(app, session, found[bob.id, NoticeKind.OBJECTION])
    assert "says that it is not in the right place" in letter.text
    assert f"http://localhost{desk}" in letter.text
    assert "because you manage the campaign" in letter.text


def test_who_is_signed_in_has_their_own_receipt_and_reads_why_the_idea_stays(
    app, client, signed_in, session, closed_campaign, told, bob, charlie, make_person, now
):
    idea, theme, _other = told
    here = f"/campaigns/{closed_campaign.id}/receipt"
    assert "Sign in to see what became of your ideas." in client.get(here).text
    author = signed_in(charlie)
    page = author.get("/me").text
    assert here in page
    assert "1 action done" in page
    assert author.post(here, data={"idea": idea.id, "theme": theme.id, "reason": "Lamps."}).status_code == 303
    desk = f"/campaigns/{closed_campaign.id}/objections"
    manager = signed_in(bob)
    [objection] = session.scalars(select(Objection))
    assert manager.post(f"{desk}/{objection.id}/keep", data={"answer": ""}).status_code == 422
    assert manager.post(f"{desk}/{objection.id}/keep", data={"answer": "It asks for both."}).status_code == 303
    assert "It asks for both." in author.get(here).text
    session.commit()
    with app.app_context():
        notify_due(now + timedelta(minutes=1))
    of_author = (Notice.person_id == charlie.id) & (Notice.kind == NoticeKind.OBJECTION)
    letter = letter_of(app, session, session.scalar(select(Notice.id).where(of_author)))
    for words in ("leaves it where it is", "It asks for both.", f"http://localhost{here}"):
        assert words in letter.text
    stranger = signed_in(make_person("Dora"))
    assert "You sent no idea to this campaign" in stranger.get(here).text
    refused = stranger.post(here, data={"idea": idea.id, "theme": theme.id, "reason": "Mine!"})
    assert refused.status_code in {403, 422}
    assert stranger.post(here, data={"idea": 99999, "reason": "Mine!"}).status_code == 404


def test_a_link_that_nobody_signed_or_of_an_erased_account_is_not_found(
    app, client, session, closed_campaign, told, signed, make_campaign, charlie, now
):
    assert client.get(signed + "x").status_code == 404
    draft = make_campaign(announced_at=None)
    others = ((charlie.id, 99999), (99999, closed_campaign.id), (charlie.id, draft.id))
    with app.app_context():
        links = [f"/receipt/{receipt_token(*other)}" for other in others]
    assert [client.get(link).status_code for link in links] == [404, 404, 404]
    charlie.erased_at = now
    session.commit()
    assert client.get(signed).status_code == 404
    assert client.post(signed, data={"idea": told[0].id, "reason": "Lamps."}).status_code == 404


def test_the_mail_of_a_debrief_has_the_link_of_its_reader(app, session, told, signed, charlie, now):
    with app.app_context():
        notify_due(now + timedelta(minutes=1))
        session.expire_all()
    letter = letter_of(app, session, session.scalar(select(Message.notice_id).where(Message.person_id == charlie.id)))
    assert f"http://localhost{signed}" in letter.text
    assert f"http://localhost{signed}" in letter.html


def test_whoever_wrote_an_idea_objects_by_both_ways_and_whoever_may_not_write_is_not_asked(
    client, signed_in, session, closed_campaign, told, signed, alice, charlie, now
):
    idea, theme, _other = told
    here = f"/campaigns/{closed_campaign.id}/receipt"
    sent = {"idea": idea.id, "theme": theme.id, "reason": "Lamps."}
    assert client.post(here, data=sent).location.startswith("/sign-in")
    facts = {"reason": Reason.INSULT, "quote": "", "words": "", "ends_at": now + timedelta(days=7)}
    sanction = give_sanction(session, charlie, SanctionKind.SUSPENSION, **facts, by=alice, now=now)
    session.commit()
    author = signed_in(charlie)
    for browser, address in ((author, here), (client, signed)):
        assert "This is not what I meant" not in browser.get(address).text
        assert browser.post(address, data=sent).status_code in {403, 422}
    session.delete(sanction)
    # Of the team by now: a moderator sends no idea here, and still says that theirs is misplaced.
    add_to_team(session, closed_campaign, charlie, role=Role.MODERATOR, by=alice, now=now)
    session.commit()
    for browser, address in ((author, here), (client, signed)):
        assert "This is not what I meant" in browser.get(address).text
    assert author.post(here, data=sent).status_code == 303


def test_of_two_who_settle_an_objection_at_once_the_second_is_refused(
    signed_in, session, closed_campaign, told, bob, charlie, monkeypatch, now
):
    idea, theme, other = told
    number = object_to(session, idea, theme_id=theme.id, reason="Lamps.", by=charlie, now=now).id
    session.commit()
    sent = MoveIdeasForm.validate_on_submit

    def meanwhile(form):
        """Another manager answers, once the page of this one has read the objection."""
        kept = update(Objection).values(kept_at=now, kept_by_id=1, answer="It asks for both.")
        database().execute(kept.execution_options(synchronize_session=False))
        return sent(form)

    monkeypatch.setattr(MoveIdeasForm, "validate_on_submit", meanwhile)
    desk = f"/campaigns/{closed_campaign.id}/objections"
    answer = signed_in(bob).post(f"{desk}/{number}/move", data={"to": other.id, "reason": "Lamps."})
    assert answer.status_code in {409, 422}
    session.expire_all()
    assert session.get(Placement, idea.id).theme_id == theme.id


def test_an_idea_that_was_reworded_is_taken_out_of_the_theme_of_an_earlier_passage(
    signed_in, session, closed_campaign, told, bob, charlie, now
):
    idea, theme, other = told
    session.add(Passage(idea_id=idea.id, theme_id=other.id, start=0, end=9, strength=0.6, version=idea.version))
    session.flush()
    made = object_to(session, idea, theme_id=other.id, reason="No lamps.", by=charlie, now=now)
    idea.version += 1
    session.commit()
    desk = f"/campaigns/{closed_campaign.id}/objections"
    manager = signed_in(bob)
    sent = {"to": "out", "reason": "No lamps."}
    assert manager.post(f"{desk}/{made.id}/move", data=sent).status_code == 303
    assert "Nothing to settle" in manager.get(desk).text
    assert session.get(Placement, idea.id).theme_id == theme.id


@pytest.mark.one_database
def test_who_commented_or_supported_has_a_receipt_too(
    app, client, signed_in, session, closed_campaign, told, make_person, count_queries, now
):
    idea, _theme, other = told
    fan = make_person("Fan")
    session.add(Comment(idea=idea, author=fan, body="Two <clicks>.", created_at=now))
    session.add(Vote(idea_id=idea.id, person_id=fan.id, created_at=now))
    session.add(Reaction(idea_id=idea.id, person_id=fan.id, emotion=Emotion.JOY, created_at=now))
    session.commit()
    with app.app_context():
        signed = f"/receipt/{receipt_token(fan.id, closed_campaign.id)}"
    shown = client.get(signed).text
    for words in (
        "You commented on this idea", "You supported it", "Joy", "Two &lt;clicks&gt;.", "One click to confirm.",
        "Fewer clicks", "It ships in spring.", "Ship it", "Action, done on", "Too dear.",
    ):  # fmt: skip
        assert words in shown, words
    for words in ("More light", "You sent no idea", "This is not what I meant"):
        assert words not in shown, words
    few = count_queries(lambda: client.get(signed))
    placed = select(Placement.idea_id).where(Placement.theme_id == other.id)
    session.add_all(Vote(idea_id=one, person_id=fan.id, created_at=now) for one in session.scalars(placed))
    session.commit()
    assert "More light" in client.get(signed).text
    assert count_queries(lambda: client.get(signed)) == few
    closed_campaign.debriefed_at = None
    session.commit()
    assert "You commented" not in signed_in(fan).get(f"/campaigns/{closed_campaign.id}/receipt").text
