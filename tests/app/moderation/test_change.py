import pytest

from ideas.contributions.withheld import Withheld
from ideas.moderation.review import ask_to_change, review_for
from ideas.people.sanction import Reason


def page_of(idea, rest=""):
    return f"/campaigns/{idea.campaign_id}/ideas/{idea.id}{rest}"


@pytest.fixture
def asked(session, campaign, idea, bob, now):
    """Charlie's idea, of which Bob asks that “to confirm” goes."""
    review = review_for(session, campaign, idea, by=bob, now=now)
    ask_to_change(session, review, reason=Reason.PERSONAL_DATA, span="to confirm", by=bob, now=now, note="No names.")
    session.commit()
    return review


def test_the_author_sees_the_words_marked_and_sends_it_without_them_in_one_click(
    session, client, signed_in, charlie, idea, asked
):
    author = signed_in(charlie)
    page = author.get(page_of(idea)).text
    assert "<mark>to confirm</mark>" in page
    assert "Reason: Personal data." in page
    assert client.get(page_of(idea)).status_code == 404
    answer = author.post(page_of(idea, "/without"))
    assert (answer.status_code, answer.location) == (303, page_of(idea))
    session.refresh(idea)
    assert (idea.body, idea.withheld) == ("One click.", None)
    assert client.get(page_of(idea)).status_code == 200


def test_earlier_texts_with_personal_data_are_for_the_author_and_the_team(
    client, signed_in, charlie, bob, dana, idea, asked
):
    signed_in(charlie).post(page_of(idea, "/without"))
    for reader, sees in ((client, False), (signed_in(dana), False), (signed_in(charlie), True), (signed_in(bob), True)):
        assert ("to confirm" in reader.get(page_of(idea, "/versions")).text) is sees


def test_the_author_may_write_another_text_without_the_words(session, signed_in, charlie, idea, asked):
    author = signed_in(charlie)
    still = author.post(page_of(idea, "/change"), data={"title": "", "body": "I want to confirm at once"})
    assert still.status_code == 422
    assert "The marked words are still in your text." in still.text
    assert author.post(page_of(idea, "/change"), data={"body": " "}).status_code == 422
    author.post(page_of(idea, "/change"), data={"title": "Clicks", "body": "One click is enough."})
    session.refresh(idea)
    assert (idea.title, idea.body, idea.withheld) == ("Clicks", "One click is enough.", None)


def test_after_the_closing_another_text_waits_for_a_moderator(
    session, signed_in, moderator, campaign, charlie, idea, asked, now
):
    campaign.closes_at = now
    session.commit()
    signed_in(charlie).post(page_of(idea, "/change"), data={"title": "", "body": "One click is enough."})
    session.refresh(idea)
    assert idea.withheld is Withheld.WAITING
    assert "Changed, to read again" in moderator.get(f"/campaigns/{campaign.id}/moderation").text
    moderator.post(f"/campaigns/{campaign.id}/moderation/{asked.id}", data={"act": "restore"})
    session.refresh(idea)
    assert idea.is_public


def test_nobody_else_changes_it_and_not_twice(signed_in, charlie, dana, bob, idea, asked):
    assert signed_in(dana).post(page_of(idea, "/without")).status_code == 404
    assert signed_in(bob).post(page_of(idea, "/without")).status_code == 403
    author = signed_in(charlie)
    assert author.post(page_of(idea, "/without")).status_code == 303
    for answer in (author.post(page_of(idea, "/without")), author.get(page_of(idea, "/change"))):
        assert answer.status_code == 422
        assert "No change is asked for any more." in answer.text


def test_a_text_that_is_nothing_but_the_words_has_to_be_written_anew(session, signed_in, charlie, idea, asked):
    idea.title, idea.body = "", "to confirm"
    session.commit()
    answer = signed_in(charlie).post(page_of(idea, "/without"))
    assert answer.status_code == 422
    assert "This text is empty." in answer.text


def test_the_usual_form_is_no_way_around(signed_in, charlie, idea, asked):
    author = signed_in(charlie)
    assert "Edit my idea" not in author.get(page_of(idea)).text
    answer = author.post(page_of(idea, "/edit"), data={"title": "x", "body": "One click to confirm. Really."})
    assert answer.status_code in {303, 403}


def test_a_comment_is_changed_in_the_same_way(session, client, signed_in, campaign, idea, comment, dana, bob, now):
    review = review_for(session, campaign, comment, by=bob, now=now)
    ask_to_change(session, review, reason=Reason.PERSONAL_DATA, span=": 06 12 34 56 78", by=bob, now=now)
    session.commit()
    author = signed_in(dana)
    assert "<mark>: 06 12 34 56 78</mark>" in author.get(page_of(idea)).text
    assert author.get(page_of(idea, f"/comments/{comment.id}/change")).status_code == 200
    author.post(page_of(idea, f"/comments/{comment.id}/without"))
    assert "Call me, please." in client.get(page_of(idea)).text
