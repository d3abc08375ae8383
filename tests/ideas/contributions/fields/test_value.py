"""What the author of an idea gives in the fields of the form, with the rules of drafts, ideas, imports and erasures."""

import pytest
from sqlalchemy import func, select

from ideas.activity.version import Version, versions_of
from ideas.answers.idea_list import Filters, facets_of, list_ideas
from ideas.campaigns.form_field import FieldKind, FieldText, add_field, close_field
from ideas.contributions.authors.anonymous import AnonymousAuthor
from ideas.contributions.draft import DraftChangedMeanwhile, SubmittedOtherwise, delete_draft, save_draft, submit_idea
from ideas.contributions.fields import counts
from ideas.contributions.fields.counts import FieldFilter
from ideas.contributions.fields.reading import FieldCell, field_columns, read_cells
from ideas.contributions.fields.value import (
    FieldMissing,
    FieldValue,
    Given,
    NoSuchOption,
    NumberTooLarge,
    OneOptionOnly,
    add_values,
    filled_of,
    values_of,
)
from ideas.contributions.idea import revise_idea
from ideas.contributions.imports.importing import import_ideas
from ideas.contributions.imports.row import ImportRow
from ideas.contributions.withheld import Withheld
from ideas.exports.rows import Authors
from ideas.exports.tables import TABLES, columns_in
from ideas.moderation.acts.change import set_text
from ideas.moderation.acts.split import split_idea
from ideas.organisation.organisation import the_organisation
from ideas.personal_data.personal_data import PersonalDataFound
from ideas.privacy.erase import Words, erase
from ideas.privacy.erasure import Contents, ask_to_erase
from ideas.privacy.export import sheets
from ideas.themes.field_shares import field_shares
from ideas.themes.placement import Placement


@pytest.fixture
def fields(session, campaign, bob, now):
    """A required choice, a number from 0 to 60, a place."""
    texts = {
        FieldKind.CHOICE: FieldText(label="Department", is_required=True),
        FieldKind.NUMBER: FieldText(label="Time lost", unit="minutes", least=0, most=60),
        FieldKind.PLACE: FieldText(label="Site"),
    }
    options = {FieldKind.CHOICE: ("Care", "Office", "Kitchen")}
    made = [
        add_field(session, campaign, kind=kind, text=text, options=options.get(kind, ()), by=bob, now=now)
        for kind, text in texts.items()
    ]
    session.commit()
    return made


@pytest.fixture
def give(fields):
    """Values of the three fields."""
    choice, number, place = fields

    def make(option="Care", minutes=None, site=""):
        chosen = frozenset(one.id for one in choice.options if one.label == option)
        return {choice.id: Given(chosen), number.id: Given(number=minutes), place.id: Given(text=site)}

    return make


def test_a_draft_may_miss_what_an_idea_needs_and_no_form_overwrites_another(session, campaign, give, charlie, now):
    about = {"author": charlie, "title": "", "body": "One click.", "now": now}
    draft = save_draft(session, campaign, **about, values=give(None, 99, " Lyon "))
    assert set(values_of(session, draft.id).values()) == {Given(number=99), Given(text="Lyon")}
    with pytest.raises(DraftChangedMeanwhile):
        save_draft(session, campaign, **about, draft=draft, seen=0, writer=7, values=give("Care", 12, "Lyon"))
    save_draft(session, campaign, **about, draft=draft)  # a form without fields changes none
    assert len(values_of(session, draft.id)) == 2
    with pytest.raises(FieldMissing):
        submit_idea(session, campaign, **about, draft=draft, values=give(None))
    with pytest.raises(NumberTooLarge):
        submit_idea(session, campaign, **about, draft=draft, values=give("Care", 99))
    session.commit()
    delete_draft(session, draft, by=charlie)
    session.flush()
    assert session.scalar(select(func.count()).select_from(FieldValue)) == 0


