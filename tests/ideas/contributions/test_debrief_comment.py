"""Comments on a published debrief: who may, whom they tell, and what becomes of them."""

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity
from ideas.contributions.comment import (
    MAX_BODY_LENGTH,
    CommentedOtherwise,
    ReplyGone,
    add_comment,
    comment_counts,
    comment_to_answer,
    revise_comment,
    withdraw_comment,
)
from ideas.contributions.own import given_by
from ideas.contributions.talk.closing import ClosedByTeam, NoDebriefYet, close_talk, closed_talk, reopen_talk
from ideas.contributions.talk.thread import threads_on
from ideas.contributions.withheld import Withheld
from ideas.errors import EmptyText, TooLong
from ideas.exports.rows import comments_rows
from ideas.exports.tables import TABLES
from ideas.moderation.acts.change import send_without
from ideas.moderation.report import report
from ideas.moderation.review import ask_to_change, restore, review_for
from ideas.outreach.recipients.recipient import recipients
from ideas.outreach.recipients.rules import rules_for
from ideas.people.sanction import Reason
from ideas.privacy.export import sheets


@pytest.fixture
def debriefed(closed_campaign, now, session):
    closed_campaign.debriefed_at = now
    session.commit()
    return closed_campaign


def test_a_published_debrief_takes_comments_replies_and_none_once_they_are_closed(
    session, closed_campaign, make_idea, alice, bob, charlie, now
):
    def say(body, author=charlie, **facts):
        return add_comment(session, closed_campaign, author=author, body=body, now=now, **facts)

    idea = make_idea(closed_campaign, charlie, "One click.")
    with pytest.raises(NoDebriefYet):
        say("Early")
    with pytest.raises(NoDebriefYet):
        close_talk(session, closed_campaign, reason="Too early.", by=alice, now=now)
    on_idea = add_comment(session, idea, author=bob, body="Hm", now=now)
    closed_campaign.debriefed_at = now
    for body, refusal in ((" \u200b", EmptyText), ("x" * (MAX_BODY_LENGTH + 1), TooLong)):
        with pytest.raises(refusal):
            say(body)
    first = say("Fair enough.", form_key="k", is_question=True)
    assert say("Fair enough.", form_key="k") is first
    with pytest.raises(CommentedOtherwise):
        say("Unfair.", form_key="k")
    reply = say("Thank you.", author=bob, reply_to=first)
    deeper = say("You too.", reply_to=reply)
    assert (first.is_question, reply.by_team, deeper.reply_to_id) == (False, True, first.id)
    [thread] = threads_on(session, closed_campaign)
    assert thread.shown == [first, reply, deeper]
    assert [one.comment for one in threads_on(session, idea)] == [on_idea], "each stays where it was written"
    assert comment_counts(session, [idea]) == {idea.id: 1}
    assert given_by(session, charlie).comments == [deeper, first]
    with pytest.raises(ReplyGone):
        comment_to_answer(session, closed_campaign, on_idea.id)
    revise_comment(session, first, by=charlie, body="Fair.", seen=1, now=now)
    with pytest.raises(EmptyText):
        close_talk(session, closed_campaign, reason=" ", by=alice, now=now)
    close_talk(session, closed_campaign, reason="We met in May.", by=alice, now=now)
    assert closed_talk(session, closed_campaign).reason == "We met in May."
    for act in (lambda: say("Late"), lambda: revise_comment(session, first, by=charlie, body="Late", now=now)):
        with pytest.raises(ClosedByTeam, match="We met in May"):
            act()
    withdraw_comment(session, first, by=charlie, now=now)
    [thread] = threads_on(session, closed_campaign)
    assert (thread.is_gone, thread.shown) == (True, [reply, deeper])
    reopen_talk(session, closed_campaign, by=alice, now=now)
    say("Again")


def test_the_team_is_told_of_a_comment_on_the_debrief_and_who_is_replied_to(
    session, debriefed, make_person, alice, bob, charlie, now
):
    first = add_comment(session, debriefed, author=charlie, body="And the trains?", now=now)
    assert told(session) == {"question_asked": [alice.id, bob.id]}
    add_comment(session, debriefed, author=bob, body="In June, @Charlie.", reply_to=first, now=now)
    assert told(session) == {"mentioned": [charlie.id], "question_asked": [alice.id]}
    add_comment(session, debriefed, author=make_person("Rose"), body="Late!", reply_to=first, now=now)
    assert told(session) == {"comment_reply": [charlie.id], "question_asked": [alice.id, bob.id]}


def test_a_comment_on_the_debrief_is_reported_moderated_exported_and_given_to_its_author(
    session, debriefed, alice, bob, charlie, now
):
    comment = add_comment(session, debriefed, author=charlie, body="Ask Ann Lee. It is late.", now=now)
    report(session, debriefed, comment, reason=Reason.PERSONAL_DATA, note="", by=bob, now=now)
    review = review_for(session, debriefed, comment, by=alice, now=now)
    ask_to_change(session, review, reason=Reason.PERSONAL_DATA, span="Ask Ann Lee.", by=alice, now=now)
    assert threads_on(session, debriefed) == []
    assert [one.comment for one in threads_on(session, debriefed, reader=bob)] == [comment]
    send_without(session, comment, by=charlie, now=now)
    assert (comment.body, comment.withheld) == ("It is late.", None)
    comment.withheld = Withheld.HIDDEN
    restore(session, review, by=alice, now=now)
    session.commit()
    columns = next(table for table in TABLES if table.name == "comments").columns
    [row] = comments_rows(session, debriefed, _Codes())
    assert dict(zip((column.name for column in columns), row, strict=True))["idea_id"] is None
    [sheet] = [one for one in sheets(session, charlie) if one.name == "comments"]
    assert [row[1:4] for row in sheet.rows] == [[debriefed.title, None, "It is late."]]


class _Codes:
    """Pseudonyms, as an export has them."""

    def code(self, person_id):
        return f"p{person_id}"

    def name(self, _name):
        return ""


def told(session):
    """Whom the last act tells, by kind: each person by the first rule that names them."""
    session.commit()
    activity = session.scalars(select(Activity).order_by(Activity.id.desc()).limit(1)).one()
    known, found = set(), {}
    for rule in rules_for(activity):
        new = [one for one in recipients(session, activity, rule) if one not in known]
        known |= set(new)
        if new:
            found[str(rule.kind)] = sorted(new)
    return found
