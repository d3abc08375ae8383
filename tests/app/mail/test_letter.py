"""What a mail says: made when it is sent, true, in the reader's language, as text and as HTML."""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import case, delete, event, select, update
from sqlalchemy import text as statement

from app.mail import delivery, transport
from app.mail.delivery import deliver_due
from app.mail.letters import letter
from app.mail.notices import notify_due
from clustering.types import Leftover
from ideas.accounts.undeliverable import Undelivered, note_undeliverable
from ideas.activity.activity import Activity, Verb, record
from ideas.answers.action import abandon_action, commit_to, report_progress
from ideas.answers.assigned import record_due_themes
from ideas.answers.debriefs.debrief import write_debrief
from ideas.answers.decision import DecisionStatus
from ideas.campaigns.audience import AudienceChoice, Stage, choose_audience
from ideas.campaigns.people.team import Role, add_to_team, remove_from_team
from ideas.campaigns.promise import close_now
from ideas.contest.contest import ContestText, set_up_contest
from ideas.contest.entry import begin_scoring
from ideas.contest.result import announce_winners
from ideas.contributions.authors.co_author import CoAuthor, CoAuthorState
from ideas.contributions.authors.inviting import (
    accept_invitation,
    decline_invitation,
    invite_co_author,
    leave_idea,
    remove_co_author,
)
from ideas.contributions.comment import Comment, add_comment
from ideas.contributions.merged import IdeaMerge, MergeState
from ideas.contributions.talk.pinned import pin_comment
from ideas.contributions.vote import Vote
from ideas.desk.work import Change, change_themes, set_work
from ideas.moderation.acts.merge import accept_merge, decline_merge, propose_merge, separate
from ideas.moderation.acts.reword import restore_words, reword
from ideas.moderation.acts.split import split_idea, undo_split
from ideas.moderation.report import report
from ideas.moderation.review import ask_to_change, hide, restore
from ideas.moderation.sanctions import answer, sanction_person
from ideas.organisation.organisation import the_organisation
from ideas.outreach.follow import follow
from ideas.outreach.messages.delivery import give_up_undeliverable, mark_refused
from ideas.outreach.messages.kept import empty_private_texts
from ideas.outreach.messages.message import Message
from ideas.outreach.notice import BY_MAIL, Notice, NoticeKind
from ideas.outreach.preference import switch_mail
from ideas.people.platform_role import PlatformRole, grant
from ideas.people.sanction import Reason, SanctionKind, appeal
from ideas.recognition.pioneer import Pioneer, PioneerState
from ideas.recognition.welcome.buddy import Buddy
from ideas.spaces.audience import Audience
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import accept, add_person, enter
from ideas.spaces.space import Entry, SpaceRole
from ideas.spaces.workshops.workshop import WorkshopText, announce_workshop
from ideas.themes.edits.move import move_ideas
from ideas.themes.passage import add_passages
from ideas.themes.placement import Placement
from ideas.themes.runs.proposal import Proposal
from ideas.themes.runs.run import ThemeRun
from ideas.themes.stored import PassageRow
from ideas.work.job import JobKind, enqueue

TALK = {
    NoticeKind.MENTIONED, NoticeKind.COMMENT_REPLY, NoticeKind.QUESTION_ASKED, NoticeKind.COMMENT_PINNED,
    NoticeKind.IDEA_COMMENTED, NoticeKind.FOLLOWED_IDEA, NoticeKind.FOLLOWED_CAMPAIGN, NoticeKind.FOLLOWED_SPACE,
    NoticeKind.DRAFT_WAITING,
}  # fmt: skip
HOSTILE = "<script>alert(1)</script>\r\nBcc: all@example.org"


@pytest.fixture
def debriefed(make_campaign, now):
    return make_campaign(closes_at=now - timedelta(days=1), debriefed_at=now - timedelta(hours=1))


@pytest.fixture
def send(app, session, settings, connection, tmp_path, monkeypatch, now):
    """Carry out a turn of the worker, into a folder; the mails by the name of the person."""
    monkeypatch.setitem(app.extensions, "settings", replace(settings, instance=tmp_path))
    monkeypatch.setattr(delivery, "TURN_SECONDS", 60)  # one turn delivers all, however busy the machine is

    def send(at=now):
        the_organisation(session).weekly_mails = 99
        session.commit()
        with app.app_context():
            notify_due(at)
            deliver_due(at)
        session.expire_all()
        mails = {}
        for message in session.scalars(select(Message).where(Message.sent_at.is_not(None)).order_by(Message.id)):
            file = tmp_path / "mail" / f"{message.id:06}.eml"
            mails[message.person.name] = message_from_bytes(file.read_bytes(), policy=default)
        return mails

    return send


@pytest.fixture
def act(session, now, alice):
    def record_it(verb, of, *, by=alice, **facts):
        record(session, verb, of, by=by, now=now, **facts)

    return record_it


@pytest.fixture
def publish(session, act, debriefed, alice, now):
    def publish():
        act(
            Verb.PUBLISHED, write_debrief(session, debriefed, body="Done.", by=alice, now=now), campaign_id=debriefed.id
        )

    return publish


def text(mail):
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def html(mail):
    return mail.get_body(("html",)).get_content()