def test_an_idea_is_published_once_with_its_fields_and_a_change_stays_readable(
    session, campaign, fields, give, charlie, bob, now
):
    about = {"author": charlie, "title": "", "body": "One click.", "now": now, "form_key": "k" * 20}
    idea = submit_idea(session, campaign, **about, values=give("Care", 12.5, "Lyon"))
    assert submit_idea(session, campaign, **about, values=give("Care", 12.5, "Lyon")) is idea
    with pytest.raises(SubmittedOtherwise):
        submit_idea(session, campaign, **about, values=give("Office", 12.5, "Lyon"))
    changed = {"by": charlie, "title": "", "body": "One click.", "now": now}
    revise_idea(session, idea, **changed, values=give("Care", 12.5, "Lyon"))
    assert idea.version == 1
    choice, number, _place = fields
    wrong = give() | {choice.id: Given(frozenset({option.id for option in choice.options}))}
    for values, error in ((wrong, OneOptionOnly), (give() | {choice.id: Given(frozenset({0}))}, NoSuchOption)):
        with pytest.raises(error):
            revise_idea(session, idea, **changed, values=values)
    close_field(session, number, by=bob, now=now)
    revise_idea(session, idea, **changed, values=give("Office"))
    assert [(one.label, one.options, one.number, one.text) for one in filled_of(session, campaign, idea.id)] == [
        ("Department", ("Office",), None, ""), ("Time lost", (), 12.5, ""),
    ]  # fmt: skip
    second, first = versions_of(session, "idea", idea.id)
    assert [one["text"] or one["options"] or one["number"] for one in first.content["fields"]] == [
        ["Care"], "Lyon", 12.5,
    ]  # fmt: skip
    assert len(second.content["fields"]) == 2
    set_text(session, idea, body="Two clicks.", by=bob, now=now)
    part = split_idea(session, idea, part="Two", by=bob, reason="Two asks.", now=now)
    assert values_of(session, part.id) == values_of(session, idea.id)


def test_a_place_is_looked_at_as_a_text_is(session, campaign, give, charlie, now):
    about = {"author": charlie, "title": "", "body": "One click.", "now": now}
    with pytest.raises(PersonalDataFound):
        submit_idea(session, campaign, **about, values=give(site="Ask 06 12 34 56 78"))
    the_organisation(session).blocked_words = "swindler"
    idea = submit_idea(session, campaign, **about, values=give(site="By the swindler"))
    assert idea.withheld is Withheld.WAITING


def test_ideas_are_filtered_counted_and_exported_by_their_fields(
    session, campaign, fields, give, make_ideas, charlie, now
):
    choice, number, place = fields
    ideas = make_ideas(campaign, charlie, [{"body": f"Idea {n}"} for n in range(4)])
    rows = [give("Care", 5, "Lyon"), give("Care", 30, "Brest"), give("Office", 45, "Lyon")]
    add_values(session, {idea.id: values for idea, values in zip(ideas, rows, strict=False)})
    session.commit()
    care = choice.options[0].id
    facets = facets_of(session, campaign, reader=None, with_themes=False).fields
    assert [facet.field.label for facet in facets] == ["Department", "Time lost", "Site"]
    assert facets[0].options == {care: 2, choice.options[1].id: 1}
    assert (facets[1].least, facets[1].most, facets[2].places) == (5, 45, {"Lyon": 2, "Brest": 1})
    asked = [
        ([FieldFilter(field_id=choice.id, option_id=care)], {0, 1}),
        ([FieldFilter(field_id=number.id, least=30)], {1, 2}),
        ([FieldFilter(field_id=number.id, least=10, most=40), FieldFilter(field_id=place.id, place="Brest")], {1}),
        ([FieldFilter(field_id=choice.id, option_id=care), FieldFilter(field_id=place.id, place="Nice")], set()),
    ]
    for wanted, found in asked:
        page = list_ideas(session, campaign, reader=None, filters=Filters(fields=tuple(wanted)))
        assert {idea.id for idea in page.ideas} == {ideas[n].id for n in found}
        assert page.total == len(found)
    table = next(table for table in TABLES if table.name == "ideas")
    names = [column.name for column in columns_in(session, campaign, table)]
    assert names[-3:] == ["Department", "Time lost (minutes)", "Site"]
    exported = list(table.rows(session, campaign, Authors(campaign.id, "key", named=False)))
    assert [row[-3:] for row in exported] == [["Care", 5, "Lyon"], ["Care", 30, "Brest"], ["Office", 45, "Lyon"],
                                              ["", None, ""]]  # fmt: skip
    assert {len(row) for row in exported} == {len(names)}


