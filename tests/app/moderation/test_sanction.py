import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clock import now as clock
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.people.sanction import Reason, Sanction, SanctionKind, give_sanction

GIVEN = {"kind": "warning", "reason": "insult", "quote": "Idiots", "words": "Criticise the idea."}
TEXT = {"title": "", "body": "A text that took me an hour"}


@pytest.fixture
def sanction(session, campaign, alice, charlie, now):
    def give(kind, *, person=charlie, here=campaign, **facts):
        given = give_sanction(
            session, person, kind,
            reason=Reason.INSULT, quote="Idiots", words="Not here.", by=alice, now=now,
            campaign_id=here.id if here else None, **facts,
        )  # fmt: skip
        session.commit()
        return given

    return give


def desk(campaign, person):
    return f"/campaigns/{campaign.id}/moderation/people/{person.id}"


def test_a_moderator_warns_with_the_text_and_the_reason_and_the_person_reads_both(
    session, moderator, signed_in, campaign, charlie, idea
):
    answer = moderator.post(desk(campaign, charlie), data=GIVEN)
    assert (answer.status_code, answer.location) == (303, desk(campaign, charlie))
    page = signed_in(charlie).get("/me/sanctions").text
    for words in ("Warning", "Idiots", "Criticise the idea.", "Insult or threat", "Easier mornings", "Bob"):
        assert words in page
    assert signed_in(charlie).post(f"/campaigns/{campaign.id}/ideas/new", data=TEXT).status_code == 303


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kind": ""}, "Choose a sanction."),
        ({"reason": "spam"}, "Not a valid choice"),
        ({"words": " "}, "Say why, in a sentence"),
        ({"kind": "suspension"}, "Choose a day in the future"),
        ({"kind": "suspension", "ends_on": "2001-01-01"}, "Choose a day in the future"),
        ({"kind": "suspension", "ends_on": "soon"}, "Not a valid date"),
    ],
)
def test_a_sanction_that_lacks_something_is_refused(session, moderator, campaign, charlie, idea, change, sentence):
    answer = moderator.post(desk(campaign, charlie), data=GIVEN | change)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert session.scalar(select(Sanction.id)) is None


def test_the_form_quotes_the_text_that_was_hidden_last(moderator, campaign, charlie, idea, review):
    moderator.post(f"/campaigns/{campaign.id}/moderation/{review.id}", data={"act": "hide", "reason": "insult"})
    assert "One click to confirm.</textarea>" in moderator.get(desk(campaign, charlie)).text


def test_team_and_administrators_are_not_sanctioned_by_moderators(
    session, moderator, campaign, alice, make_person, idea, make_idea
):
    boss = make_person("Ada", is_admin=True)
    make_idea(campaign, boss, "From the top")
    for person, sentence in ((alice, "This person is in the campaign team."), (boss, "Only an administrator can")):
        answer = moderator.post(desk(campaign, person), data=GIVEN)
        assert answer.status_code == 422
        assert sentence in answer.text
    assert session.scalar(select(Sanction.id)) is None


def test_only_who_takes_part_is_found_and_only_moderators_look(
    moderator, signed_in, campaign, charlie, idea, make_person
):
    assert moderator.get(desk(campaign, make_person("Eve"))).status_code == 404
    assert signed_in(charlie).get(desk(campaign, charlie)).status_code == 403
    assert moderator.get(f"/moderation/people/{charlie.id}").status_code == 403


def test_a_suspended_person_reads_and_what_they_send_is_kept_as_a_draft(
    session, signed_in, campaign, charlie, idea, sanction
):
    client = signed_in(charlie)
    page = client.get(f"/campaigns/{campaign.id}/ideas/new")
    assert page.status_code == 200
    sanction(SanctionKind.SUSPENSION, ends_at=clock() + timedelta(days=2))
    answer = client.post(f"/campaigns/{campaign.id}/ideas/new", data=TEXT)
    assert answer.status_code == 422
    assert "Your account is suspended here." in answer.text
    draft = session.scalars(select(Idea).where(Idea.body == TEXT["body"])).one()
    assert draft.submitted_at is None
    assert client.get(f"/campaigns/{campaign.id}/ideas/{idea.id}").status_code == 200


