"""The pages of the form's fields: those of the owner, and what they become where ideas are written and read."""

import io
import re

import pytest
from sqlalchemy import select

from ideas.campaigns.form_field import FieldKind, FieldText, FormField, add_field, change_field, fields_of
from ideas.campaigns.people.team import Role, add_to_team
from ideas.contributions.fields.value import Given, add_values, values_of
from ideas.contributions.idea import Idea
from ideas.themes.placement import Placement

pytestmark = pytest.mark.one_database


@pytest.fixture
def fields(session, campaign, bob, now):
    """A required choice and a number."""
    texts = [
        (FieldKind.CHOICE, FieldText(label="Department", is_required=True), ("Care", "Office")),
        (FieldKind.NUMBER, FieldText(label="Time lost", unit="minutes", least=0, most=60), ()),
    ]
    made = [
        add_field(session, campaign, kind=kind, text=text, options=options, by=bob, now=now)
        for kind, text, options in texts
    ]
    session.commit()
    return made


def test_an_owner_adds_changes_moves_and_removes_fields(signed_in, session, campaign, bob):
    browser, page = signed_in(bob), f"/campaigns/{campaign.id}/fields"
    assert "The form asks for a title and a text only." in browser.get(page).text
    sent = browser.post(f"{page}/new?kind=choice", data={"label": "Department", "more": "Care"})
    assert (sent.status_code, "Offer at least two options" in sent.text) == (422, True)
    assert (
        browser.post(f"{page}/new?kind=choice", data={"label": "Department", "more": "Care\nOffice"}).status_code == 303
    )
    asked = browser.get(f"{page}/new?kind=file").text
    assert (asked.count("Add a file"), "Ask for a town" in asked) == (3, False)
    wrong = {"label": "Time lost", "least": "ten", "unit": "min"}
    sent = browser.post(f"{page}/new?kind=number", data=wrong)
    assert (sent.status_code, "“ten” is not a number." in sent.text, 'value="ten"' in sent.text) == (422, True, True)
    browser.post(f"{page}/new?kind=number", data=wrong | {"least": "0,5", "is_required": "y"})
    choice, number = fields_of(session, campaign)
    assert (number.least, number.is_required) == (0.5, True)
    care, office = choice.options
    edit = {
        "label": "Team", "version": "1", "more": "Kitchen", f"option_{care.id}": "Nursing", f"offered_{care.id}": "y",
        f"option_{office.id}": "Office", "change_reason": "Clearer.",
    }  # fmt: skip
    assert browser.post(f"{page}/{choice.id}", data=edit | {"change_reason": ""}).status_code == 422
    assert browser.post(f"{page}/{choice.id}", data=edit).status_code == 303
    stale = browser.post(f"{page}/{choice.id}", data=edit | {"label": "Unit"})
    assert (stale.status_code, "There are two versions" in stale.text, "Team" in stale.text) == (409, True, True)
    browser.post(f"{page}/{number.id}/move", data={"to": "earlier"})
    listed = browser.get(page).text
    assert re.findall(r'dir="auto">(Team|Time lost|Nursing · Kitchen)<', listed) == [
        "Time lost",
        "Team",
        "Nursing · Kitchen",
    ]
    browser.post(f"{page}/{number.id}/close")
    assert "No longer asked" in browser.get(page).text
    browser.post(f"{page}/{number.id}/reopen")
    browser.post(f"{page}/{number.id}/delete")
    session.expire_all()
    assert [field.label for field in session.scalars(select(FormField))] == ["Team"]


