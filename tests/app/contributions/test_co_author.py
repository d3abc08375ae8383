"""The pages on which co-authors are invited, answer, edit and leave."""

import re

import pytest
from sqlalchemy import select

from ideas.people.limit import LimitCount, LimitedAct

pytestmark = pytest.mark.one_database


def test_a_co_author_is_invited_accepts_edits_is_named_and_leaves(signed_in, client, idea, charlie, make_person):
    dora = make_person("Dora Lind")
    place = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}"
    author = signed_in(charlie)
    assert f"{place}/co-authors" in author.get(place).text
    refused = author.post(f"{place}/co-authors", data={"named": "Nobody Here"})
    assert refused.status_code == 422
    assert "No member with this name or address can be invited." in refused.text
    assert "Nobody Here" in refused.text  # what was typed is kept
    assert author.post(f"{place}/co-authors", data={"named": "Dora Lind"}).location == f"{place}/co-authors"
    assert "Invitation sent to Dora Lind." in (page := author.get(f"{place}/co-authors").text)
    assert "Not answered yet" in page
    invited = signed_in(dora)
    assert "Charlie invites you to be a co-author" in invited.get(place).text
    assert "Dora" not in client.get(place).text
    assert "invites you" not in client.get(place).text
    assert invited.post(f"{place}/co-authors/accept").location == place
    page = invited.get(place).text
    assert "Leave the co-authors" in page
    assert "Withdraw my idea" not in page
    assert "Dora L." in client.get(place).text  # a visitor reads short names
    assert invited.post(f"{place}/edit", data={"title": "", "body": "Two clicks."}).status_code == 303
    assert "Dora Lind" in author.get(f"{place}/versions").text
    assert "Two clicks." in invited.get("/me").text
    assert "Two clicks." in invited.get(f"/campaigns/{idea.campaign_id}/ideas?mine=yes").text
    assert "Edit my idea" not in invited.get(f"{place}/edit").text
    assert "Edit my idea" in author.get(f"{place}/edit").text
    assert invited.get(f"{place}/co-authors").status_code == 403
    assert author.post(f"{place}/co-authors/{dora.id}/remove").status_code == 303
    stranger = author.post(f"{place}/co-authors/{make_person('Ulla Unknown').id}/remove", follow_redirects=True)
    assert "This person is no co-author of your idea." in stranger.text
    assert "Ulla" not in stranger.text
    assert "Dora" not in client.get(place).text
    assert invited.get(f"{place}/edit").status_code == 403
    again = invited.post(f"{place}/co-authors/leave", headers={"Referer": f"http://localhost{place}"})
    assert "You are not a co-author of this idea." in invited.get(again.location).text


def test_two_authors_who_edit_at_once_see_both_texts(session, signed_in, idea, charlie, make_person):
    dora = make_person("Dora Lind")
    place = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}"
    author, other = signed_in(charlie), signed_in(dora)
    author.post(f"{place}/co-authors", data={"named": "Dora Lind"})
    other.post(f"{place}/co-authors/accept")
    version = re.search(r'name="version"[^>]*value="(\d+)"', other.get(f"{place}/edit").text)[1]
    assert (
        author.post(f"{place}/edit", data={"body": "One click, at night too.", "version": version}).status_code == 303
    )
    refused = other.post(f"{place}/edit", data={"body": "One click!", "version": version})
    assert refused.status_code == 409
    assert "One click, at night too." in refused.text
    assert "One click!</textarea>" in refused.text
    again = re.search(r'name="version"[^>]*value="(\d+)"', refused.text)[1]
    assert other.post(f"{place}/edit", data={"body": "One click!", "version": again}).status_code == 303
    session.expire_all()
    assert idea.body == "One click!"


def test_an_address_tells_no_name_before_the_person_accepts_and_every_try_counts(
    session, signed_in, idea, charlie, make_person
):
    dora = make_person("Dora Lind")
    place = f"/campaigns/{idea.campaign_id}/ideas/{idea.id}"
    author, invited = signed_in(charlie), signed_in(dora)
    author.post(f"{place}/co-authors", data={"named": dora.email})
    page = author.get(f"{place}/co-authors").text
    assert f"Invitation sent to {dora.email}." in page
    assert "Invited by email address" in page
    again = author.post(f"{place}/co-authors", data={"named": dora.email})
    assert f"{dora.email} is already invited or a co-author." in again.text
    invited.post(f"{place}/co-authors/decline")
    taken_back = author.post(f"{place}/co-authors/{dora.id}/remove", follow_redirects=True)
    assert "This person is no longer a co-author or invited." in taken_back.text
    for text in (page, again.text, taken_back.text):
        assert "Dora Lind" not in text
    author.post(f"{place}/co-authors", data={"named": "nobody@example.org"})
    counts = select(LimitCount.count).where(LimitCount.act == LimitedAct.INVITE)
    assert set(session.scalars(counts)) == {3}
