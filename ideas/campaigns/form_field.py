"""Optional fields of a campaign's form: what is asked of an idea's author after the text.

A field that somebody filled is never deleted: it is renamed, or closed, which means that it is no longer asked.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, selectinload

from ideas.activity.activity import MAX_REASON_LENGTH, Verb, record
from ideas.activity.version import ReasonNeeded, check_unchanged, reason_for_change
from ideas.base import Base, choice
from ideas.campaigns.campaign import Campaign, lock_campaign
from ideas.errors import DomainError, message_id
from ideas.people.person import Person
from ideas.text import clean_line, optional, required

MAX_LABEL_LENGTH = 120
MAX_HELP_LENGTH = 300
MAX_UNIT_LENGTH = 20
MAX_OPTION_LENGTH = 80
MIN_OPTIONS = 2
MAX_OPTIONS = 30
MAX_FIELDS = 12
# Beyond it, a number on the page would no longer be the one that was typed.
MAX_NUMBER = 1e12


class FieldKind(StrEnum):
    CHOICE = "choice"
    NUMBER = "number"
    PLACE = "place"
    FILE = "file"


class TooManyFields(DomainError):
    message = message_id("A form can have %(most)s fields at most. Close one that is no longer needed.")


class FieldLabelTaken(DomainError):
    message = message_id("Another field of this form has this label. Choose another one.")


class TooFewOptions(DomainError):
    message = message_id("Offer at least two options, one on each line.")


class TooManyOptions(DomainError):
    message = message_id("A field can have %(most)s options at most. Remove some.")


class OptionTwice(DomainError):
    message = message_id("The option “%(option)s” is there twice. Keep one of them.")


class BoundsReversed(DomainError):
    message = message_id("The largest number must not be smaller than the smallest one.")


class FieldReasonNeeded(ReasonNeeded):
    message = message_id("This campaign is announced. Say why you change its form. Your reason is kept.")


class FieldsFixed(DomainError):
    message = message_id("The debrief is published, so the form of this campaign no longer changes.")


class FormField(Base):
    """A field of the form. `least`, `most`, `unit`: of a number; `takes_several`: of a choice.

    `closed_at`: it is no longer asked since then; what people gave stays.
    """

    __tablename__ = "form_field"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    kind: Mapped[FieldKind] = mapped_column(choice(FieldKind))
    label: Mapped[str] = mapped_column(String(MAX_LABEL_LENGTH))
    help: Mapped[str] = mapped_column(String(MAX_HELP_LENGTH), default="")
    is_required: Mapped[bool] = mapped_column(default=False)
    takes_several: Mapped[bool] = mapped_column(default=False)
    unit: Mapped[str] = mapped_column(String(MAX_UNIT_LENGTH), default="")
    least: Mapped[float | None]
    most: Mapped[float | None]
    position: Mapped[int]
    # How often it was saved: see ideas.activity.version.
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    campaign: Mapped[Campaign] = relationship()
    options: Mapped[list["FormOption"]] = relationship(
        order_by="(FormOption.position, FormOption.id)", passive_deletes=True, cascade="all, delete-orphan"
    )

    @property
    def offered(self) -> list["FormOption"]:
        """The options that may be chosen now."""
        return [option for option in self.options if option.closed_at is None]


class FormOption(Base):
    """An option of a choice. A closed one is no longer offered; who chose it keeps it."""

    __tablename__ = "form_option"

    id: Mapped[int] = mapped_column(primary_key=True)
    field_id: Mapped[int] = mapped_column(ForeignKey("form_field.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(MAX_OPTION_LENGTH))
    position: Mapped[int]
    closed_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldText:
    """What a field says and takes. What does not concern its kind is left out when it is stored."""

    label: str
    help: str = ""
    is_required: bool = False
    takes_several: bool = False
    unit: str = ""
    least: float | None = None
    most: float | None = None


def fields_of(session: Session, campaign: Campaign) -> Sequence[FormField]:
    """The fields of the campaign's form with their options, in their order, closed ones last. Two queries at most."""
    found = session.scalars(
        select(FormField)
        .where(FormField.campaign_id == campaign.id)
        .options(selectinload(FormField.options))
        .order_by(FormField.closed_at.is_not(None), FormField.position, FormField.id)
    )
    return found.all()


def asked_fields(session: Session, campaign: Campaign) -> Sequence[FormField]:
    """The fields that the form asks now, in their order."""
    return [field for field in fields_of(session, campaign) if field.closed_at is None]


