from datetime import timedelta

import pytest
from sqlalchemy import select

from ideas.contributions.comment import add_comment
from ideas.contributions.withheld import Cause, ObjectKind, Outcome, Review
from ideas.errors import TooLong
from ideas.moderation.report import (
    MAX_NOTE_LENGTH,
    AlreadyReported,
    NoteNeeded,
    OwnText,
    Report,
    report,
    reported_by,
    reports_on,
)
from ideas.moderation.review import dismiss, hide
from ideas.people.limit import NEW_ACCOUNT_LIMITS, LimitedAct, LimitReached
from ideas.people.sanction import Reason


def test_a_report_puts_the_idea_into_the_queue_with_its_text(session, campaign, idea, bob, now):
    made = report(session, campaign, idea, reason=Reason.INSULT, note=" Rude. ", by=bob, now=now)
    review = made.review
    assert (review.object_kind, review.object_id, review.campaign_id) == (ObjectKind.IDEA, idea.id, campaign.id)
    assert (review.cause, review.is_open, review.author_id) == (Cause.REPORTED, True, idea.author_id)
    assert review.text == "Fewer clicks. One click to confirm."
    assert made.note == "Rude."
    assert reported_by(session, campaign, idea, by=bob)


def test_a_comment_and_a_person_can_be_reported(session, campaign, idea, alice, bob, charlie, now):
    comment = add_comment(session, idea, author=charlie, body="Nonsense", now=now)
    assert report(session, campaign, comment, reason=Reason.WRONG, note="", by=bob, now=now).review.text == "Nonsense"
    charlie.headline = "Nurse"
    about = report(session, campaign, charlie, reason=Reason.OTHER, note="Writes to me every day", by=alice, now=now)
    assert about.review.text == "Charlie. Nurse"


def test_a_person_reports_an_object_once(session, campaign, idea, alice, bob, now):
    report(session, campaign, idea, reason=Reason.INSULT, note="", by=bob, now=now)
    with pytest.raises(AlreadyReported):
        report(session, campaign, idea, reason=Reason.WRONG, note="", by=bob, now=now)
    second = report(session, campaign, idea, reason=Reason.WRONG, note="", by=alice, now=now)
    assert [each.reporter for each in reports_on(session, second.review)] == [alice, bob]
    assert session.scalars(select(Review)).all() == [second.review]


def test_nobody_reports_their_own_text(session, campaign, idea, charlie, now):
    with pytest.raises(OwnText):
        report(session, campaign, idea, reason=Reason.INSULT, note="", by=charlie, now=now)
    with pytest.raises(OwnText):
        report(session, campaign, charlie, reason=Reason.INSULT, note="", by=charlie, now=now)


def test_another_reason_is_said_in_words(session, campaign, idea, bob, now):
    with pytest.raises(NoteNeeded):
        report(session, campaign, idea, reason=Reason.OTHER, note="\u200b ", by=bob, now=now)
    with pytest.raises(TooLong):
        report(session, campaign, idea, reason=Reason.OTHER, note="x" * (MAX_NOTE_LENGTH + 1), by=bob, now=now)


def test_reports_are_limited(session, campaign, make_idea, bob, charlie, now):
    most = NEW_ACCOUNT_LIMITS[LimitedAct.REPORT][0].most
    for number in range(most):
        report(
            session,
            campaign,
            make_idea(campaign, charlie, f"Idea {number}"),
            reason=Reason.WRONG,
            note="",
            by=bob,
            now=now,
        )
    with pytest.raises(LimitReached):
        report(
            session, campaign, make_idea(campaign, charlie, "One more"), reason=Reason.WRONG, note="", by=bob, now=now
        )


def test_what_becomes_of_it_is_kept_with_each_report(session, campaign, idea, alice, bob, make_person, now):
    dana = make_person("Dana")
    first = report(session, campaign, idea, reason=Reason.INSULT, note="", by=dana, now=now)
    dismiss(session, first.review, by=bob, now=now)
    assert (first.closed_at, first.outcome) == (now, Outcome.DISMISSED)
    later = now + timedelta(hours=1)
    second = report(session, campaign, idea, reason=Reason.PERSONAL_DATA, note="", by=alice, now=later)
    assert second.review.is_open
    assert second.review.opened_at == later
    hide(session, second.review, reason=Reason.PERSONAL_DATA, by=bob, now=later)
    outcomes = {each.reporter_id: each.outcome for each in session.scalars(select(Report))}
    assert outcomes == {dana.id: Outcome.DISMISSED, alice.id: Outcome.HIDDEN}
