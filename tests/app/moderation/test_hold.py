from sqlalchemy import select

from ideas.contributions.idea import Idea
from ideas.contributions.withheld import Review, Withheld
from ideas.organisation.organisation import the_organisation
from ideas.people.sanction import Sanction, SanctionKind


def test_a_held_idea_says_so_to_its_author_and_is_approved_from_the_queue(
    session, client, signed_in, moderator, campaign, dana
):
    the_organisation(session).first_post_held = True
    session.commit()
    author = signed_in(dana)
    answer = author.post(f"/campaigns/{campaign.id}/ideas/new", data={"title": "", "body": "My very first idea"})
    assert answer.status_code == 303
    page = author.get(answer.location).text
    assert "A moderator reads your idea before it is published." in page
    assert "A moderator reads this text before it is published." in page
    assert client.get(answer.location).status_code == 404
    queue = moderator.get(f"/campaigns/{campaign.id}/moderation").text
    assert "First text, held" in queue
    review = queue.split(f"/campaigns/{campaign.id}/moderation/")
    number = next(part.split('"')[0] for part in review if part.split('"')[0].isdigit())
    page = moderator.get(f"/campaigns/{campaign.id}/moderation/{number}").text
    assert "Approve and publish" in page
    assert "Once you approve it, the next ones are published at once." in page
    moderator.post(f"/campaigns/{campaign.id}/moderation/{number}", data={"act": "restore"})
    assert client.get(answer.location).status_code == 200


def test_a_comment_with_a_blocked_word_waits_and_its_author_is_told(session, signed_in, campaign, idea, dana):
    the_organisation(session).blocked_words = "clown"
    session.commit()
    author = signed_in(dana)
    answer = author.post(f"/campaigns/{campaign.id}/ideas/{idea.id}/comments", data={"body": "Quel clown"})
    assert answer.status_code == 303
    assert "A moderator reads your comment before it is published." in author.get(answer.location).text


def test_administrators_choose_what_is_held(session, signed_in, make_person, moderator):
    admin = signed_in(make_person("Ada", is_admin=True))
    assert moderator.get("/moderation/settings").status_code == 403
    assert admin.get("/moderation/settings").status_code == 200
    refused = admin.post("/moderation/settings", data={"blocked_words": "x" * 61})
    assert refused.status_code == 422
    answer = admin.post("/moderation/settings", data={"first_post_held": "y", "blocked_words": "clown\n\n Idiot "})
    assert answer.status_code == 303
    organisation = the_organisation(session)
    session.refresh(organisation)
    assert (organisation.first_post_held, organisation.blocked_words) == (True, "clown\nIdiot")
    assert "clown" in admin.get("/moderation/settings").text


def test_a_moderator_declines_a_text_and_blocks_its_author_in_one_act(
    session, signed_in, moderator, campaign, dana, alice
):
    the_organisation(session).first_post_held = True
    session.commit()
    author = signed_in(dana)
    for body in ("Cheap pills here", "More cheap pills"):
        author.post(f"/campaigns/{campaign.id}/ideas/new", data={"title": "", "body": body})
    first, second = session.scalars(select(Review).order_by(Review.id)).all()
    address = f"/campaigns/{campaign.id}/moderation/{first.id}"
    assert "Hide and ban the author" in moderator.get(address).text
    assert moderator.post(address, data={"act": "block"}).status_code == 422  # without a reason
    sent = {"act": "block", "reason": "advertising", "note": "No selling here.", "seen": first.version}
    assert moderator.post(address, data=sent).status_code == 303
    session.expire_all()
    assert {idea.withheld for idea in session.scalars(select(Idea).where(Idea.author_id == dana.id))} == {
        Withheld.HIDDEN
    }
    assert not second.is_open
    ban = session.scalars(select(Sanction)).one()
    assert (ban.kind, ban.campaign_id, ban.quote) == (SanctionKind.BAN, campaign.id, "Cheap pills here")
    mine = author.get("/me/sanctions").text
    assert "No selling here." in mine
    assert f"/me/sanctions/{ban.id}/appeal" in mine
    assert "Hide and ban the author" not in moderator.get(address).text