def add_field(
    session: Session,
    campaign: Campaign,
    *,
    kind: FieldKind,
    text: FieldText,
    options: Sequence[str] = (),
    by: Person,
    now: datetime,
) -> FormField:
    """Add a field at the end of the form. Whoever manages the campaign may. `options`: of a choice.

    Ideas that are published already are not asked. Raises FieldsFixed, TooManyFields, FieldLabelTaken, EmptyText,
    TooLong, BoundsReversed, TooFewOptions, TooManyOptions or OptionTwice.
    """
    hold_form(session, campaign)
    there = fields_of(session, campaign)
    if sum(field.closed_at is None for field in there) >= MAX_FIELDS:
        raise TooManyFields(most=MAX_FIELDS)
    field = FormField(
        campaign_id=campaign.id, kind=kind, created_at=now, position=1 + max((one.position for one in there), default=0)
    )
    _write(field, _checked(text, kind), others=there)
    if kind is FieldKind.CHOICE:
        labels = _option_labels(options)
        _check_options(labels, offered=len(labels))
        field.options = [FormOption(label=label, position=place) for place, label in enumerate(labels)]
    session.add(field)
    session.flush()
    record(session, Verb.CREATED, field, by=by, campaign_id=campaign.id, after=_facts(field), now=now)
    return field


def change_field(
    session: Session,
    field: FormField,
    *,
    text: FieldText,
    labels: Mapping[int, str] | None = None,
    offered: Collection[int] | None = None,
    more: Sequence[str] = (),
    by: Person,
    now: datetime,
    seen: int | None = None,
    change_reason: str = "",
) -> None:
    """Change what a field says and takes. Whoever manages the campaign may. Its kind stays.

    Of a choice: `labels`, the new names of options by their ids; `offered`, the options that may still be chosen;
    `more`, new options. An option keeps whoever chose it. `seen`: the version that `by` saw.
    Raises ChangedMeanwhile, and as `add_field`; once the campaign is announced also FieldReasonNeeded.
    """
    campaign = field.campaign
    hold_form(session, campaign)
    session.refresh(field)
    check_unchanged(field, seen)
    before = _facts(field)
    with session.no_autoflush:
        others = [one for one in fields_of(session, campaign) if one.id != field.id]
        _write(field, _checked(text, field.kind), others=others)
        if field.kind is FieldKind.CHOICE:
            _change_options(field, labels or {}, offered, _option_labels(more), now)
    after = _facts(field)
    if before == after:
        return
    if campaign.announced_at is None:
        reason = optional(change_reason, max_length=MAX_REASON_LENGTH)
    elif not change_reason.strip():
        raise FieldReasonNeeded
    else:
        reason = reason_for_change(change_reason)
    field.version += 1
    session.flush()
    record(
        session, Verb.CHANGED, field,
        by=by, campaign_id=campaign.id, reason=reason, before=before, after=after, now=now,
    )  # fmt: skip


def move_field(session: Session, field: FormField, *, earlier: bool, by: Person, now: datetime) -> None:
    """Ask a field before the one that comes before it; with `earlier` false, after the next one.

    Whoever manages the campaign may. The first one moved up, or the last one moved down, stays. Raises FieldsFixed.
    """
    hold_form(session, field.campaign)
    asked = list(asked_fields(session, field.campaign))
    if field not in asked:
        return
    place = asked.index(field)
    to = place + (-1 if earlier else 1)
    if not 0 <= to < len(asked):
        return
    asked[place], asked[to] = asked[to], asked[place]
    for position, one in enumerate(asked):
        one.position = position
    record(session, Verb.MOVED, field, by=by, campaign_id=field.campaign_id, after={"position": to + 1}, now=now)
    session.flush()


def close_field(session: Session, field: FormField, *, by: Person, now: datetime) -> None:
    """No longer ask a field. What people gave stays. Whoever manages the campaign may; twice changes nothing.

    Raises FieldsFixed.
    """
    hold_form(session, field.campaign)
    session.refresh(field, ["closed_at"])
    if field.closed_at is None:
        field.closed_at = now
        record(session, Verb.CLOSED, field, by=by, campaign_id=field.campaign_id, now=now)
        session.flush()


def reopen_field(session: Session, field: FormField, *, by: Person, now: datetime) -> None:
    """Ask a closed field again, at the end of the form. Whoever manages the campaign may.

    Raises FieldsFixed, TooManyFields or FieldLabelTaken.
    """
    hold_form(session, field.campaign)
    session.refresh(field, ["closed_at"])
    if field.closed_at is None:
        return
    there = fields_of(session, field.campaign)
    if sum(one.closed_at is None for one in there) >= MAX_FIELDS:
        raise TooManyFields(most=MAX_FIELDS)
    _check_label(field.label, [one for one in there if one.id != field.id])
    field.closed_at = None
    field.position = 1 + max(one.position for one in there)
    record(session, Verb.OPENED, field, by=by, campaign_id=field.campaign_id, now=now)
    session.flush()