def test_each_person_reads_what_became_of_their_ideas(
    session, debriefed, make_idea, make_theme, give_answer, publish, send, make_person, bob, charlie, now
):
    dora, emil = make_person("Dora"), make_person("Emil")
    mine, alone = make_idea(debriefed, charlie, "One click."), make_idea(debriefed, charlie, "A slide.")
    decision = give_answer(make_theme(debriefed, ideas=[mine]))
    make_theme(debriefed, "Time", ideas=[make_idea(debriefed, dora, "Longer days.")])
    due = now.date() + timedelta(days=30)
    commit_to(session, decision, title="Ship one click", impact="", owner=bob, due_on=due, by=bob, now=now)
    session.add(Vote(idea_id=alone.id, person_id=emil.id, created_at=now))
    publish()
    mails = send()
    assert mails.keys() == {"Charlie", "Dora", "Emil"}
    for part in (text(mails["Charlie"]), html(mails["Charlie"])):
        for words in (
            "One click.",
            "Fewer clicks",
            "Status of the theme: Planned",
            "It ships in spring.",
            "Alice, on",
            "Ship one click, due date:",
            "A slide.",
            "Your idea is not part of a theme, so it has no answer of its own.",
            f"http://localhost/campaigns/{debriefed.id}/debrief",
            f"http://localhost/campaigns/{debriefed.id}/ideas/{mine.id}",
            "http://localhost/me/notices/preferences",
            "You get this email because you took part in",
            "Write to Alice, who leads the campaign: alice@example.org",
        ):
            assert words in part
        assert "Longer days." not in part
    assert "This theme has no answer yet." in text(mails["Dora"])
    for part in (text(mails["Emil"]), html(mails["Emil"])):  # he supported an idea
        assert part.index("You supported this idea:") < part.index("A slide.") < part.index("not part of a theme")
        assert "/receipt/" in part
    assert mails["Charlie"]["Subject"].endswith(": what was decided about your idea")
    assert mails["Dora"]["Subject"].endswith(": the debrief is published")
    assert mails["Emil"]["Subject"].endswith(": the debrief is published")


def test_nobody_is_told_that_an_answer_without_a_proposal_failed(
    session, debriefed, make_idea, publish, send, signed_in, charlie
):
    said = {
        Leftover.NOTHING: ("No comment.", "Your answer counts among the answers without an opinion."),
        Leftover.AGREES: ("I agree.", "Your answer counts among the simple agreements."),
        Leftover.DISAGREES: ("I disagree.", "Your answer counts among the simple disagreements."),
    }
    for kind, (body, _words) in said.items():
        idea = make_idea(debriefed, charlie, body)
        session.add(Placement(idea_id=idea.id, campaign_id=debriefed.id, leftover=kind))
    publish()
    mail, own = send()["Charlie"], signed_in(charlie)
    assert mail["Subject"].endswith(": the debrief is published"), "no answer is promised"
    pages = [own.get(page).text for page in ("/me", f"/campaigns/{debriefed.id}/receipt")]
    for part in (text(mail), html(mail), *pages):
        assert all(words in part for _body, words in said.values())
        assert "not part of a theme" not in part


@pytest.mark.one_database
def test_who_commented_or_supported_reads_what_became_of_that_and_of_what_was_promised(
    session, debriefed, make_idea, make_theme, give_answer, publish, send, make_person, bob, charlie, now
):
    """Of the actions those that were published, as they are now."""
    ideas = [make_idea(debriefed, charlie, f"Idea number {number}.") for number in range(5)]
    dora, emil, partner = (make_person(name) for name in ("Dora", "Emil", "Partner"))
    decision = give_answer(make_theme(debriefed, ideas=ideas[:4]))
    due = {"impact": "", "owner": bob, "due_on": now.date() + timedelta(days=30), "by": bob, "now": now}
    _promised, done, gone, never = (commit_to(session, decision, title=f"Action {name}", **due) for name in "ABCD")
    report_progress(session, done, progress=100, by=bob, now=now)
    abandon_action(session, gone, reason="Too dear.", by=bob, now=now)
    abandon_action(session, never, reason="Nobody saw it.", by=bob, now=now)
    never.published_at = None  # abandoned before the debrief
    invited = {"state": CoAuthorState.ACCEPTED, "invited_at": now, "changed_at": now}
    session.add_all([Vote(idea_id=idea.id, person_id=emil.id, created_at=now) for idea in ideas])
    session.add_all(
        [
            Comment(idea=ideas[4], author=dora, body="Gladly.", created_at=now),
            Comment(idea=ideas[0], author=dora, body="Hidden.", created_at=now, withdrawn_at=now),
            Comment(idea=ideas[0], author=partner, body="About my own.", created_at=now),
            CoAuthor(idea_id=ideas[0].id, person_id=partner.id, **invited),
        ]
    )
    publish()
    mails = {name: text(mail) for name, mail in send().items()}
    told = mails["Emil"]
    assert told.count("You supported this idea:") == 4  # three of a theme, and one without
    assert "And 1 more idea." in told
    assert told.count("It ships in spring.") == 1
    for words in ("Action A, due date:", "Action B, done on", "Action C, abandoned on", "Too dear.", "/receipt/"):
        assert words in told, words
    assert "Nobody saw it." not in told
    assert "Action D" not in told
    assert "You commented on this idea:" in mails["Dora"]
    assert "Gladly." in mails["Dora"]
    assert not {"Hidden.", "It ships in spring."} & set(mails["Dora"].splitlines())
    assert "Idea number 0." in mails["Partner"]  # their own idea: told as such, and not once more
    assert "You commented" not in mails["Partner"]


def test_a_mail_tells_the_answer_of_each_theme_in_which_an_idea_counts(
    session, debriefed, make_idea, make_theme, give_answer, publish, send, bob, charlie
):
    mine = make_idea(debriefed, charlie, "One click. A slide.")
    clicks, slides = make_theme(debriefed, ideas=[mine]), make_theme(debriefed, "Slides", author=bob)
    give_answer(slides)
    add_passages(session, {mine.id: [PassageRow(clicks.id, 0, 10, 0.5, 1), PassageRow(slides.id, 11, 19, 0.5, 1)]})
    publish()
    mail = send()["Charlie"]
    assert mail["Subject"].endswith(": what was decided about your idea")
    for part in (text(mail), html(mail)):
        own = part.index("Its theme: Fewer clicks")
        assert own < part.index("This theme has no answer yet.") < part.index("It also counts in the theme: Slides")
        assert part.index("It also counts in the theme: Slides") < part.index("Status of the theme: Planned")


def test_no_mail_says_that_an_idea_was_read_or_that_nobody_thought_the_same(
    debriefed, make_idea, publish, send, charlie
):
    make_idea(debriefed, charlie, "A slide.")
    publish()
    assert not re.search(r"\bread (it|them|every|all)|has read|unlike|alone|no other", text(send()["Charlie"]))


