"""The pages on which a text is reworded, compared and given back."""

import pytest

from ideas.contributions.comment import add_comment
from ideas.contributions.files.idea_file import keep_waiting
from ideas.files import Upload, kept
from ideas.media_type import TEXT
from ideas.moderation.review import review_for
from ideas.store import Folder

pytestmark = pytest.mark.one_database

FIRST, CALM = "These idiots close at five.", "The office closes at five."


def test_a_moderator_rewords_an_idea_and_everyone_reads_so(
    session, client, signed_in, moderator, campaign, make_idea, charlie, bob, now
):
    idea = make_idea(campaign, charlie, FIRST)
    review = review_for(session, campaign, idea, by=bob, now=now)
    session.commit()
    here, case = f"/campaigns/{campaign.id}/ideas/{idea.id}", f"/campaigns/{campaign.id}/moderation/{review.id}"
    assert f'href="{case}/reword"' in moderator.get(case).text
    page = moderator.get(f"{case}/reword").text
    assert FIRST in page
    sent = {"title": "", "body": CALM, "reason": "insult", "note": "Be kind.", "version": "1", "review_version": "1"}
    for wrong, sentence in (
        ({"reason": ""}, "Choose a reason."),
        ({"body": FIRST}, "This is the text as it is."),
        ({"version": "3"}, "Someone saved another version while you were writing."),
        ({"body": ""}, "This text is empty."),
    ):
        answer = moderator.post(f"{case}/reword", data=sent | wrong)
        assert answer.status_code in {409, 422}, wrong
        assert sentence in answer.text
        assert "Be kind." in answer.text
    assert moderator.post(f"{case}/reword", data=sent).location == case
    shown = client.get(here).text
    assert CALM in shown
    assert "The moderators reworded this text. Reason: Insult or threat." in shown
    earlier = f"{here}/versions"
    assert "idiots" not in client.get(earlier).text
    author = signed_in(charlie).get(earlier).text
    assert "<del>" in author
    assert "idiots" in author
    assert "Give the author’s words back" in moderator.get(case).text
    assert moderator.post(f"{case}/reword/undo").location == case
    assert FIRST in client.get(here).text
    assert moderator.post(f"{case}/reword/undo").status_code == 409


def test_a_comment_is_reworded_in_the_same_way_and_nobody_rewords_their_own(
    session, client, moderator, campaign, idea, dana, bob, alice, now
):
    comment, own = (add_comment(session, idea, author=author, body=FIRST, now=now) for author in (dana, bob))
    session.commit()
    review = review_for(session, campaign, comment, by=bob, now=now)
    mine = review_for(session, campaign, own, by=alice, now=now)
    session.commit()
    case = f"/campaigns/{campaign.id}/moderation"
    moderator.post(f"{case}/{review.id}/reword", data={"body": CALM, "reason": "insult"})
    page = client.get(f"/campaigns/{campaign.id}/ideas/{idea.id}").text
    earlier = f"/campaigns/{campaign.id}/ideas/{idea.id}/comments/{comment.id}/versions"
    assert f'href="{earlier}"' in page
    assert "idiots" not in client.get(earlier).text
    assert "idiots" in moderator.get(earlier).text
    assert moderator.get(f"{case}/{mine.id}/reword").status_code in {403, 422}


def test_a_moderator_takes_a_file_off_from_the_page_of_the_idea(
    session, moderator, signed_in, campaign, make_idea, charlie, bob, uploads, now
):
    idea = make_idea(campaign, charlie, "A bench")
    with kept(Folder(uploads), b"Anne") as stored_as:
        file = keep_waiting(session, Upload("anne.txt", TEXT, b"Anne"), stored_as=stored_as, by=charlie, now=now)
        file.idea_id, file.file.campaign_id = idea.id, campaign.id
        review, campaign.closes_at = review_for(session, campaign, idea, by=bob, now=now), now
        session.commit()
    case = f"/campaigns/{campaign.id}/moderation/{review.id}"
    address = f"{case}/reword/files/{file.file_id}"
    assert f'href="{address}"' in moderator.get(case).text
    assert "anne.txt" in moderator.get(address).text
    sent = {"reason": "personal_data", "note": "A name.", "version": "1", "review_version": str(review.version)}
    refused = moderator.post(address, data=sent | {"reason": ""})
    assert (refused.status_code, "Choose a reason." in refused.text, "A name." in refused.text) == (422, True, True)
    assert moderator.post(address, data=sent).location == case
    assert not (uploads / stored_as).exists()
    assert "File taken off" in moderator.get(case).text
    assert moderator.get(address).status_code == 404
    assert signed_in(charlie).get(f"/files/{file.file_id}").status_code == 404
