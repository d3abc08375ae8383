"""What administrators ask of members, what members choose, and what a list of addresses sets."""

import io

import pytest
from sqlalchemy import select

from ideas.campaigns.audience import AudienceChoice, Stage, choose_audience
from ideas.campaigns.people.team import visible_campaign
from ideas.errors import NotAllowed
from ideas.spaces.audience import Audience
from ideas.spaces.profile import save_attribute
from ideas.spaces.segment import Attribute, PersonValue, shown_counts, values_of


@pytest.fixture
def ada(make_person):
    return make_person("Ada", is_admin=True)


@pytest.fixture
def admin(signed_in, ada):
    return signed_in(ada)


@pytest.fixture
def region(session, ada, now):
    found = save_attribute(
        session, None, name="Region", values=["Brittany", "Alps", "Corsica"], chosen=True, by=ada, now=now
    )
    session.commit()
    return found


def value(attribute, name):
    return next(each.id for each in attribute.values if each.name == name)


def test_an_administrator_defines_a_profile_and_changes_its_values(session, admin, charlie):
    form = {"name": "Specialty", "values": "Nurse\nDoctor\n\n", "chosen": "y"}
    assert admin.post("/attributes/new", data=form).status_code == 303
    attribute = session.scalars(select(Attribute)).one()
    session.add(PersonValue(person_id=charlie.id, attribute_id=attribute.id, value_id=value(attribute, "Nurse")))
    session.commit()
    changed = form | {"values": "Midwife\nnurse", "version": attribute.version}
    assert admin.post(f"/attributes/{attribute.id}", data=changed).status_code == 303
    session.expire_all()
    assert [each.name for each in attribute.values] == ["Midwife", "nurse"]
    assert values_of(session, charlie) == {attribute.id: value(attribute, "nurse")}, "the same value, written otherwise"
    assert admin.post(f"/attributes/{attribute.id}", data=changed).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "Enter a name"),
        ({"name": "region"}, "Another profile has this name."),
        ({"values": "One"}, "Enter 2 to 50 values"),
        ({"values": "One\none"}, "Enter 2 to 50 values"),
        ({"values": "\n".join(map(str, range(51)))}, "Enter 2 to 50 values"),
        ({"values": "x" * 81 + "\nTwo"}, "Your text is too long"),
    ],
)
def test_a_wrong_profile_says_why_and_is_not_saved(session, admin, region, wrong, words):
    answer = admin.post("/attributes/new", data={"name": "Other", "values": "One\nTwo"} | wrong)
    assert answer.status_code == 422
    assert words in answer.text
    assert session.scalars(select(Attribute)).all() == [region]


def test_only_administrators_define_profiles(session, region, charlie, signed_in, now):
    with pytest.raises(NotAllowed):
        save_attribute(session, region, name="X", values=["A", "B"], chosen=True, by=charlie, now=now)
    assert signed_in(charlie).get("/attributes").status_code == 403


def test_a_member_chooses_and_takes_back_their_value_and_finds_the_campaign_by_it(
    session, signed_in, region, campaign, charlie, alice, now
):
    choice = AudienceChoice(Stage(Audience.SEGMENTS, values=[value(region, "Alps")]))
    choose_audience(session, campaign, choice=choice, by=alice, change_reason="x", now=now)
    session.commit()
    browser, field = signed_in(charlie), f"attribute_{region.id}"
    assert browser.get(f"/campaigns/{campaign.id}").status_code == 404
    assert browser.post("/me/attributes", data={field: value(region, "Alps")}).status_code == 303
    assert browser.get(f"/campaigns/{campaign.id}").status_code == 200
    assert browser.post("/me/attributes", data={field: "987654"}).status_code == 422
    assert browser.post("/me/attributes", data={field: ""}).status_code == 303
    session.expire_all()
    assert values_of(session, charlie) == {}
    assert visible_campaign(session, campaign.id, charlie) is None


def test_what_is_only_imported_is_not_chosen_by_members(session, signed_in, region, charlie):
    region.chosen = False
    session.commit()
    browser = signed_in(charlie)
    assert "Region" not in browser.get("/me/attributes").text
    browser.post("/me/attributes", data={f"attribute_{region.id}": value(region, "Alps")})
    assert values_of(session, charlie) == {}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_list_of_addresses_sets_values_and_counts_what_it_could_not(session, admin, region, charlie, bob, separator):
    lines = [("address", "value"), ("CHARLIE@example.org", "alps"), ("bob@example.org", "Mars"), ("no@one.org", "Alps"),
             (charlie.email, "Corsica"), ("", "Alps")]  # fmt: skip
    content = "\ufeff" + "\n".join(separator.join(line) for line in lines)
    sent = {"file": (io.BytesIO(content.encode()), "values.csv")}
    answer = admin.post(f"/attributes/{region.id}/import", data=sent, follow_redirects=True)
    for words in ("Value set for 1 person.", "1 address has no account.", "These values are not in the list: Mars"):
        assert words in answer.text
    assert values_of(session, charlie) == {region.id: value(region, "Corsica")}, "the last line holds"
    assert values_of(session, bob) == {}


@pytest.mark.parametrize("text", ["", "nothing here", "\x00\x01,\x02", '"ada@example.org', "a@b.org"])
def test_a_list_without_a_line_to_read_says_so(session, admin, region, text):
    answer = admin.post(f"/attributes/{region.id}/import", data={"text": text})
    assert answer.status_code == 422
    assert "No line has an address and a value." in answer.text


def test_a_value_that_a_campaign_is_open_to_is_neither_removed_nor_deleted(
    session, admin, region, campaign, alice, now
):
    choice = AudienceChoice(Stage(Audience.SEGMENTS, values=[value(region, "Alps")]))
    choose_audience(session, campaign, choice=choice, by=alice, change_reason="x", now=now)
    session.commit()
    page = f"/attributes/{region.id}"
    form = {"name": "Region", "values": "Brittany\nCorsica", "chosen": "y", "version": region.version}
    refused = admin.post(page, data=form)
    assert refused.status_code == 422
    assert "A campaign is open to this value: Alps." in refused.text
    answer = admin.post(f"{page}/delete", headers={"Referer": f"http://localhost{page}"}, follow_redirects=True)
    assert "A campaign is open to this value: Alps." in answer.text
    assert session.get(Attribute, region.id) is not None


def test_a_profile_is_deleted_with_what_people_chose(session, admin, region, charlie):
    session.add(PersonValue(person_id=charlie.id, attribute_id=region.id, value_id=value(region, "Alps")))
    session.commit()
    assert admin.post(f"/attributes/{region.id}/delete").status_code == 303
    assert session.scalars(select(PersonValue)).all() == []
    assert admin.post(f"/attributes/{region.id}/delete").status_code == 404


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"a": 12, "b": 7}, {"a": 10, "b": 5}),
        ({"a": 12, "b": 4}, {"a": None, "b": None}),
        ({"a": 12, "b": 4, "c": 30}, {"a": None, "b": None, "c": 30}),
        ({"a": 12, "b": 4, "c": 3}, {"a": 10, "b": None, "c": None}),
        ({"a": 12, "b": 0}, {"a": 10, "b": None}),
        ({"a": 5}, {"a": 5}),
        ({"a": 4}, {"a": None}),
        ({}, {}),
    ],
)
def test_a_number_of_fewer_than_five_people_is_not_shown_nor_to_be_computed(counts, shown):
    assert shown_counts(counts) == shown