def test_a_mail_has_both_parts_says_how_to_stop_it_and_is_the_same_in_every_attempt(
    app, session, debriefed, make_idea, publish, send, charlie, monkeypatch, now
):
    make_idea(debriefed, charlie, "One click.")
    publish()
    tried = []

    def refuse(_self, mail, *, name):
        tried.append(mail.as_bytes())
        raise OSError("later")

    with monkeypatch.context() as refusing:
        refusing.setattr(transport.MailFolder, "hand_over", refuse)
        send()
        debriefed.title = "Another title"
        send(now + timedelta(minutes=5))
    mail = send(now + timedelta(minutes=10))["Charlie"]
    assert len(tried) == 2
    assert tried[0] == tried[1]
    assert mail.as_bytes() == message_from_bytes(tried[0], policy=default).as_bytes()
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.fullmatch(r"<(http://localhost/unsubscribe/\S+)>", mail["List-Unsubscribe"]).group(1)
    assert address in text(mail)
    assert address in html(mail)


def test_the_address_to_unsubscribe_is_one_plain_line_of_the_mail(
    debriefed, make_idea, publish, send, charlie, tmp_path
):
    """A mail program reads it as it stands: it must not be folded or encoded."""
    make_idea(debriefed, charlie, "One click.")
    publish()
    send()
    (file,) = (tmp_path / "mail").iterdir()
    head = file.read_bytes().partition(b"\r\n\r\n")[0]
    assert re.search(rb"\r\nList-Unsubscribe:\s+<http://localhost/unsubscribe/[\w.-]+>\r\n", head)


def test_the_html_part_needs_nothing_from_outside_and_escapes_what_people_wrote(
    session, debriefed, make_idea, make_theme, give_answer, publish, send, charlie
):
    debriefed.title = HOSTILE
    give_answer(make_theme(debriefed, HOSTILE, ideas=[make_idea(debriefed, charlie, HOSTILE)]), reason=HOSTILE)
    publish()
    mail = send()["Charlie"]
    assert "\n" not in mail["Subject"]
    assert mail["Bcc"] is None
    assert "<script>alert(1)</script>" in text(mail)
    assert "<script" not in html(mail)
    assert "&lt;script&gt;" in html(mail)
    assert not re.search(r"<img|<link|<style|url\(|src=", html(mail))
    assert '<meta name="color-scheme" content="light dark">' in html(mail)
    # No colour for text but on its own ground, so that both modes stay readable.
    assert not re.search(r"(?<!background-)color:(?!inherit|#ffffff)", html(mail))


def test_each_reads_in_their_language_and_time_zone(act, debriefed, make_idea, send, make_person, now):
    make_idea(debriefed, make_person("Fanny", locale="fr", timezone="Pacific/Noumea"), "A")
    make_idea(debriefed, make_person("Carla", timezone="America/Montreal"), "B")
    due = datetime(2030, 5, 31, 20, 30, tzinfo=UTC)
    act(Verb.EXTENDED, debriefed, campaign_id=debriefed.id, reason="Ill.", after={"debrief_due_at": due})
    mails = send()
    assert "The debrief is now promised for 31 May 2030 at 16:30 (Montreal time)." in text(mails["Carla"])
    assert "1er juin 2030" in text(mails["Fanny"])
    assert "7\u202fh\u202f30" in text(mails["Fanny"])
    assert 'lang="fr"' in html(mails["Fanny"])


def test_a_mail_names_the_address_of_the_organisation_where_it_has_one(
    app, settings, act, debriefed, make_idea, send, tmp_path, monkeypatch, charlie
):
    make_idea(debriefed, charlie, "A")
    act(Verb.EXTENDED, debriefed, campaign_id=debriefed.id, reason="Ill.")
    organised = replace(settings, instance=tmp_path, contact_email="ideas@example.org")
    monkeypatch.setitem(app.extensions, "settings", organised)
    mail = send()["Charlie"]
    for part in (text(mail), html(mail)):
        assert "Write to us: ideas@example.org" in part
        assert "alice@example.org" not in part


def test_an_early_closing_is_told_with_the_planned_date_and_the_reason(
    session, campaign, make_idea, send, charlie, alice, now
):
    make_idea(campaign, charlie, "A")
    campaign.closes_at = campaign.debrief_due_at = datetime(2030, 5, 31, 20, 30, tzinfo=UTC)
    close_now(session, campaign, reason="Enough ideas.", by=alice, now=now)
    mail = send()["Charlie"]
    assert mail["Subject"] == "Easier mornings: closed to new ideas early"
    for words in (
        "The campaign closed to new ideas early. The planned date was 31 May 2030 at 22:30 (Paris time).",
        "Enough ideas.",
        f"http://localhost/campaigns/{campaign.id}",
    ):
        assert words in text(mail)


def test_a_changed_answer_is_told_with_its_reason(debriefed, make_idea, make_theme, give_answer, act, send, charlie):
    decision = give_answer(make_theme(debriefed, ideas=[make_idea(debriefed, charlie, "One click.")]))
    decision.status, decision.community_impact = DecisionStatus.DECLINED, "Nothing for now."
    act(Verb.CHANGED, decision, campaign_id=debriefed.id, reason="The supplier left.")
    mail = send()["Charlie"]
    assert mail["Subject"] == "Easier mornings: an answer has changed"
    for words in (
        "The answer to the theme “Fewer clicks” has changed.",
        "The supplier left.",
        "Status of the theme: Declined",
        "What changes for the community:",
        "Nothing for now.",
        f"/campaigns/{debriefed.id}/themes/{decision.theme_id}",
    ):
        assert words in text(mail)


MODERATION = {
    NoticeKind.TEXT_MODERATED, NoticeKind.REPORT_ANSWERED, NoticeKind.SANCTION_CHANGED, NoticeKind.APPEAL_TO_ANSWER,
    NoticeKind.MODERATION_WAITING,
}  # fmt: skip