def copy_fields(session: Session, campaign: Campaign, *, to: Campaign, now: datetime) -> None:
    """Have a new draft ask what another campaign asks, without what people gave there."""
    for position, field in enumerate(asked_fields(session, campaign)):
        copy = FormField(campaign_id=to.id, kind=field.kind, position=position, created_at=now)
        for name in FieldText.__dataclass_fields__:
            setattr(copy, name, getattr(field, name))
        copy.options = [FormOption(label=one.label, position=place) for place, one in enumerate(field.offered)]
        session.add(copy)
    session.flush()


def hold_form(session: Session, campaign: Campaign) -> None:
    """Lock the campaign before its form changes. Raises FieldsFixed once the debrief is published."""
    lock_campaign(session, campaign)
    if campaign.debriefed_at is not None:
        raise FieldsFixed


def hold_fields(session: Session, campaign: Campaign) -> None:
    """Lock the fields of the form before something is given in them: none is deleted until the commit."""
    held = select(FormField.id).where(FormField.campaign_id == campaign.id).order_by(FormField.id)
    session.execute(held.with_for_update(read=True))


def _checked(text: FieldText, kind: FieldKind) -> FieldText:
    """The text as it is stored, with what concerns this kind alone."""
    number = kind is FieldKind.NUMBER
    least, most = (_bound(text.least), _bound(text.most)) if number else (None, None)
    if least is not None and most is not None and least > most:
        raise BoundsReversed
    return FieldText(
        label=required(clean_line(text.label), max_length=MAX_LABEL_LENGTH),
        help=optional(clean_line(text.help), max_length=MAX_HELP_LENGTH),
        is_required=text.is_required,
        takes_several=text.takes_several and kind is FieldKind.CHOICE,
        unit=optional(clean_line(text.unit), max_length=MAX_UNIT_LENGTH) if number else "",
        least=least,
        most=most,
    )


def _bound(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) and abs(number) <= MAX_NUMBER else None


def _write(field: FormField, text: FieldText, *, others: Sequence[FormField]) -> None:
    if field.closed_at is None:
        _check_label(text.label, others)
    for name, value in asdict(text).items():
        setattr(field, name, value)


def _check_label(label: str, others: Sequence[FormField]) -> None:
    """Two fields that are asked never have the same label: a column of an export or import is found by it."""
    if label.casefold() in {one.label.casefold() for one in others if one.closed_at is None}:
        raise FieldLabelTaken


def _option_labels(lines: Sequence[str]) -> list[str]:
    found = [clean_line(line) for line in lines]
    return [optional(label, max_length=MAX_OPTION_LENGTH) for label in found if label]


def _change_options(
    field: FormField, labels: Mapping[int, str], offered: Collection[int] | None, more: Sequence[str], now: datetime
) -> None:
    for option in field.options:
        if option.id in labels:
            option.label = required(clean_line(labels[option.id]), max_length=MAX_OPTION_LENGTH)
        if offered is not None:
            option.closed_at = None if option.id in offered else option.closed_at or now
    last = max((option.position for option in field.options), default=-1)
    field.options += [FormOption(label=label, position=last + place) for place, label in enumerate(more, 1)]
    _check_options([option.label for option in field.options], offered=len(field.offered))


def _check_options(labels: Sequence[str], *, offered: int) -> None:
    seen: set[str] = set()
    for label in labels:
        if label.casefold() in seen:
            raise OptionTwice(option=label)
        seen.add(label.casefold())
    if offered < MIN_OPTIONS:
        raise TooFewOptions
    if offered > MAX_OPTIONS:
        raise TooManyOptions(most=MAX_OPTIONS)


def _facts(field: FormField) -> dict[str, Any]:
    """What the activity log keeps of a field."""
    facts: dict[str, Any] = {name: getattr(field, name) for name in FieldText.__dataclass_fields__}
    if field.kind is FieldKind.CHOICE:
        facts["options"] = [option.label for option in field.offered]
        closed = [option.label for option in field.options if option.closed_at is not None]
        facts |= {"closed_options": closed} if closed else {}
    return {"kind": field.kind, **facts}


def count_fields(session: Session, campaign: Campaign) -> int:
    """How many fields the form asks now."""
    asked = (FormField.campaign_id == campaign.id) & FormField.closed_at.is_(None)
    return session.scalar(select(func.count()).select_from(FormField).where(asked)) or 0
