"""Optional fields of a campaign's form: added, changed, moved, closed, deleted."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.dialects import postgresql

from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile
from ideas.campaigns.draft import duplicate_campaign
from ideas.campaigns.form_field import (
    MAX_FIELDS,
    MAX_OPTIONS,
    BoundsReversed,
    FieldKind,
    FieldLabelTaken,
    FieldReasonNeeded,
    FieldsFixed,
    FieldText,
    OptionTwice,
    TooFewOptions,
    TooManyFields,
    TooManyOptions,
    add_field,
    asked_fields,
    change_field,
    close_field,
    fields_of,
    move_field,
    reopen_field,
)
from ideas.contributions.draft import save_draft
from ideas.contributions.fields.value import FieldFilled, Given, delete_field
from ideas.errors import EmptyText

CHOICE = FieldText(label="Department", help="Where you work.", takes_several=True, unit="km", least=3)


@pytest.fixture
def add(session, bob, now):
    def make(campaign, label="Department", kind=FieldKind.CHOICE, options=("Care", "Office"), **facts):
        text = FieldText(label=label, **facts)
        return add_field(session, campaign, kind=kind, text=text, options=options, by=bob, now=now)

    return make


def test_a_field_keeps_what_concerns_its_kind_and_is_recorded(session, campaign, bob, now):
    lines = [" Care ", "", "Office"]
    field = add_field(session, campaign, kind=FieldKind.CHOICE, text=CHOICE, options=lines, by=bob, now=now)
    assert (field.unit, field.least, field.takes_several) == ("", None, True)
    assert [option.label for option in field.options] == ["Care", "Office"]
    number = FieldText(label="Time lost", unit=" minutes ", least=0, most=float("inf"), takes_several=True)
    field = add_field(session, campaign, kind=FieldKind.NUMBER, text=number, by=bob, now=now)
    assert (field.unit, field.least, field.most, field.takes_several) == ("minutes", 0, None, False)
    session.commit()
    acts = session.scalars(select(Activity).where(Activity.object_kind == "form_field").order_by(Activity.id)).all()
    assert [act.verb for act in acts] == [Verb.CREATED, Verb.CREATED]
    assert acts[0].after["options"] == ["Care", "Office"]


@pytest.mark.one_database
def test_what_makes_no_field_is_refused(campaign, add):
    add(campaign)
    refused = [
        ({"label": " "}, EmptyText),
        ({"label": "department"}, FieldLabelTaken),
        ({"label": "Site", "options": ["One"]}, TooFewOptions),
        ({"label": "Site", "options": ["One", "ONE", "Two"]}, OptionTwice),
        ({"label": "Site", "options": map(str, range(31))}, TooManyOptions),
        ({"label": "Time", "kind": FieldKind.NUMBER, "least": 3, "most": 2}, BoundsReversed),
    ]
    for facts, error in refused:
        with pytest.raises(error):
            add(campaign, **facts)
    for number in range(MAX_FIELDS - 1):
        add(campaign, label=f"Field {number}")
    with pytest.raises(TooManyFields):
        add(campaign, label="One more")


def test_a_field_is_changed_with_a_reason_and_its_options_stay(session, campaign, add, alice, bob, now):
    field = add(campaign)
    care, office = field.options
    changes = {"text": FieldText(label="Team"), "labels": {care.id: "Nursing"}, "offered": {care.id}, "by": alice}
    with pytest.raises(FieldReasonNeeded):
        change_field(session, field, **changes, more=["Pharmacy"], now=now)
    session.rollback()
    campaign.announced_at = None  # nobody was asked yet: no reason is needed
    field = add(campaign)
    care, office = field.options
    changes |= {"labels": {care.id: "Nursing"}, "offered": {care.id}}
    with pytest.raises(TooFewOptions):
        change_field(session, field, **changes, now=now)
    session.rollback()
    field = add(campaign)
    care, office = field.options
    changes |= {"labels": {care.id: "Nursing"}, "offered": {care.id}, "change_reason": "Clearer."}
    change_field(session, field, **changes, more=["Pharmacy"], now=now, seen=1)
    assert [(one.label, one.closed_at is None) for one in field.options] == [
        ("Nursing", True), ("Office", False), ("Pharmacy", True),
    ]  # fmt: skip
    with pytest.raises(ChangedMeanwhile):
        change_field(session, field, **changes, now=now, seen=1)
    session.commit()
    act = session.scalars(select(Activity).order_by(Activity.id.desc())).first()
    assert (act.verb, act.reason, act.before["label"], act.after["label"]) == (
        Verb.CHANGED, "Clearer.", "Department", "Team",
    )  # fmt: skip
    session.refresh(office)
    assert office.closed_at is not None
    renamed = changes | {"labels": {office.id: "Desk"}, "offered": None, "change_reason": "Same word as elsewhere."}
    change_field(session, field, **renamed, now=now, seen=2)
    session.commit()
    act = session.scalars(select(Activity).order_by(Activity.id.desc())).first()
    assert (act.reason, act.before["closed_options"], act.after["closed_options"], field.version) == (
        "Same word as elsewhere.", ["Office"], ["Desk"], 3,
    )  # fmt: skip
    many = [f"Team {number}" for number in range(MAX_OPTIONS - 2)]
    change_field(session, field, **changes | {"labels": {}, "offered": None}, more=many, now=now)
    assert len(field.offered) == MAX_OPTIONS, "those that are closed don't count"


def test_fields_are_moved_closed_reopened_and_deleted_unless_somebody_filled_them(
    session, campaign, add, bob, charlie, now
):
    first, second, third = (add(campaign, label=label) for label in ("One", "Two", "Three"))
    move_field(session, third, earlier=True, by=bob, now=now)
    move_field(session, first, earlier=True, by=bob, now=now)
    assert [field.label for field in asked_fields(session, campaign)] == ["One", "Three", "Two"]
    close_field(session, first, by=bob, now=now)
    assert [field.label for field in fields_of(session, campaign)] == ["Three", "Two", "One"]
    assert first not in asked_fields(session, campaign)
    again = add(campaign, label="One")
    with pytest.raises(FieldLabelTaken):
        reopen_field(session, first, by=bob, now=now)
    delete_field(session, again, by=bob, now=now)
    reopen_field(session, first, by=bob, now=now)
    assert [field.label for field in asked_fields(session, campaign)] == ["Three", "Two", "One"]
    given = {second.id: Given(frozenset({second.options[0].id}))}
    save_draft(session, campaign, author=charlie, title="", body="One click.", now=now, values=given)
    with pytest.raises(FieldFilled):
        delete_field(session, second, by=bob, now=now)
    copy = duplicate_campaign(session, campaign, title="Again", by=campaign.owner, now=now)
    assert [field.label for field in fields_of(session, copy)] == ["Three", "Two", "One"]
    assert [option.label for option in fields_of(session, copy)[0].options] == ["Care", "Office"]
    campaign.closes_at = campaign.debriefed_at = now - timedelta(days=1)
    session.commit()
    with pytest.raises(FieldsFixed):
        close_field(session, third, by=bob, now=now)


@pytest.mark.one_database
def test_a_field_is_locked_while_it_is_filled_or_deleted(session, campaign, add, bob, charlie, now):
    field, other = add(campaign), add(campaign, label="Site", kind=FieldKind.PLACE, options=())
    locks = []

    def note(state):
        sql = str(state.statement.compile(dialect=postgresql.dialect())) if state.is_select else ""
        if "FROM form_field" in sql:
            locks.extend(re.findall("FOR (?:SHARE|UPDATE)", sql))

    event.listen(session, "do_orm_execute", note)
    save_draft(session, campaign, author=charlie, title="", body="A.", now=now, values={other.id: Given(text="Lyon")})
    assert locks == ["FOR SHARE"]
    delete_field(session, field, by=bob, now=now)
    assert locks == ["FOR SHARE", "FOR UPDATE"]