def test_what_moderators_decide_is_told_to_authors_reporters_and_sanctioned_people(
    session, campaign, make_idea, send, make_person, alice, bob, charlie, now
):
    idea, dora = make_idea(campaign, charlie, "Call 06 12 34 56 78"), make_person("Dora")
    review = report(session, campaign, idea, reason=Reason.PERSONAL_DATA, note="", by=dora, now=now).review
    about = {"reason": Reason.PERSONAL_DATA, "note": "Without the number.", "by": bob, "now": now}
    ask_to_change(session, review, span="06 12 34 56 78", **about)
    hide(session, review, **about)
    restore(session, review, by=bob, now=now)
    two = make_idea(campaign, charlie, "One wish. Another wish.")
    new = split_idea(session, two, part="Another wish.", by=bob, reason="Two wishes.", now=now)
    reword(session, review, body="Call me", **about)
    session.commit()
    undo_split(session, new, by=bob, now=now)
    restore_words(session, review, by=bob, now=now)
    given = sanction_person(
        session, charlie, SanctionKind.BAN,
        campaign=campaign, reason=Reason.PERSONAL_DATA, quote="", words="Twice.", by=bob, now=now,
    )  # fmt: skip
    appeal(session, given, words="Sorry", by=charlie, now=now)
    answer(session, given, campaign, lifts=False, words="No", by=alice, now=now)
    send()
    messages = session.scalars(select(Message).order_by(Message.id)).all()
    assert {message.notice.kind for message in messages} == MODERATION
    told = {
        message.person.name: " ".join(each.body for each in messages if each.person == message.person)
        for message in messages
    }
    assert told.keys() == {"Alice", "Bob", "Charlie", "Dora"}
    assert "Something was reported. It has been dealt with since." in told["Bob"]
    for words in (
        "The moderators ask you to change your idea. Reason: Personal data.",
        "in one click",
        "Without the number.",
        "Your idea is hidden by the moderators. Reason: Personal data.",
        "Your idea is public again.",
        f"http://localhost/campaigns/{campaign.id}/ideas/{idea.id}",
        "The moderators have split your idea in two.",
        "The moderators have put the two parts of your idea together again.",
        "The moderators have reworded your idea. Reason: Personal data. Your first text stays readable",
        f"http://localhost/campaigns/{campaign.id}/ideas/{idea.id}/versions",
        "Your idea has the words again that you had written.",
        "Two wishes.",
        "Your account is banned.",
        "Your appeal is answered. The sanction is upheld.",
        "http://localhost/me/sanctions",
    ):
        assert words in told["Charlie"]
    assert "The moderators have acted on your report." in told["Dora"]
    assert "Without the number." not in told["Dora"]
    assert "Someone appeals against a sanction." in told["Alice"]
    assert f"http://localhost/campaigns/{campaign.id}/moderation" in told["Alice"]


def test_who_is_invited_as_a_co_author_and_the_author_are_told(
    session, campaign, idea, send, make_person, charlie, now
):
    dora, eve = make_person("Dora"), make_person("Eve")
    for person in (dora, eve):
        invite_co_author(session, idea, named=person.name, by=charlie, now=now)
    accept_invitation(session, idea, by=dora, now=now)
    decline_invitation(session, idea, by=eve, now=now)
    fay = make_person("Fay")
    invite_co_author(session, idea, named=fay.email, by=charlie, now=now)
    session.commit()
    decline_invitation(session, idea, by=fay, now=now)
    leave_idea(session, idea, by=dora, now=now)
    invite_co_author(session, idea, named="Dora", by=charlie, now=now)
    remove_co_author(session, idea, dora, by=charlie, now=now)
    send()
    told = session.execute(select(Message.address, Message.subject, Message.body).order_by(Message.id)).all()
    for who, subject, words in (
        (dora, "an invitation to be a co-author", "Charlie invites you to be a co-author of the idea “"),
        (dora, "you are no longer a co-author", "You are no longer a co-author of the idea “"),
        (charlie, "about the co-authors of your idea", "Dora is now a co-author of your idea “"),
        (charlie, "about the co-authors of your idea", "Eve declines to be a co-author of your idea “"),
        (charlie, "about the co-authors of your idea", "Your invitation to be a co-author of the idea “"),
        (charlie, "about the co-authors of your idea", "Dora is no longer a co-author of your idea “"),
    ):
        assert any(mail[0] == who.email and subject in mail[1] and words in mail[2] for mail in told), words
    # Who was invited by their address and declines is not named.
    assert not [mail for mail in told if mail[0] == charlie.email and "Fay" in mail[1] + mail[2]]


def test_the_jury_and_those_who_took_part_in_a_contest_are_told(
    session, closed_campaign, make_idea, send, make_person, alice, charlie, now
):
    june, dora = make_person("June"), make_person("Dora")
    add_to_team(session, closed_campaign, june, role=Role.JURY, by=alice, now=now)
    bench, _tree = (make_idea(closed_campaign, *facts) for facts in ((charlie, "A bench"), (dora, "A tree")))
    due = now + timedelta(days=9)
    text = ContestText(criteria=[("Useful", 1)], scores_due_at=due)
    contest = set_up_contest(session, closed_campaign, text=text, by=alice, now=now)
    begin_scoring(session, contest, by=alice, now=now)
    announce_winners(session, contest, reasons={bench.id: "It helps."}, words_to_others="Try again.", by=alice, now=due)
    send()
    told = session.execute(select(Message.address, Message.subject, Message.body).order_by(Message.id)).all()
    for who, subject, *words in (
        (june, "the jury", "Score the entries", "because of the jury of", "/contest/judging"),
        (charlie, "your idea has won", "Your idea “A bench” is a winner of the contest.", "It helps.", "/winners"),
        (dora, "the winners", "Your idea was not chosen.", "Try again.", "/winners"),
    ):
        [(_address, found, body)] = [mail for mail in told if mail[0] == who.email and subject in mail[1]]
        assert not [said for said in words if said not in body], (found, body)


