import pytest

from ideas.contributions.withheld import Outcome, Withheld
from ideas.moderation.report import report
from ideas.people.sanction import Reason


def queue(campaign, rest=""):
    return f"/campaigns/{campaign.id}/moderation{rest}"


def page_of(idea):
    return f"/campaigns/{idea.campaign_id}/ideas/{idea.id}"


def test_who_may_moderate_finds_the_queue_and_nobody_else(client, signed_in, moderator, dana, campaign, review):
    assert "Fewer clicks. One click to confirm." in moderator.get(queue(campaign)).text
    assert signed_in(dana).get(queue(campaign)).status_code == 403
    assert client.get(queue(campaign)).status_code == 303


def test_an_administrator_reads_the_queue_of_all_campaigns(signed_in, make_person, moderator, review):
    assert "Fewer clicks" in signed_in(make_person("Ada", is_admin=True)).get("/moderation").text
    assert moderator.get("/moderation").status_code == 403


@pytest.mark.parametrize("query", [
    "", "?kind=idea", "?reason=insult", "?state=all", "?containing=CONFIRM", "?containing=charl",
    "?kind=none&reason=none&state=none&page=99999",
])  # fmt: skip
def test_the_queue_is_searched(moderator, campaign, review, query):
    assert "One click to confirm" in moderator.get(queue(campaign, query)).text


@pytest.mark.parametrize("query", ["?kind=comment", "?reason=wrong", "?state=done", "?mine=1", "?containing=100%"])
def test_the_queue_is_filtered(moderator, campaign, review, query):
    assert "One click to confirm" not in moderator.get(queue(campaign, query)).text


def test_an_empty_queue_says_so(moderator, campaign):
    assert "Nothing to deal with" in moderator.get(queue(campaign)).text
    assert "Nothing found" in moderator.get(queue(campaign, "?kind=idea")).text


def test_hiding_needs_a_reason_that_the_author_reads_in_their_language(
    session, signed_in, moderator, charlie, campaign, idea, review, client
):
    missing = moderator.post(queue(campaign, f"/{review.id}"), data={"act": "hide", "seen": review.version})
    assert missing.status_code == 422
    assert "Choose a reason." in missing.text
    answer = moderator.post(
        queue(campaign, f"/{review.id}"),
        data={"act": "hide", "seen": review.version, "reason": "insult", "note": "Criticise the idea."},
    )
    assert answer.status_code == 303
    assert client.get(page_of(idea)).status_code == 404
    page = signed_in(charlie).get(page_of(idea)).text
    assert "The moderators have hidden this text." in page
    assert "Reason: Insult or threat." in page
    assert "Criticise the idea." in page
    assert "Dana" not in page
    charlie.locale = "fr"
    session.commit()
    assert signed_in(charlie).get(page_of(idea)).status_code == 200


def test_the_history_undoes_a_decision(client, moderator, campaign, idea, review):
    moderator.post(queue(campaign, f"/{review.id}"), data={"act": "hide", "reason": "insult", "seen": review.version})
    page = moderator.get(queue(campaign, f"/{review.id}")).text
    assert "Restore it" in page
    moderator.post(queue(campaign, f"/{review.id}"), data={"act": "restore", "seen": 2})
    assert client.get(page_of(idea)).status_code == 200
    moderator.post(queue(campaign, f"/{review.id}"), data={"act": "reopen", "seen": 3})
    assert "One click to confirm" in moderator.get(queue(campaign)).text


def test_of_two_moderators_the_second_is_told_who_was_first(
    session, signed_in, alice, moderator, campaign, idea, review
):
    seen = review.version
    signed_in(alice).post(queue(campaign, f"/{review.id}"), data={"act": "dismiss", "seen": seen})
    answer = moderator.post(
        queue(campaign, f"/{review.id}"), data={"act": "hide", "reason": "insult", "seen": seen, "note": "Kept"}
    )
    assert answer.status_code == 422
    assert "Alice was faster." in answer.text
    assert "Kept" in answer.text
    session.refresh(idea)
    assert idea.withheld is None


@pytest.mark.parametrize(
    "data", [{}, {"act": "burn"}, {"act": "hide", "reason": "spam"}, {"act": "ask", "reason": "insult"}]
)
def test_what_is_not_on_the_page_is_refused(session, moderator, campaign, idea, review, data):
    assert moderator.post(queue(campaign, f"/{review.id}"), data=data).status_code == 422
    session.refresh(idea)
    assert idea.is_public


def test_a_review_of_another_campaign_is_not_found(moderator, make_campaign, review):
    assert moderator.get(queue(make_campaign(), f"/{review.id}")).status_code == 404


