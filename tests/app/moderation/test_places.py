"""The pages on which moderators and the author see the place that breaks a rule."""

import pytest

from ideas.campaigns.form_field import FieldKind, FieldText, add_field
from ideas.contributions.fields.value import Given, add_values, values_of
from ideas.moderation.review import review_for

pytestmark = pytest.mark.one_database

NUMBER = "06 12 34 56 78"


def test_a_place_is_marked_asked_to_change_and_taken_out(
    session, client, signed_in, moderator, campaign, idea, bob, charlie, now
):
    field = add_field(session, campaign, kind=FieldKind.PLACE, text=FieldText(label="Site"), by=bob, now=now)
    add_values(session, {idea.id: {field.id: Given(text=f"Lyon, {NUMBER}")}})
    review = review_for(session, campaign, idea, by=bob, now=now)
    session.commit()
    here, case = f"/campaigns/{campaign.id}/ideas/{idea.id}", f"/campaigns/{campaign.id}/moderation/{review.id}"
    mark = f"Lyon, <mark>{NUMBER}</mark>"
    assert mark in moderator.get(case).text
    asked = {"act": "ask", "span": NUMBER, "reason": "personal_data"}
    assert moderator.post(case, data=asked).status_code == 303
    author, name = signed_in(charlie), f"field_{field.id}"
    assert mark in author.get(here).text
    page = author.get(f"{here}/change").text
    assert (mark in page, f'name="{name}"' in page) == (True, True)
    still = author.post(f"{here}/change", data={"body": "One click.", name: NUMBER})
    assert (still.status_code, "The marked words are still in your text." in still.text) == (422, True)
    author.post(f"{here}/change", data={"body": "One click.", name: "Lyon, at Zoé’s"})
    assert "Lyon, at Zoé’s" in client.get(here).text
    assert "Lyon, at Zoé’s" in moderator.get(f"{case}/reword").text
    sent = {"body": "One click.", "reason": "personal_data", "version": "1", name: ""}
    stale = moderator.post(f"{case}/reword", data=sent)
    assert (stale.status_code, "There are two versions" in stale.text, "Site" in stale.text) == (409, True, True)
    assert moderator.post(f"{case}/reword", data=sent | {"version": "2"}).location == case
    session.expire_all()
    assert values_of(session, idea.id) == {}
    assert "Zoé" not in client.get(here).text