def test_authors_are_told_of_a_merge_and_of_each_answer(session, campaign, make_idea, send, make_person, bob, now):
    dora, eve = make_person("Dora"), make_person("Eve")
    idea, into = make_idea(campaign, dora, "Confirm by click."), make_idea(campaign, eve, "One click.")
    propose = {"into": into, "by": dora, "reason": "Same wish.", "now": now}
    decline_merge(session, propose_merge(session, idea, **propose), by=eve, now=now)
    accept_merge(session, propose_merge(session, idea, **propose), by=eve, now=now)
    merge = session.scalar(select(IdeaMerge).where(IdeaMerge.state == MergeState.MERGED))
    separate(session, merge, by=bob, now=now)
    send()
    messages = session.scalars(select(Message).order_by(Message.id)).all()
    assert {message.notice.kind for message in messages} == {NoticeKind.IDEA_MERGED}
    told = [(message.person.name, message.subject, message.body) for message in messages]
    for name, subject, words in (
        ("Eve", "an author proposes", "merge the idea “Confirm by click.” into your idea “One click.”"),
        ("Eve", "an author proposes", "Same wish."),
        ("Dora", "are not merged", "the proposal is declined"),
        ("Dora", "two ideas are merged", f"/campaigns/{campaign.id}/ideas/{idea.id}"),
        ("Eve", "separated", "Each counts by itself again."),
        ("Dora", "separated", "Each counts by itself again."),
    ):
        assert any(name == who and subject in title and words in body for who, title, body in told), (name, words)
    assert len(told) == 6


def test_what_people_say_to_each_other_and_what_they_follow_has_its_sentences(
    session, campaign, idea, act, send, make_person, make_idea, alice, bob, charlie, now
):
    dora, emil, here = make_person("Dora"), make_person("Emil"), {"campaign_id": campaign.id}
    space = create_space(session, text=SpaceText("Nurses"), by=alice, now=now)
    for what in (idea, campaign, space):
        follow(session, what, by=emil, now=now)
    question = add_comment(session, idea, author=dora, body="When?", is_question=True, now=now)
    add_comment(session, idea, author=bob, body="In spring.", reply_to=question, now=now)
    thanks = add_comment(session, idea, author=charlie, body="Thank you, @Bob.", reply_to=question, now=now)
    pin_comment(session, campaign, thanks, by=alice, now=now)
    for verb in (Verb.OPENED, Verb.ENDED, Verb.EXTENDED):
        act(verb, campaign, by=None, **here)
    make_idea(campaign, dora, "A draft.", submitted_at=None)
    reminder = {"hours": 24, "closes_at": campaign.closes_at.isoformat()}
    act(Verb.REMINDED, campaign, by=None, after=reminder, **here)
    choice = AudienceChoice(Stage(Audience.SPACES, spaces=[space.id]))
    add_person(session, space, emil, role=SpaceRole.MEMBER, by=alice, now=now)
    choose_audience(session, campaign, choice=choice, by=alice, change_reason="Start small", now=now)
    act(Verb.ANNOUNCED, campaign, by=alice, **here)
    send()
    told = [(one.person.name, one.notice.kind, one.subject, one.body) for one in session.scalars(select(Message))]
    assert {kind for _, kind, _, _ in told} >= TALK
    for name, subject, words in (
        ("Alice", "a question to the team", "Dora asks the campaign team: “When?”"),
        ("Dora", "the team answers your question", "Bob, of the campaign team, answers your question: “In spring.”"),
        ("Dora", "a reply to your comment", "Charlie replies to your comment: “Thank you, @Bob.”"),
        ("Bob", "someone mentions you", "Charlie mentions you in a comment"),
        ("Charlie", "a comment on your idea", f"/campaigns/{campaign.id}/ideas/{idea.id}#comment-{question.id}"),
        ("Charlie", "comment of the month", "Your comment is the comment of the month: “Thank you, @Bob.”"),
        ("Emil", "an idea that you follow", "Dora comments on an idea that you follow: “When?”"),
        ("Emil", "open to ideas", "because of what you follow on Convergence"),
        ("Emil", "closed to new ideas", "which you follow, is closed"),
        ("Emil", "a date has changed", "A date of this campaign, which you follow, has changed."),
        ("Emil", "closes soon", "This campaign, which you follow, closes on"),
        ("Dora", "your idea is still a draft", f"/campaigns/{campaign.id}/ideas/new"),
        ("Emil", "a new campaign", "A campaign is announced in a space that you follow."),
    ):
        assert any(name == who and subject in title and words in body for who, _, title, body in told), (name, words)


def test_who_owes_a_debrief_reads_until_when(session, make_campaign, act, send, now):
    campaign = make_campaign(closes_at=now - timedelta(days=1), debrief_due_at=now + timedelta(days=2))
    due = {"debrief_due_at": campaign.debrief_due_at.isoformat()}
    for is_late in (False, True):
        act(Verb.REMINDED, campaign, by=None, campaign_id=campaign.id, after=due | {"is_late": is_late})
    send()
    soon, late = session.scalars(
        select(Message).where(Message.person_id == campaign.owner_id).order_by(Message.id)
    ).all()
    assert soon.subject.endswith("the debrief is due soon")
    assert "After that, everyone sees that it is late. If you need more time, put it off now" in soon.body
    assert late.subject.endswith("the debrief is late")
    assert f"/campaigns/{campaign.id}/debrief/write" in late.body


