"""The page on which the team writes ideas for people without an account."""

import pytest
from sqlalchemy import select

from ideas.campaigns.form_field import FieldKind, FieldText, add_field
from ideas.contributions.claim import ImportedAddress
from ideas.contributions.idea import Idea

pytestmark = pytest.mark.one_database


def test_an_idea_for_camille_says_who_wrote_it_and_keeps_the_address_private(
    session, signed_in, client, campaign, alice, bob, charlie
):
    place = f"/campaigns/{campaign.id}/ideas"
    team = signed_in(bob)
    assert f"{place}/for-another" in team.get(place).text
    assert f"{place}/for-another" not in signed_in(charlie).get(place).text
    refused = team.post(f"{place}/for-another", data={"name": "Camille", "email": "camille", "body": "A bench."})
    assert refused.status_code == 422
    assert "A bench." in refused.text
    sent = {"name": "Camille", "email": "camille@example.org", "with_agreed": "y", "body": "A bench."}
    answer = team.post(f"{place}/for-another", data=sent)
    assert answer.location == f"{place}/for-another"
    assert "Idea published for Camille." in team.get(answer.location).text
    idea = session.scalars(select(Idea)).one()
    for reader in (client, signed_in(charlie), team):
        page = reader.get(f"{place}/{idea.id}").text
        assert "For Camille, written by Bob" in page
        assert "written by the team" in reader.get(place).text
        assert "camille@example.org" not in page + reader.get(place).text
    for person, edits in ((bob, True), (alice, True), (charlie, False)):
        assert ("Edit this idea" in signed_in(person).get(f"{place}/{idea.id}").text) is edits
    assert "Invite 1 author" in signed_in(alice).get(f"{place}/for-another").text
    assert "Invite 1 author" not in team.get(f"{place}/for-another").text


def test_the_page_asks_the_fields_of_the_form(session, signed_in, campaign, bob, now):
    text = FieldText(label="Department", is_required=True)
    field = add_field(session, campaign, kind=FieldKind.CHOICE, text=text, options=["Care", "Office"], by=bob, now=now)
    session.commit()
    page, team = f"/campaigns/{campaign.id}/ideas/for-another", signed_in(bob)
    assert "Department" in team.get(page).text
    sent = {"name": "Camille", "body": "A bench."}
    refused = team.post(page, data=sent)
    assert (refused.status_code, "“Department” is required." in refused.text) == (422, True)
    assert team.post(page, data=sent | {f"field_{field.id}": field.options[0].id}).status_code == 303
    idea = session.scalars(select(Idea)).one()
    assert "Care" in team.get(f"/campaigns/{campaign.id}/ideas/{idea.id}").text


def test_the_page_asks_whether_the_person_agreed_to_get_emails(session, signed_in, campaign, bob):
    page, team = f"/campaigns/{campaign.id}/ideas/for-another", signed_in(bob)
    assert "agreed to get emails" in team.get(page).text
    sent = {"name": "Camille", "email": "camille@example.org", "body": "A bench."}
    assert team.post(page, data=sent | {"with_agreed": "y"}).status_code == 303
    assert team.post(page, data=sent | {"body": "A tree."}).status_code == 303
    assert [one.agreed for one in session.scalars(select(ImportedAddress))] == [True, False]