def test_a_theme_shows_what_its_authors_chose_from_five_people_on(
    session, campaign, give, make_ideas, make_theme, make_person
):
    people = [make_person(f"Person {n}") for n in range(4)]
    ideas = [make_ideas(campaign, person, [{"body": "A bus"}])[0] for person in people]
    more = make_ideas(campaign, people[0], [{"body": "Another bus"}, {"body": "A bike"}])
    add_values(session, {idea.id: give("Care") for idea in [*ideas, *more]})
    theme = make_theme(campaign, ideas=[*ideas, more[0]])
    hidden = make_ideas(campaign, None, [{"body": "A bus", "is_anonymous": True} for _ in range(2)])
    session.add_all(AnonymousAuthor(idea_id=idea.id, person_id=people[0].id) for idea in hidden)
    add_values(session, {idea.id: give("Care") for idea in hidden})
    session.add_all(Placement(idea_id=idea.id, campaign_id=campaign.id, theme_id=theme.id) for idea in hidden)
    [shares] = field_shares(session, theme)
    assert (shares.people, shares.options) == (4, ())
    zoe = make_ideas(campaign, None, [{"body": "Bus", "author_name": "Zoé"}, {"body": "A bus?", "author_name": "Zoé"}])
    add_values(session, {idea.id: give("Office") for idea in zoe})
    session.add_all(Placement(idea_id=idea.id, campaign_id=campaign.id, theme_id=theme.id) for idea in zoe)
    session.commit()
    [shares] = field_shares(session, theme)
    assert shares.people == 5
    assert [(one.label, one.people, round(one.share, 2), round(one.share_of_all, 2)) for one in shares.options] == [
        ("Care", 4, 0.8, 0.8), ("Office", 1, 0.2, 0.2),
    ]  # fmt: skip
    assert field_shares(session, make_theme(campaign, "Other")) == []


def test_a_column_named_as_a_field_fills_it(session, campaign, fields, alice, now):
    choice, number, place = fields
    columns = ["text", "DEPARTMENT", "Time lost (minutes)", "Site", "Time lost"]
    found = field_columns(fields, columns, taken={0})
    assert [(one.field_id, one.place, one.is_text) for one in found] == [
        (choice.id, 1, False), (number.id, 4, False), (place.id, 3, True),
    ]  # fmt: skip
    choice.takes_several = True
    known = {field.id: field for field in fields}
    cells = {"care; Office": 0, "care; Garden": 1, "Kitchen": 0}
    for text, misfits in cells.items():
        assert read_cells(known, [FieldCell(choice.id, text, is_text=False)])[1] == misfits
    assert read_cells(known, [FieldCell(number.id, "1 2,5", is_text=False)]) == ({number.id: Given(number=12.5)}, 0)

    def row(line, text, *texts):
        cells = [FieldCell(field.id, cell, is_text=field is place) for field, cell in zip(fields, texts, strict=True)]
        return ImportRow(line, text, cells=tuple(cells))

    rows = [row(2, "A bus", "Care", "61", "Lyon"), row(3, "A bike", "", "", "Call 06 12 34 56 78")]
    for _twice in range(2):
        report = import_ideas(session, campaign, rows, by=alice, now=now)
    assert (report.added, report.known, report.misfits) == (0, 2, 0)
    report = import_ideas(session, campaign, [row(4, "A tram", "x", "60", "")], by=alice, now=now)
    assert (report.added, report.misfits) == (1, 1)
    stored = sorted(session.scalars(select(FieldValue.field_id)))
    assert stored == sorted([choice.id, place.id, place.id, number.id])


def test_what_was_given_is_exported_and_erased_with_the_idea(session, campaign, fields, give, charlie, bob, now):
    idea = submit_idea(session, campaign, author=charlie, title="", body="One click.", now=now, values=give("Care", 5))
    session.commit()
    sheet = next(sheet for sheet in sheets(session, charlie) if sheet.name == "fields")
    assert [row[2:] for row in sheet.rows] == [["Department", "Care", None, ""], ["Time lost", None, 5, ""]]
    erasure = ask_to_erase(session, charlie, contents=Contents.DELETE, by=charlie, now=now)
    erase(session, erasure, words=Words(name="Erased", text="Deleted"), now=now)
    assert values_of(session, idea.id) == {}
    assert not session.scalars(select(Version).where(Version.object_kind == "idea")).all()


@pytest.mark.one_database
def test_each_place_field_lists_its_own_first_places(
    session, campaign, fields, make_ideas, charlie, bob, now, monkeypatch
):
    monkeypatch.setattr(counts, "MAX_LISTED_PLACES", 2)
    more = add_field(session, campaign, kind=FieldKind.PLACE, text=FieldText(label="Room"), by=bob, now=now)
    ideas = make_ideas(campaign, charlie, [{"body": f"Idea {n}"} for n in range(4)])
    site = fields[2]
    places = ["Lyon", "Lyon", "Brest", "Nice"]
    values = [{site.id: Given(text=place), more.id: Given(text="12")} for place in places]
    add_values(session, {idea.id: given for idea, given in zip(ideas, values, strict=True)})
    session.commit()
    facets = facets_of(session, campaign, reader=None, with_themes=False).fields
    assert [facet.places for facet in facets] == [{"Lyon": 2, "Brest": 1}, {"12": 4}]