def test_mails_of_actions_and_later_answers_hold_what_their_reader_wrote_or_did_and_lead_to_the_receipt(
    session, debriefed, make_idea, make_theme, give_answer, act, send, make_person, charlie, bob, now
):
    idea, other = (make_idea(debriefed, charlie, body) for body in ("One click.", "More trees."))
    decision = give_answer(make_theme(debriefed, ideas=[idea]))
    make_theme(debriefed, "Gardens", ideas=[other])
    fan, voice = make_person("Fan"), make_person("Voice")
    session.add(Vote(idea_id=idea.id, person_id=fan.id, created_at=now))
    session.add(Comment(idea_id=idea.id, author_id=voice.id, body="Me too.", created_at=now))
    done = commit_to(session, decision, title="Ship it", impact="", owner=bob, due_on=now.date(), by=bob, now=now)
    for verb, of, sentence in (
        (Verb.COMPLETED, done, "The action “Ship it” is done."),
        (Verb.CHANGED, decision, "The answer to the theme “Fewer clicks” has changed."),
    ):
        act(verb, of, campaign_id=debriefed.id)
        told = {name: text(mail) for name, mail in send().items()}
        for name, own in (("Charlie", "Your idea:"), ("Fan", "You supported this idea:"), ("Voice", "Me too.")):
            for words in (sentence, "Fewer clicks", own, "One click.", "http://localhost/receipt/"):
                assert words in told[name], (name, words)
            assert "More trees." not in told[name], "what the act does not concern"
        session.execute(delete(Message))
        session.commit()
    assert send() == {}


def test_every_other_kind_has_its_sentence(
    session, debriefed, make_idea, make_theme, give_answer, act, send, make_person, alice, bob, charlie, now, tmp_path
):
    idea = make_idea(debriefed, charlie, "One click.")
    decision = give_answer(make_theme(debriefed, ideas=[idea]))
    done, dropped = (
        commit_to(session, decision, title=title, impact="", owner=bob, due_on=now.date(), by=bob, now=now)
        for title in ("Ship it", "Paint it")
    )
    here = {"campaign_id": debriefed.id}
    act(Verb.COMPLETED, done, **here)
    act(Verb.ABANDONED, dropped, **here, reason="Too dear.")
    act(Verb.RESTARTED, done, **here, reason="It broke.")
    act(Verb.CHANGED, dropped, **here, reason="It rains.", after={"due_on": "2030-05-31"})
    for to in (None, decision.theme):
        move_ideas(session, debriefed, idea_ids=[idea.id], to=to, reason="Misread.", by=alice, now=now)
    add_to_team(session, debriefed, charlie, role=Role.JURY, by=alice, now=now)
    remove_from_team(session, debriefed, charlie, by=alice, now=now)
    grant(session, charlie, PlatformRole.ADMIN, by=alice, now=now)
    job = enqueue(session, JobKind.FIND_THEMES, campaign_id=debriefed.id, now=now)
    act(Verb.FAILED, job, by=None, **here)
    act(Verb.GROUPED, ThemeRun(id=1), by=None, **here, after={"ideas": 40, "themes": 3})
    act(Verb.CREATED, Proposal(id=1), by=None, **here, after={"ideas": 40, "themes": 4})
    bob.may_open_campaigns = True
    space = create_space(session, text=SpaceText("Nurses", entry=Entry.REQUEST), by=bob, now=now)
    accept(session, enter(session, space, by=charlie, now=now), by=bob, now=now)
    starts_at = now + timedelta(days=3)
    workshop = WorkshopText("Sketching", "Room 4", starts_at, starts_at + timedelta(hours=2))
    announce_workshop(session, space, text=workshop, by=bob, now=now)
    late = make_theme(debriefed, "Older <phones>")
    tomorrow = now.date() + timedelta(days=1)
    set_work(session, late, assignee=bob, due_on=tomorrow, tags=["secret"], by=alice, now=now)
    several = [late, make_theme(debriefed, "Trees"), make_theme(debriefed, "Paths")]
    change_themes(session, debriefed, several, Change(sets_day=True, due_on=tomorrow, assigns=True, assignee=bob),
                  by=alice, now=now, seen={})  # fmt: skip
    record_due_themes(session, now=now + timedelta(days=4))
    pioneer = Pioneer(person_id=charlie.id, state=PioneerState.INVITED, invited_by_id=bob.id, invited_at=now, since=now)
    buddy = Buddy(person_id=charlie.id, buddy_id=bob.id, idea_id=idea.id, since=now)
    session.add_all([pioneer, buddy])
    session.flush()
    act(Verb.INVITED, pioneer)
    act(Verb.ASSIGNED, buddy, by=None, **here, after={"buddy_id": bob.id, "idea_id": idea.id})
    send()
    messages = session.scalars(select(Message).order_by(Message.id)).all()
    files = sorted((tmp_path / "mail").iterdir())  # some texts are not kept once they are sent
    bodies = [text(message_from_bytes(file.read_bytes(), policy=default)) for file in files]
    assert sum(message.notice.kind is NoticeKind.THEME_ASSIGNED for message in messages) == 4
    assert "secret" not in "".join(bodies)
    for words in ("was published as done. It is open again.", "It broke.", "is now due on 31 May 2030.", "It rains."):
        assert any(words in body for body in bodies), words
    assert {message.notice.kind for message in messages} == set(BY_MAIL) - MODERATION - TALK - {
        NoticeKind.IDEA_MERGED,
        NoticeKind.CO_AUTHORED,
        NoticeKind.CLARIFICATION,  # see tests/app/contributions/test_clarification.py
        NoticeKind.PUBLICATION_REFUSED,  # see tests/app/answers/debriefs/test_schedule.py
        NoticeKind.DEBRIEF_DUE,  # see below
        NoticeKind.JURY_WORK,
        NoticeKind.CONTEST_RESULT,
        NoticeKind.DEBRIEF_PUBLISHED,
        NoticeKind.PROMISE_CHANGED,
        NoticeKind.EXPORT_READY,  # see tests/app/privacy/test_my_data.py
        NoticeKind.CAMPAIGN_EXPORTED,  # see tests/app/exports/test_export.py
        NoticeKind.OBJECTION,  # see tests/app/answers/debriefs/test_receipt.py
        NoticeKind.NEWCOMER,  # see tests/app/outreach/test_journey.py
        NoticeKind.NEWSLETTER,  # see tests/app/outreach/test_newsletter.py
        NoticeKind.NEWSLETTER_WORK,  # see tests/app/outreach/test_newsletter.py
    }
    for words in (
        "The theme “Fewer clicks” now has an answer.",
        "The theme “Older <phones>” is assigned to you, due on",
        "2 themes are assigned to you.",
        "3 themes assigned to you are late. They have no answer yet.",
        "3 themes assigned to Bob are late. They have no answer yet.",  # for Alice, who owns the campaign
        f"http://localhost/campaigns/{debriefed.id}/themes/{late.id}#work",
        f"http://localhost/campaigns/{debriefed.id}/themes/table?assignee=me",
        "The action “Ship it” is done.",
        "The action “Paint it” is abandoned.",
        "Too dear.",
        "Your idea is now part of the theme “Fewer clicks”.",
        f"http://localhost/campaigns/{debriefed.id}/ideas/{idea.id}",
        f"Your idea “{idea.title or idea.body}” is no longer part of a theme.",
        "You now have this role: jury member.",
        "You no longer have this role: jury member.",
        "You now have this role: site administrator.",
        "because your role on Convergence has changed",
        "Ask your site administrator.",
        "The grouping of ideas failed.",
        "The ideas are grouped into 3 themes.",
        "A new grouping into 4 themes is ready.",
        "because you manage the campaign “Easier mornings”",
        "Someone asks to enter the space “Nurses”.",
        "Your request was accepted: you are now in the space “Nurses”.",
        "because of the space “Nurses” on Convergence",
        "A workshop is announced in the space “Nurses”: “Sketching”, on",
        "You are invited to be a pioneer. Read why, and accept or decline.",
        "http://localhost/me/pioneer",
        "Charlie has sent their first idea, and you welcome them.",
        "Bob welcomes you here.",
    ):
        assert any(words in body for body in bodies), words


