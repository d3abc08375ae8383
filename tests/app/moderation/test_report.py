import pytest
from sqlalchemy import select

from ideas.contributions.withheld import Review
from ideas.moderation.report import Report

REPORT = {"reason": "insult", "note": "Rude"}


def address(idea, rest=""):
    return f"/campaigns/{idea.campaign_id}/ideas/{idea.id}{rest}"


def test_a_quiet_link_leads_to_the_form_beside_an_idea_a_comment_and_a_person(
    signed_in, alice, idea, comment, make_person
):
    page = signed_in(make_person("Eve")).get(address(idea)).text
    for rest in ("/report", f"/comments/{comment.id}/report"):
        assert f'href="{address(idea, rest)}"' in page
    assert f'href="/campaigns/{idea.campaign_id}/people/{idea.author_id}/report"' in page


def test_nobody_is_asked_to_report_their_own_text(signed_in, charlie, idea):
    assert "/report" not in signed_in(charlie).get(address(idea)).text
    page = signed_in(charlie).get(address(idea, "/report")).text
    assert "This is your own." in page


def test_a_report_is_sent_without_scripts_and_once(session, signed_in, dana, idea):
    client = signed_in(dana)
    answer = client.post(address(idea, "/report"), data=REPORT)
    assert (answer.status_code, answer.location) == (303, address(idea))
    assert "Thank you. The moderators read your report" in client.get(answer.location).text
    again = client.post(address(idea, "/report"), data=REPORT)
    assert again.status_code == 422
    assert "You have already reported this." in again.text
    assert "You have already reported this." in client.get(address(idea, "/report")).text
    [made] = session.scalars(select(Report)).all()
    assert (made.reporter_id, made.note) == (dana.id, "Rude")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Choose what is wrong."),
        ({"reason": "spam"}, "Not a valid choice"),
        ({"reason": "other"}, "Say in a few words what is wrong."),
        ({"reason": "insult", "note": "x" * 501}, "Your text is too long."),
    ],
)
def test_a_report_that_lacks_something_comes_back_with_what_was_written(session, signed_in, dana, idea, data, sentence):
    answer = signed_in(dana).post(address(idea, "/report"), data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert session.scalar(select(Review.id)) is None


def test_a_comment_and_a_person_are_reported(session, signed_in, charlie, idea, comment, dana):
    client = signed_in(charlie)
    client.post(address(idea, f"/comments/{comment.id}/report"), data=REPORT)
    client.post(f"/campaigns/{idea.campaign_id}/people/{dana.id}/report", data=REPORT)
    assert {review.object_kind.value for review in session.scalars(select(Review))} == {"comment", "person"}


def test_a_person_who_takes_no_part_in_the_campaign_is_not_found(signed_in, dana, make_person, campaign, idea):
    client = signed_in(dana)
    assert client.get(f"/campaigns/{campaign.id}/people/{make_person('Eve').id}/report").status_code == 404
    assert client.get(f"/campaigns/{campaign.id}/people/{idea.author_id}/report").status_code == 200


def test_a_visitor_signs_in_before_reporting(client, idea):
    answer = client.get(address(idea, "/report"))
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")
