"""The pages on which ideas are merged, proposed to be, and separated."""

import pytest
from sqlalchemy import select

from ideas.contributions.comment import Comment
from ideas.contributions.merged import IdeaMerge, MergeState
from ideas.contributions.vote import Vote
from ideas.contributions.withheld import Withheld

WORDS = "They ask for the same."


@pytest.fixture
def pair(make_idea, campaign, charlie, make_person):
    return make_idea(campaign, charlie, "One click."), make_idea(campaign, make_person("Dana"), "Confirm with a click.")


def address(idea, rest=""):
    return f"/campaigns/{idea.campaign_id}/ideas/{idea.id}{rest}"


def test_a_moderator_merges_reads_both_texts_and_undoes_it_at_once(session, signed_in, client, bob, charlie, pair):
    kept, other = pair
    browser = signed_in(bob)
    assert address(other, "/merge") in browser.get(address(other)).text
    page = browser.get(address(other, "/merge?containing=click")).text
    assert f'value="{kept.id}"' in page
    assert f'value="{other.id}"' not in page
    data = {"other": kept.id, "keep": "other", "reason": WORDS}
    answer = browser.post(address(other, "/merge"), data=data)
    assert (answer.status_code, answer.location) == (303, address(kept))
    page = browser.get(answer.location).text
    for words in ("is merged into idea", "Separate them", "1 idea merged into this one", other.body, WORDS, "Dana"):
        assert words in page
    assert client.get(address(other)).location == f"{address(kept)}#merged-{other.id}"
    assert other.body not in client.get(f"/campaigns/{kept.campaign_id}/ideas").text
    assert "Merged" in signed_in(other.author).get("/me").text
    merge = session.scalar(select(IdeaMerge))
    undone = browser.post(f"/campaigns/{kept.campaign_id}/merges/{merge.id}/undo")
    assert undone.location == address(other)
    assert "Ideas separated." in browser.get(undone.location).text
    again = browser.post(
        f"/campaigns/{kept.campaign_id}/merges/{merge.id}/undo", headers={"Referer": f"http://localhost{address(kept)}"}
    )
    assert "Bob has already separated this idea." in browser.get(again.location).text
    log = browser.get(f"/campaigns/{kept.campaign_id}/moderation/log.csv").text
    assert f"Merged into another idea,Idea,{other.id},,Bob,{WORDS}" in log
    assert f"Separated again,Idea,{other.id},,Bob" in log


def test_the_other_direction_keeps_this_idea_and_a_refusal_keeps_what_was_written(session, signed_in, bob, pair):
    kept, other = pair
    browser = signed_in(bob)
    for data, sentence in (
        ({"keep": "this", "reason": WORDS}, "Choose the other idea."),
        ({"other": other.id, "keep": "this", "reason": " "}, "Give the reason."),
        ({"other": kept.id, "keep": "this", "reason": WORDS}, "can’t be merged into itself"),
        ({"other": 10**6, "keep": "this", "reason": WORDS}, "is not in this campaign"),
        ({"other": "nine", "keep": "this", "reason": WORDS}, "Not a valid integer value."),
    ):
        answer = browser.post(address(kept, "/merge"), data=data)
        assert (answer.status_code, sentence in answer.text) == (422, True), data
    browser.post(address(kept, "/merge"), data={"other": other.id, "keep": "this", "reason": WORDS})
    session.expire_all()
    assert other.merged_into_id == kept.id


def test_a_second_moderator_is_told_who_was_first(signed_in, alice, bob, make_idea, campaign, pair):
    kept, other = pair
    third = make_idea(campaign, None, "Third")
    data = {"keep": "other", "reason": WORDS}
    signed_in(bob).post(address(other, "/merge"), data=data | {"other": kept.id})
    answer = signed_in(alice).post(address(other, "/merge"), data=data | {"other": third.id})
    assert answer.status_code == 422
    assert f"Bob has already merged idea {other.id} into idea {kept.id}." in answer.text