def test_whoever_switches_mail_off_before_it_is_sent_gets_none(
    app, session, debriefed, make_idea, publish, send, charlie, now
):
    make_idea(debriefed, charlie, "One click.")
    publish()
    session.commit()
    with app.app_context():
        notify_due(now)
    switch_mail(session, charlie, NoticeKind.DEBRIEF_PUBLISHED, on=False)
    assert send() == {}
    assert session.scalars(select(Message)).all() == []


def test_a_fault_in_one_mail_is_kept_and_tried_again_while_the_others_go_out(
    session, debriefed, make_idea, publish, send, make_person, charlie, monkeypatch, now
):
    make_idea(debriefed, charlie, "One click.")
    make_idea(debriefed, make_person("Dora"), "Longer days.")
    publish()
    write_letter = delivery.write_letter

    def fail_for_charlie(contents, *asked):
        if contents.name == "Charlie":
            raise ZeroDivisionError("a fault in the template")
        return write_letter(contents, *asked)

    with monkeypatch.context() as faulty:
        faulty.setattr(delivery, "write_letter", fail_for_charlie)
        assert send().keys() == {"Dora"}
    (waiting,) = session.scalars(select(Message).where(Message.sent_at.is_(None)))
    assert waiting.error == "a fault in the template"
    assert waiting.next_attempt_at == now + timedelta(minutes=1)
    assert send(now + timedelta(minutes=1)).keys() == {"Charlie", "Dora"}


def test_a_fault_in_reading_what_a_mail_says_holds_up_no_other(
    session, debriefed, make_idea, publish, send, make_person, charlie, monkeypatch
):
    make_idea(debriefed, charlie, "One click.")
    make_idea(debriefed, make_person("Dora"), "Longer days.")
    publish()
    details, charlie_id = letter.details, charlie.id

    def fail_for_charlie(session, notices, **known):
        if notices[0].person_id == charlie_id:
            raise ZeroDivisionError("a fault in a rule")
        return details(session, notices, **known)

    with monkeypatch.context() as faulty:
        faulty.setattr(letter, "details", fail_for_charlie)
        assert send().keys() == {"Dora"}
    assert session.scalars(select(Message.error).where(Message.sent_at.is_(None))).all() == ["a fault in a rule"]


def test_a_statement_that_the_database_refuses_holds_up_no_other_mail(
    session, debriefed, make_idea, publish, send, make_person, charlie, monkeypatch
):
    """On PostgreSQL such a statement ends the transaction, in which the other mails are read too."""
    for author in (charlie, make_person("Dora"), make_person("Emil")):
        make_idea(debriefed, author, "One click.")
    publish()
    told_of, charlie_id = letter.told_of, charlie.id

    def fail_with_charlie(session, notices, **options):
        if any(notice.person_id == charlie_id for notice in notices):
            session.execute(statement("SELECT nothing FROM nowhere"))
        return told_of(session, notices, **options)

    with monkeypatch.context() as faulty:
        faulty.setattr(letter, "told_of", fail_with_charlie)
        assert send().keys() == {"Dora", "Emil"}
    (error,) = session.scalars(select(Message.error).where(Message.sent_at.is_(None)))
    assert "nowhere" in error


def test_no_transaction_is_open_while_the_text_is_made(
    app, session, debriefed, make_idea, publish, send, charlie, monkeypatch
):
    from app.extensions import database

    make_idea(debriefed, charlie, "One click.")
    publish()
    render, open_ones = letter.render_template, []

    def watch(*asked, **values):
        open_ones.append(database().in_transaction())
        return render(*asked, **values)

    monkeypatch.setattr(letter, "render_template", watch)
    send()
    assert open_ones == [False, False]


def test_dates_of_a_day_are_written_for_the_reader(
    session, debriefed, make_idea, make_theme, give_answer, publish, send, make_person, charlie
):
    french = make_person("Françoise", locale="fr", email="f@example.org")
    give_answer(make_theme(debriefed, ideas=[make_idea(debriefed, charlie, "A"), make_idea(debriefed, french, "B")]))
    publish()
    mails = send()
    months = [date(2026, month, 1).strftime("%B") for month in range(1, 13)]
    assert any(month in text(mails["Charlie"]) for month in months)
    assert not any(month in text(mails["Françoise"]) for month in months)