def test_the_next_request_after_the_end_is_taken(session, signed_in, campaign, charlie, idea, sanction):
    client = signed_in(charlie)
    given = sanction(SanctionKind.SUSPENSION, ends_at=clock() + timedelta(days=2))
    vote = f"/campaigns/{campaign.id}/ideas/{idea.id}/comments"
    assert client.post(vote, data={"body": "Mine too"}).status_code == 403
    given.ends_at = clock() - timedelta(seconds=1)
    session.commit()
    assert client.post(vote, data={"body": "Mine too"}).status_code == 303


def test_a_comment_that_is_refused_is_given_back(session, signed_in, campaign, charlie, idea, sanction):
    sanction(SanctionKind.SUSPENSION, ends_at=clock() + timedelta(days=2))
    client, address = signed_in(charlie), f"/campaigns/{campaign.id}/ideas/{idea.id}/comments"
    answer = client.post(address, data={"body": "My long comment"}, headers={"Origin": "http://localhost"})
    assert answer.status_code == 403
    assert "My long comment" in answer.text
    assert "/me/sanctions" in answer.text
    part = client.post(address, data={"body": "My long comment"}, headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Reswap"]) == (403, "none")
    assert session.scalar(select(Comment.id)) is None


def test_a_sanction_of_a_campaign_does_not_reach_another(signed_in, make_campaign, charlie, sanction):
    sanction(SanctionKind.BAN)
    assert signed_in(charlie).post(f"/campaigns/{make_campaign().id}/ideas/new", data=TEXT).status_code == 303


def test_a_banned_person_reads_public_pages_and_their_own_data(signed_in, campaign, charlie, idea, sanction):
    sanction(SanctionKind.BAN, here=None)
    client = signed_in(charlie)
    for public in ("/campaigns", f"/campaigns/{campaign.id}/ideas/{idea.id}", "/me", "/me/sanctions", "/me/notices"):
        page = client.get(public)
        assert page.status_code == 200, public
        assert "Your account is banned here." in page.text
    assert client.get(f"/campaigns/{campaign.id}/ideas/{idea.id}/report").status_code == 403
    assert client.post(f"/campaigns/{campaign.id}/ideas/{idea.id}/withdraw").status_code == 403


def test_a_banned_moderator_moderates_no_more(session, moderator, campaign, bob, sanction):
    assert moderator.get(f"/campaigns/{campaign.id}/moderation").status_code == 200
    sanction(SanctionKind.BAN, person=bob, here=None)
    assert moderator.get(f"/campaigns/{campaign.id}/moderation").status_code == 403


def test_an_appeal_is_answered_by_another_moderator_than_the_one_who_acted(
    session, signed_in, moderator, alice, campaign, charlie, idea, sanction
):
    given = sanction(SanctionKind.BAN)
    person = signed_in(charlie)
    empty = person.post(f"/me/sanctions/{given.id}/appeal", data={"words": " "})
    assert (empty.status_code, "Say why you disagree." in empty.text) == (422, True)
    assert person.post(f"/me/sanctions/{given.id}/appeal", data={"words": "I quoted somebody."}).status_code == 303
    twice = person.post(f"/me/sanctions/{given.id}/appeal", data={"words": "Again"})
    assert "You have already appealed." in twice.text
    address = f"/campaigns/{campaign.id}/moderation/sanctions/{given.id}/appeal"
    assert "1 appeal to answer" in moderator.get(f"/campaigns/{campaign.id}/moderation").text
    own = signed_in(alice).post(address, data={"lifts": "no", "words": "No"})
    assert (own.status_code, "so someone else answers" in own.text) == (422, True)
    assert moderator.post(address, data={"lifts": "yes", "words": "You are right."}).status_code == 303
    page = person.get("/me/sanctions").text
    assert "You are right." in page
    assert "Lifted" in page
    assert moderator.post(address, data={"lifts": "no", "words": "Late"}).status_code == 422
    assert person.post(f"/campaigns/{campaign.id}/ideas/new", data=TEXT).status_code == 303


def test_where_nobody_else_is_left_the_one_who_acted_answers(
    session, signed_in, campaign, alice, bob, charlie, idea, sanction
):
    from ideas.campaigns.people.team import remove_from_team

    given = sanction(SanctionKind.BAN)
    remove_from_team(session, campaign, bob, by=alice, now=given.given_at)
    session.commit()
    signed_in(charlie).post(f"/me/sanctions/{given.id}/appeal", data={"words": "I quoted somebody."})
    address = f"/campaigns/{campaign.id}/moderation/sanctions/{given.id}/appeal"
    assert signed_in(alice).post(address, data={"lifts": "no", "words": "No"}).status_code == 303


def test_an_administrator_answers_and_lifts_anywhere(
    session, signed_in, make_person, campaign, charlie, idea, sanction
):
    admin = signed_in(make_person("Ada", is_admin=True))
    given = sanction(SanctionKind.BAN)
    signed_in(charlie).post(f"/me/sanctions/{given.id}/appeal", data={"words": "I quoted somebody."})
    assert "1 appeal to answer" in admin.get("/moderation").text
    admin.post(f"/moderation/sanctions/{given.id}/appeal", data={"lifts": "no", "words": "It was an insult."})
    session.refresh(given)
    assert (given.answer, given.lifted_at) == ("It was an insult.", None)
    assert admin.post(f"/moderation/sanctions/{given.id}/lift").status_code == 303
    session.refresh(given)
    assert given.lifted_at is not None
    assert admin.post(f"/moderation/people/{charlie.id}", data=GIVEN).status_code == 303


def test_the_sanctions_of_someone_else_are_not_found(signed_in, dana, campaign, make_campaign, moderator, sanction):
    given = sanction(SanctionKind.BAN)
    assert signed_in(dana).post(f"/me/sanctions/{given.id}/appeal", data={"words": "Me"}).status_code == 404
    other = make_campaign()
    assert moderator.post(f"/campaigns/{other.id}/moderation/sanctions/{given.id}/lift").status_code == 404
    assert "No warning" in signed_in(dana).get("/me/sanctions").text


def test_administrators_list_filter_and_export_all_sanctions(
    session, sanction, signed_in, make_person, moderator, count_queries, charlie, dana, now
):
    admin = signed_in(make_person("Ada", is_admin=True))
    assert "No sanction yet" in admin.get("/moderation/sanctions").text
    sanction(SanctionKind.WARNING, person=dana)
    ban = sanction(SanctionKind.BAN, here=None)
    past = sanction(SanctionKind.SUSPENSION, ends_at=now + timedelta(days=1))
    few = count_queries(lambda: admin.get("/moderation/sanctions"))
    past.ends_at, ban.appealed_at = now - timedelta(minutes=1), now
    session.commit()
    sanction(SanctionKind.WARNING)
    assert count_queries(lambda: admin.get("/moderation/sanctions")) == few

    def listed(**asked):
        answer = admin.post("/moderation/sanctions/export", data=asked)
        head, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
        return [(row["person"], row["sanction"]) for row in (dict(zip(head, row, strict=True)) for row in rows)]

    everyone = [("Charlie", "warning"), ("Charlie", "suspension"), ("Charlie", "ban"), ("Dana", "warning")]
    for asked, found in (
        ({"kind": "none"}, everyone),
        ({"containing": "dan"}, everyone[3:]),
        ({"kind": "warning"}, [everyone[0], everyone[3]]),
        ({"state": "in_force"}, [everyone[2]]),
        ({"state": "over"}, [everyone[1]]),
        ({"state": "appealed"}, [everyone[2]]),
        ({"state": "over", "kind": "ban"}, []),
    ):
        assert listed(**asked) == found, asked
        page = admin.get("/moderation/sanctions", query_string=asked).text
        assert page.count("/moderation/people/") == len(found), asked
        assert ("No sanction found" in page) is not bool(found)
    assert "Read the appeal" in admin.get("/moderation/sanctions?state=appealed").text
    assert moderator.get("/moderation/sanctions").status_code == 403
    assert "exported" in admin.get("/activity?verb=exported").text
