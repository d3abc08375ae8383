"""A moderator takes a file off an idea, whatever the campaign's state; words about a picture can be marked and go."""

import pytest
from sqlalchemy import select

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import versions_of
from ideas.contributions.draft import submit_idea
from ideas.contributions.files.change import FileChanges
from ideas.contributions.files.idea_file import files_of, keep_waiting
from ideas.contributions.withheld import Outcome, Withheld
from ideas.files import Upload
from ideas.media_type import WEBP
from ideas.moderation.acts.change import send_changed, send_without
from ideas.moderation.acts.take_off import FileIsGone, take_file_off
from ideas.moderation.report import OwnText
from ideas.moderation.review import ask_to_change, hide, review_for
from ideas.people.sanction import Reason

SHOWN = "Anne Durand in the sun"


@pytest.fixture
def case(session, campaign, charlie, bob, now):
    """Charlie's idea with a described photo: the photo and the review of the idea."""
    upload, small = Upload("anne.webp", WEBP, b"RIFF"), Upload("anne.webp", WEBP, b"small")
    photo = keep_waiting(session, upload, stored_as="large", small=small, small_as="small", by=charlie, now=now)
    files = FileChanges(added={photo.file_id}, alternatives={photo.file_id: SHOWN})
    idea = submit_idea(session, campaign, author=charlie, title="", body="A bench", files=files, now=now)
    return photo, idea, review_for(session, campaign, idea, by=bob, now=now)


def test_a_file_is_taken_off_after_the_closing_and_its_author_is_told(session, case, campaign, bob, charlie, now):
    photo, idea, review = case
    campaign.closes_at = now
    with pytest.raises(OwnText), session.begin_nested():
        take_file_off(session, review, photo.file_id, reason=Reason.PERSONAL_DATA, by=charlie, now=now)
    places = take_file_off(session, review, photo.file_id, reason=Reason.PERSONAL_DATA, note="A face", by=bob, now=now)
    session.commit()
    assert (sorted(places), files_of(session, [idea.id]), photo.alternative) == (["large", "small"], {}, "")
    assert (idea.is_public, review.is_open, review.outcome) == (True, False, Outcome.FILE_TAKEN_OFF)
    assert [(one.number, one.by_id, one.is_restricted) for one in versions_of(session, "idea", idea.id)] == [
        (2, bob.id, False), (1, charlie.id, True),
    ]  # fmt: skip
    [act] = session.scalars(select(Activity).where(Activity.object_kind == "review", Activity.verb == Verb.REMOVED))
    assert (act.reason, act.after["reason"], act.after["file_id"]) == ("A face", "personal_data", photo.file_id)
    with pytest.raises(FileIsGone):
        take_file_off(session, review, photo.file_id, reason=Reason.OTHER, by=bob, now=now)


def test_an_idea_that_is_hidden_stays_so_with_what_was_decided(session, case, bob, now):
    photo, idea, review = case
    hide(session, review, reason=Reason.INSULT, by=bob, now=now)
    take_file_off(session, review, photo.file_id, reason=Reason.PERSONAL_DATA, by=bob, now=now)
    assert (idea.withheld, review.outcome, review.reason) == (Withheld.HIDDEN, Outcome.HIDDEN, Reason.INSULT)


@pytest.mark.parametrize("answer", [send_without, send_changed])
def test_words_about_a_picture_are_marked_and_taken_out(session, case, bob, charlie, now, answer):
    photo, idea, review = case
    ask_to_change(session, review, reason=Reason.PERSONAL_DATA, span="Anne Durand", by=bob, now=now)
    answer(session, idea, by=charlie, now=now, **({"body": "A bench"} if answer is send_changed else {}))
    assert (photo.alternative, idea.withheld) == ("in the sun", None)
    second, first = versions_of(session, "idea", idea.id)
    assert (first.is_restricted, "Anne" in str(second.content)) == (True, False)