def test_a_mail_names_the_organisation_and_is_in_a_language_that_the_site_offers(
    session, debriefed, make_idea, publish, send, charlie
):
    organisation = the_organisation(session)
    organisation.name, organisation.contact_email, organisation.locales = "Santé, Ensemble", "us@example.org", ["fr"]
    make_idea(debriefed, charlie, "One click.")
    publish()
    mail = send()["Charlie"]
    assert str(mail["From"]) == '"Santé, Ensemble" <convergence@localhost>'
    text = mail.get_body(("plain",)).get_content()
    assert "Bonjour Charlie" in text
    assert "us@example.org" in text
    assert ">Santé, Ensemble</p>" in mail.get_body(("html",)).get_content()


def test_the_text_of_a_debriefs_mail_is_for_its_person_alone(
    session, signed_in, debriefed, make_idea, publish, send, make_person, charlie, now
):
    emil, ada = make_person("Emil"), make_person("Ada", is_admin=True)
    liked = make_idea(debriefed, charlie, "A slide.")
    session.add(Vote(idea_id=liked.id, person_id=emil.id, created_at=now))
    publish()
    assert "You supported this idea:" in text(send()["Emil"])
    message = session.scalars(select(Message).where(Message.person_id == emil.id)).one()
    assert (message.body, message.html) == ("", ""), "it is sent"

    def wait_again():
        message.sent_at, message.next_attempt_at = None, now
        message.body = message.html = "You supported"
        session.commit()

    wait_again()
    page = signed_in(ada).get(f"/messages/{message.id}").text
    assert ("You supported" in page, "Only this person reads the text" in page) == (False, True)
    mark_refused(message, error="451 later", now=now)
    assert message.body == "You supported", "every attempt sends the same"
    mark_refused(message, error="550 no such mailbox", now=now, for_good=True)
    assert (message.body, message.html) == ("", "")
    wait_again()
    note_undeliverable(session, message.address, why=Undelivered.BOUNCED, detail="", now=now)
    give_up_undeliverable(session, [message.id])
    session.refresh(message)
    assert (message.body, message.html, message.is_given_up) == ("", "", True)
    message.body = "kept by an earlier version"
    session.flush()
    assert empty_private_texts(session) == 1


def test_the_number_of_queries_for_a_debriefs_mail_is_constant(
    session, debriefed, make_idea, make_theme, give_answer, publish, make_person, count_queries, charlie, bob, app, now
):
    emil = make_person("Emil")
    publish()
    session.commit()

    def take_part(number):
        mine, liked = (make_idea(debriefed, one, f"Idea {number} of {one.name}") for one in (emil, charlie))
        session.add(Vote(idea_id=liked.id, person_id=emil.id, created_at=now))
        for ideas in ([mine], [liked]):
            decision = give_answer(make_theme(debriefed, f"Theme {number} {len(ideas[0].body)}", ideas=ideas))
            commit_to(
                session, decision, title=f"Ship {number}", impact="", owner=bob, due_on=now.date(), by=bob, now=now
            )

    take_part(0)
    activity = session.scalars(select(Activity).where(Activity.verb == Verb.PUBLISHED)).first()
    notice = Notice(
        kind=NoticeKind.DEBRIEF_PUBLISHED, person_id=emil.id, activity_id=activity.id, campaign_id=debriefed.id,
        object_kind=activity.object_kind, object_id=activity.object_id, created_at=now, not_before=now,
        key=f"{activity.id}:{emil.id}",
    )  # fmt: skip
    session.add(notice)
    session.commit()
    found = {}

    def read():
        session.expire_all()
        with app.app_context():
            found.update(letter.read_contents(session, [notice.id]))

    few = count_queries(read)
    for number in range(1, 7):
        take_part(number)
    session.commit()
    assert count_queries(read) == few
    told = found[notice.id]
    assert (len(told.fates), len(told.acts), told.more_themes) == (7, 5, 2)
    assert {len(one.answer.actions) for one in (*told.fates, *told.acts)} == {1}


def test_the_mails_of_a_batch_take_as_many_queries_as_a_few(
    app, session, debriefed, make_idea, make_theme, give_answer, publish, send, make_person, bob, monkeypatch, now
):
    """All but the mark of each mail that it is sent."""
    monkeypatch.setattr(delivery, "LOOK_AGAIN", 60.0)  # a busy machine would look for erased people once more
    people = [make_person(f"P{number}") for number in range(delivery.BATCH + 2)]
    liked = make_idea(debriefed, bob, "Shade")
    ideas = [make_idea(debriefed, person, f"Idea of {person.name}") for person in people]
    give_answer(make_theme(debriefed, "Trees", ideas=[liked]))
    give_answer(make_theme(debriefed, "Benches", ideas=ideas))
    session.add_all(Vote(idea_id=liked.id, person_id=person.id, created_at=now) for person in people)
    publish()
    session.commit()
    with app.app_context():
        notify_due(now)
    session.execute(delete(Message).where(Message.key.not_like("debrief:%")))  # of the answers
    later = now + timedelta(days=1)

    def asked_for(some):
        """What the mails of these people ask the database, and how often."""
        is_theirs = Message.person_id.in_([person.id for person in some])
        session.execute(update(Message).values(next_attempt_at=case((is_theirs, now), else_=later)))
        session.commit()
        asked = Counter()
        event.listen(
            session.bind, "before_cursor_execute", note := lambda *given: asked.update([given[2].split("WHERE")[0]])
        )
        with app.app_context():
            assert deliver_due(now) == len(some)
        event.remove(session.bind, "before_cursor_execute", note)
        return Counter({words: times for words, times in asked.items() if "SAVEPOINT" not in words})

    few, many = asked_for(people[:2]), asked_for(people[2:])
    mails = send()
    assert all("Shade" in text(mails[person.name]) for person in people)
    more = many - few
    assert len(more) == 1, more
    [(marked, times)] = more.items()
    assert marked.startswith("UPDATE message SET body="), "each is marked before the next goes out"
    assert (times, few - many) == (delivery.BATCH - 2, Counter())
