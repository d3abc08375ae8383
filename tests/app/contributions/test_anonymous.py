"""The pages of an anonymous idea: how it is sent, who reads which name, and how a moderator learns it."""

import pytest
from sqlalchemy import select

from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.idea import Idea

pytestmark = pytest.mark.one_database


def test_an_anonymous_idea_shows_no_name_to_anybody_but_its_author(
    session, signed_in, client, campaign, alice, bob, charlie, make_person
):
    dora, admin = make_person("Dora Lind"), make_person("Ada", is_admin=True)
    place = f"/campaigns/{campaign.id}"
    author = signed_in(dora)
    assert "Send my idea anonymously" not in author.get(f"{place}/ideas/new").text
    sent = {"title": "Night bus", "body": "I work at night.", "is_anonymous": "y"}
    refused = author.post(f"{place}/ideas/new", data=sent | {"act": "submit"})
    assert "takes no anonymous ideas any more" in refused.text
    assert "I work at night." in refused.text
    campaign.allows_anonymous = True
    session.commit()
    assert "Send my idea anonymously" in author.get(f"{place}/ideas/new").text
    preview = author.post(f"{place}/ideas/new", data=sent | {"act": "preview"}).text
    assert '<p class="soft small">Anonymous</p>' in preview
    page = author.post(f"{place}/ideas/new", data=sent | {"act": "submit"}).location
    idea = session.scalars(select(Idea).where(Idea.submitted_at.is_not(None))).one()
    assert "Only you read here that it is yours." in (own := author.get(page).text)
    assert f"{page}/edit" in own
    assert f"{page}/co-authors" not in own
    assert "Night bus" in author.get("/me").text
    author.post(f"{page}/edit", data={"title": "Night bus", "body": "I work at night, until six."})
    readers = {"visitor": client, "member": signed_in(charlie), "owner": signed_in(alice), "admin": signed_in(admin)}
    for reader in readers.values():
        for address in (page, f"{page}/versions", f"{place}/ideas", place, "/search?containing=night"):
            text = reader.get(address, follow_redirects=True).text
            assert "Dora" not in text, address
        assert "Anonymous" in reader.get(page).text
        assert "Anonymous" in reader.get(f"{place}/ideas").text
    log = readers["admin"].get("/activity").text
    assert "Dora" not in log
    assert "Anonymous" in log

    moderator = signed_in(bob)
    assert f"{page}/author" in moderator.get(page).text
    assert moderator.get(f"/campaigns/{campaign.id}/moderation/people/{dora.id}").status_code == 404
    assert moderator.post(f"{page}/author", data={"reason": " "}).status_code == 422
    assert moderator.post(f"{page}/author", data={"reason": "A threat."}).status_code == 303
    assert "You asked who wrote this idea: Dora Lind." in moderator.get(page).text
    assert "A threat." in readers["admin"].get("/activity").text
    assert "A threat." in moderator.get(f"{place}/moderation/log.csv").text
    assert "Dora" not in readers["owner"].get(page).text
    assert readers["member"].post(f"{page}/sign").status_code == 409
    assert "Dora" not in client.get(page).text
    session.delete(idea.anonymous_author)  # as after an erasure: there is no name to read any more
    session.commit()
    assert f"{page}/author" not in signed_in(admin).get(page).text
    session.add(AnonymousAuthor(idea_id=idea.id, person_id=dora.id))
    session.commit()
    assert f"{page}/author" in signed_in(admin).get(page).text
    author.post(f"{page}/sign")
    assert "Dora L." in client.get(page).text
    assert idea.author == dora