def test_fields_are_filled_previewed_saved_published_and_changed(signed_in, session, campaign, fields, charlie):
    choice, number = fields
    care, office = choice.options
    browser, new = signed_in(charlie), f"/campaigns/{campaign.id}/ideas/new"
    page = browser.get(new).text
    for words in ("Department", "Time lost (minutes)", "From 0 to 60."):
        assert words in page
    text = {"title": "", "body": "One click to confirm.", "form_key": "k" * 20}
    kept = browser.post(f"/campaigns/{campaign.id}/ideas/save", data=text | {f"field_{number.id}": "many"})
    assert (kept.status_code, "“many” is not a number." in kept.text) == (422, True)
    draft = session.scalars(select(Idea)).one()
    assert draft.body == "One click to confirm."  # the text is kept all the same
    kept = browser.post(f"/campaigns/{campaign.id}/ideas/save", data=text | {f"field_{number.id}": "75"})
    assert (kept.status_code, values_of(session, draft.id)) == (200, {number.id: Given(number=75)})
    browser.post(f"/campaigns/{campaign.id}/ideas/save", data=text | {f"field_{number.id}": "75 mi"})
    assert values_of(session, draft.id) == {number.id: Given(number=75)}  # until what is typed is a number
    sent = browser.post(new, data=text | {"act": "submit", f"field_{number.id}": "75"})
    assert sent.status_code == 422
    assert "“Department” is required." in sent.text
    assert "the largest number is 60" in sent.text
    filled = {f"field_{choice.id}": care.id, f"field_{number.id}": "12,5"}
    preview = browser.post(new, data=text | filled | {"act": "preview"}).text
    assert re.search(r"Department</dt><dd[^>]*>Care</dd>.*Time lost</dt><dd[^>]*>12\.5 minutes", preview, re.DOTALL)
    address = browser.post(new, data=text | filled | {"act": "submit"}).headers["Location"]
    assert "12.5 minutes" in browser.get(address).text
    changed = {
        "title": "",
        "body": "One click to confirm.",
        f"field_{choice.id}": office.id,
        f"field_{number.id}": "12.5",
    }
    preview = browser.post(f"{address}/edit", data=changed | {"act": "preview"}).text
    assert re.search(r"<del>.*Care.*</del>.*<ins>.*Office", preview, re.DOTALL)
    browser.post(f"{address}/edit", data=changed)
    versions = browser.get(f"{address}/versions").text
    assert re.search(r"<del>.*Care.*</del>.*<ins>.*Office", versions, re.DOTALL)
    assert f'value="{office.id}"' in browser.get(f"{address}/edit").text
    assert "12.5" in browser.get(f"{address}/edit").text


def test_an_option_that_is_closed_while_a_draft_has_it_is_saved_on(
    signed_in, session, campaign, fields, charlie, bob, now
):
    choice, _number = fields
    care, office = choice.options
    browser, save = signed_in(charlie), f"/campaigns/{campaign.id}/ideas/save"
    text = {"title": "", "form_key": "k" * 20, f"field_{choice.id}": care.id, "writer": "7"}
    browser.post(save, data=text | {"body": "One click."})
    draft = session.scalars(select(Idea)).one()
    care_closed = {"offered": {office.id}, "more": ["Kitchen"], "change_reason": "Moved."}
    change_field(session, choice, text=FieldText(label="Department"), by=bob, now=now, **care_closed)
    session.commit()
    assert browser.post(f"{save}?draft={draft.id}", data=text | {"body": "One click more."}).status_code == 200
    assert values_of(session, draft.id) == {choice.id: Given(frozenset({care.id}))}


def test_two_tabs_see_both_values_of_a_draft(signed_in, session, campaign, fields, charlie):
    _choice, number = fields
    browser, new = signed_in(charlie), f"/campaigns/{campaign.id}/ideas/new"
    text = {"title": "", "body": "One click.", "form_key": "k" * 20, "act": "keep"}
    browser.post(new, data=text | {f"field_{number.id}": "12", "version": "0", "writer": "7"})
    draft = session.scalars(select(Idea)).one()
    second = text | {f"field_{number.id}": "20", "version": "0", "writer": "8"}
    answer = browser.post(f"{new}?draft={draft.id}", data=second)
    assert answer.status_code == 409
    assert "Time lost (minutes)" in answer.text.split("There are two versions")[1].split("<form")[0]