def test_an_author_proposes_and_the_other_agrees_on_the_page(session, signed_in, client, charlie, pair):
    kept, other = pair
    proposer, owner = signed_in(other.author), signed_in(charlie)
    assert signed_in(charlie).get(address(other, "/merge/propose")).status_code == 403
    asked = {"other": kept.id, "reason": f"{WORDS} Ask dora@example.org."}
    shown = proposer.post(address(other, "/merge/propose"), data=asked)
    assert shown.status_code == 422
    assert "<mark>dora@example.org" in shown.text
    answer = proposer.post(address(other, "/merge/propose"), data={"other": kept.id, "reason": WORDS})
    assert "Proposal sent." in proposer.get(answer.location).text
    page = owner.get(address(kept)).text
    for words in ("proposes to merge it into yours", WORDS, "Decline the proposal"):
        assert words in page
    assert WORDS not in client.get(address(kept)).text
    merge = session.scalar(select(IdeaMerge))
    accepted = owner.post(f"/campaigns/{kept.campaign_id}/merges/{merge.id}/accept")
    assert "The authors agreed." in owner.get(accepted.location).text
    for browser in (owner, proposer):
        assert f"/merges/{merge.id}/leave" in browser.get(address(kept)).text
    proposer.post(f"/campaigns/{kept.campaign_id}/merges/{merge.id}/leave")
    session.expire_all()
    assert merge.state is MergeState.UNDONE


def test_a_form_that_was_open_before_a_merge_loses_nothing(session, signed_in, make_person, bob, pair):
    kept, other = pair
    signed_in(bob).post(address(other, "/merge"), data={"other": kept.id, "keep": "other", "reason": WORDS})
    eve = signed_in(make_person("Eve"))
    fragment = {"HX-Request": "true"}
    assert f'id="response-{kept.id}"' in eve.post(address(other, "/vote"), headers=fragment).text
    page = eve.post(address(other, "/comments"), data={"body": "Gladly"}, headers=fragment).text
    assert "Gladly" in page
    comment = session.scalar(select(Comment))
    assert {comment.idea_id, session.scalar(select(Vote.idea_id))} == {kept.id}
    edited = signed_in(other.author).post(address(other, "/edit"), data={"body": "My new words"})
    assert (edited.status_code, "My new words" in edited.text) == (422, True)
    assert "Your idea is merged into another one" in edited.text


def test_a_page_asks_as_many_queries_however_many_ideas_are_merged(
    session, signed_in, bob, make_idea, make_person, campaign, pair, count_queries
):
    kept, other = pair
    browser = signed_in(bob)

    def merge(idea):
        browser.post(address(idea, "/merge"), data={"other": kept.id, "keep": "other", "reason": WORDS})
        browser.get(address(kept))  # with its flash

    merge(other)
    few = count_queries(lambda: browser.get(address(kept)))
    for number in range(4):
        merge(make_idea(campaign, make_person(f"Person {number}"), f"Click {number}"))
    assert count_queries(lambda: browser.get(address(kept))) == few


def test_the_tab_shows_how_many_wait_for_a_moderator(signed_in, bob, charlie, idea, make_person):
    page = f"/campaigns/{idea.campaign_id}/ideas"
    signed_in(make_person("Dana")).post(address(idea, "/report"), data={"reason": "insult", "note": ""})
    shown = signed_in(bob).get(page).text
    assert 'Moderation <span class="tabs__count">1</span>' in shown
    assert "tabs__count" not in signed_in(charlie).get(page).text


def test_the_text_of_a_withheld_idea_is_not_shown_to_whoever_names_its_number(session, signed_in, charlie, pair):
    own, other = pair
    other.withheld = Withheld.HIDDEN
    session.commit()
    answer = signed_in(charlie).post(address(own, "/merge/propose"), data={"other": other.id, "reason": WORDS})
    assert answer.status_code == 422
    assert "is not public" in answer.text
    assert other.body not in answer.text