def test_several_are_dealt_with_for_one_reason(
    session, moderator, signed_in, make_person, campaign, review, make_idea, charlie, bob, dana, now
):
    others = [make_idea(campaign, author, "Same") for author in (charlie, bob)]
    reviews = [
        report(session, campaign, one, reason=Reason.ADVERTISING, note="", by=dana, now=now).review for one in others
    ]
    session.commit()
    ids = [review.id, *(each.id for each in reviews), 999_999]
    refused = moderator.post(queue(campaign), data={"act": "hide", "reviews": ids})
    assert refused.status_code == 422
    assert "Choose a reason." in refused.text
    nothing = moderator.post(queue(campaign), data={"act": "hide", "reason": "advertising"})
    assert "Select at least one line." in nothing.text
    moderator.post(queue(campaign), data={"act": "hide", "reason": "advertising", "reviews": ids})
    for each in (review, *reviews, *others):
        session.refresh(each)
    assert [each.outcome for each in (review, *reviews)] == [Outcome.HIDDEN, Outcome.HIDDEN, None]
    assert [each.withheld for each in others] == [Withheld.HIDDEN, None]
    admin = signed_in(make_person("Ada", is_admin=True))
    assert f'value="{reviews[1].id}" form="together"' in admin.get("/moderation").text
    answer = admin.post("/moderation", data={"act": "hide", "reason": "advertising", "reviews": ids})
    assert (answer.status_code, answer.location) == (303, "/moderation")
    session.refresh(others[1])
    assert others[1].withheld is Withheld.HIDDEN
    assert moderator.post("/moderation", data={"act": "dismiss", "reviews": ids}).status_code == 403


def test_look_alikes_are_hidden_with_the_idea_where_ticked(
    session, moderator, campaign, idea, review, make_idea, dana, alice
):
    same = [make_idea(campaign, who, "ONE click to confirm.", title="fewer clicks") for who in (dana, alice)]
    other = make_idea(campaign, dana, "Something else")
    page = moderator.get(queue(campaign, f"/{review.id}")).text
    assert "2 other ideas say the same" in page
    moderator.post(
        queue(campaign, f"/{review.id}"),
        data={"act": "hide", "reason": "advertising", "seen": review.version, "also": [same[0].id, other.id]},
    )
    for each in (idea, *same, other):
        session.refresh(each)
    assert [each.withheld for each in (idea, *same, other)] == [Withheld.HIDDEN, Withheld.HIDDEN, None, None]


def test_a_review_is_assigned(session, moderator, campaign, review, alice, bob, dana):
    for person, expected in ((alice, alice.id), (bob, bob.id)):
        moderator.post(queue(campaign, f"/{review.id}/assign"), data={"to": person.id})
        session.refresh(review)
        assert review.assignee_id == expected
    assert "One click" in moderator.get(queue(campaign, "?mine=1")).text
    moderator.post(queue(campaign, f"/{review.id}/assign"), data={"to": dana.id})
    session.refresh(review)
    assert review.assignee_id == bob.id
    moderator.post(queue(campaign, f"/{review.id}/assign"), data={"to": ""})
    session.refresh(review)
    assert review.assignee_id is None


def test_a_moderator_opens_the_page_of_an_idea_that_nobody_reported(moderator, campaign, idea, comment):
    assert "Moderate this idea" in moderator.get(page_of(idea)).text
    answer = moderator.post(f"{page_of(idea)}/moderate")
    assert answer.status_code == 303
    assert "To deal with" in moderator.get(answer.location).text
    assert moderator.post(f"{page_of(idea)}/comments/{comment.id}/moderate").status_code == 303


def test_the_page_offers_a_telephone_number_to_take_out(moderator, idea, comment):
    answer = moderator.post(f"{page_of(idea)}/comments/{comment.id}/moderate")
    assert "<mark>06 12 34 56 78</mark>" in moderator.get(answer.location).text


def test_a_hidden_comment_leaves_the_page_for_others(client, signed_in, moderator, campaign, idea, comment, dana):
    at = moderator.post(f"{page_of(idea)}/comments/{comment.id}/moderate").location
    moderator.post(at, data={"act": "hide", "reason": "personal_data"})
    assert "Call me" not in client.get(page_of(idea)).text
    assert "Call me" in signed_in(dana).get(page_of(idea)).text


def test_the_queue_asks_a_constant_number_of_queries(
    session, count_queries, moderator, campaign, review, make_idea, charlie, dana, now
):
    address = queue(campaign)
    moderator.get(address)
    few = count_queries(lambda: moderator.get(address))
    for number in range(9):
        one = make_idea(campaign, charlie, f"Idea {number}")
        report(session, campaign, one, reason=Reason.WRONG, note="", by=dana, now=now)
    session.commit()
    assert count_queries(lambda: moderator.get(address)) == few


def test_the_page_of_the_author_says_that_an_idea_is_hidden(signed_in, moderator, charlie, campaign, idea, review):
    moderator.post(queue(campaign, f"/{review.id}"), data={"act": "hide", "reason": "insult", "seen": review.version})
    page = signed_in(charlie).get("/me").text
    assert "Your idea is hidden by the moderators." in page
    assert "Others can support it" not in page