def test_ideas_are_filtered_by_fields_and_themes_show_them_to_the_team(
    signed_in, session, campaign, fields, make_person, make_theme, charlie, bob, now
):
    choice, number = fields
    care, office = choice.options
    browsers = [signed_in(person) for person in [charlie, *(make_person(f"Person {n}") for n in range(5))]]
    for place, browser in enumerate(browsers):
        filled = {f"field_{choice.id}": office.id if place else care.id, f"field_{number.id}": str(place * 10)}
        text = {"title": "", "body": f"Idea number {place}", "form_key": f"key-of-the-idea-{place}"}
        browser.post(f"/campaigns/{campaign.id}/ideas/new", data=text | filled)
    ideas, browser = f"/campaigns/{campaign.id}/ideas", browsers[0]
    page = browser.get(f"{ideas}?field-{choice.id}={care.id}").text
    assert ("Idea number 0" in page, "Idea number 1" in page, "Department · Care" in page) == (True, False, True)
    page = browser.get(f"{ideas}?field-{number.id}-from=20&field-{number.id}-to=30").text
    assert re.findall(r"Idea number (\d)</", page) == ["3", "2"] or {"2", "3"} == set(
        re.findall(r"Idea number (\d)", page)
    )
    assert "Time lost · 20 to 30 minutes" in page
    assert browser.get(f"{ideas}?field-{choice.id}=999&field-{number.id}-from=x").text.count("Idea number") >= 6
    site = add_field(session, campaign, kind=FieldKind.PLACE, text=FieldText(label="Site"), by=bob, now=now)
    latest = session.scalars(select(Idea.id).order_by(Idea.id.desc())).first()
    add_values(session, {latest: {site.id: Given(text="Lyon")}})
    session.commit()
    page = browser.get(f"{ideas}?field-{site.id}=Nice").text
    assert ("Idea number" in page, "Site · Nice" in page, 'value="Nice" selected' in page) == (False, True, True)
    theme = make_theme(campaign, "Buses", ideas=session.scalars(select(Idea)).all())
    assert session.query(Placement).count() == 6
    shown = signed_in(bob).get(f"/campaigns/{campaign.id}/themes/{theme.id}").text
    assert "Who asks for it" in shown
    assert re.search(r"Office</span> <strong>83\s?%", shown)
    add_to_team(session, campaign, charlie, role=Role.OBSERVER, by=campaign.owner, now=now)
    session.commit()
    assert "Who asks for it" not in browsers[0].get(f"/campaigns/{campaign.id}/themes/{theme.id}").text


def test_a_file_fills_the_fields_that_its_columns_name(signed_in, session, campaign, fields, bob):
    browser = signed_in(bob)
    content = "text;Department;Time lost\nA night bus to the station;Care;75\nA cycle lane to the school;Office;12,5\n"
    sent = browser.post(f"/campaigns/{campaign.id}/import", data={"file": (io.BytesIO(content.encode()), "a.csv")},
                        content_type="multipart/form-data")  # fmt: skip
    page = browser.get(sent.headers["Location"]).text
    assert "2 columns have the name of a field of the form, and fill it: Department, Time lost." in page
    assert "1 value does not fit its field and is left out." in page


def test_what_is_personal_is_left_out_whatever_a_place_holds(signed_in, session, campaign, bob, charlie, now):
    add_field(session, campaign, kind=FieldKind.PLACE, text=FieldText(label="Town"), options=(), by=bob, now=now)
    session.commit()
    author, address = signed_in(charlie), f"/campaigns/{campaign.id}/ideas/new"
    refused = author.post(address, data={"body": "A bus. Call me: 06 12 34 56 78", "act": "submit"})
    assert "Publish without it" in refused.text
    alone = author.post(address, data={"body": "06 12 34 56 78", "act": "submit"})
    assert "Keep it and publish" in alone.text
    assert "Publish without it" not in alone.text
