"""The optional fields of a campaign's form, added to the form of an idea."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from flask_babel import format_decimal
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import Field, Form, RadioField, SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from app.forms.text import LineField
from app.web.pages.language import gettext
from app.web.pages.rendering import translated
from ideas.campaigns.form_field import FieldKind, FormField
from ideas.contributions.fields.reading import read_number
from ideas.contributions.fields.value import (
    MAX_PLACE_LENGTH,
    FieldMissing,
    Given,
    NoSuchOption,
    NumberTooLarge,
    NumberTooSmall,
    Values,
)

AnyForm = TypeVar("AnyForm", bound=FlaskForm)

# With more options than these, one of them is chosen in a list.
MAX_RADIO_OPTIONS = 6
PREFIX = "field_"
# Of a control that takes a file: no other one gets any, see app.server.bounds.
FILE_PREFIX = "file_"


class NumberField(StringField):
    """A number as people write it: with a comma or a point, and spaces between thousands. `data`: a float, or None."""

    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return as_typed(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = read_number(valuelist[0]) if valuelist else None
        if self.data is None and valuelist and valuelist[0].strip():
            raise ValueError(gettext("“%(typed)s” is not a number. Write digits, for example 12 or 3.5.",
                                     typed=valuelist[0].strip()[:40]))  # fmt: skip


def as_typed(number: float | None) -> str:
    """The number as people write it in the reader's language, without spaces, so that it can be sent again."""
    return "" if number is None else str(format_decimal(number, "0.######"))


class _Fits:
    """Validator: what is given fits the field. `complete`: required fields are filled, numbers within their bounds."""

    def __init__(self, field: FormField, *, complete: bool) -> None:
        self._field, self._complete = field, complete
        self.field_flags = {"required": True} if field.is_required else {}

    def __call__(self, _form: Form, field: Field) -> None:
        asked, data = self._field, field.data
        if asked.kind is FieldKind.FILE:  # the rule knows the one that is there already
            return
        chosen = set(data or ()) if asked.takes_several else {data} - {None}
        if asked.kind is FieldKind.CHOICE and not chosen <= {option.value for option in field.choices}:
            raise StopValidation(translated(NoSuchOption(label=asked.label)))
        if not self._complete:
            return
        if asked.is_required and (data is None or data in ("", [])):
            raise StopValidation(translated(FieldMissing(label=asked.label)))
        if asked.kind is FieldKind.NUMBER and data is not None:
            if asked.least is not None and data < asked.least:
                raise StopValidation(translated(NumberTooSmall(label=asked.label, least=format_decimal(asked.least))))
            if asked.most is not None and data > asked.most:
                raise StopValidation(translated(NumberTooLarge(label=asked.label, most=format_decimal(asked.most))))


def with_fields(
    form: type[AnyForm], fields: Sequence[FormField], *, complete: bool = True, present: Values | None = None
) -> type[AnyForm]:
    """The form with a control for each of these fields. `complete`: what is sent is published.

    `present`: what the idea has: an option that is no longer offered stays for whoever chose it.
    """
    present = present or {}
    controls: dict[str, Any] = {
        control_name(field): _control(field, present.get(field.id, Given()), complete=complete) for field in fields
    }
    controls["form_fields"] = tuple(fields)
    return type(form.__name__, (form,), controls)


def control_name(field: FormField) -> str:
    """The name of the control of this field."""
    return f"{FILE_PREFIX if field.kind is FieldKind.FILE else PREFIX}{field.id}"


def data_of(fields: Sequence[FormField], values: Values) -> dict[str, Any]:
    """These values as the controls take them, by their names."""
    typed = [field for field in fields if field.kind is not FieldKind.FILE]
    return {f"{PREFIX}{field.id}": _datum(field, values.get(field.id, Given())) for field in typed}


def given(form: FlaskForm) -> Values | None:
    """What was sent in the fields that the form asks, by their ids; None for a form without any."""
    fields: Sequence[FormField] = getattr(form, "form_fields", ())
    if not fields:
        return None
    found = {}
    for field in fields:
        control = form[control_name(field)]
        if control.errors or field.kind is FieldKind.FILE:  # what is wrong is in no draft; the page still shows it
            continue
        data = control.data
        if field.kind is FieldKind.CHOICE:
            found[field.id] = Given(frozenset(data or ()) if field.takes_several else frozenset({data} - {None}))
        elif field.kind is FieldKind.NUMBER:
            found[field.id] = Given(number=data)
        else:
            found[field.id] = Given(text=data or "")
    return found


def controls(form: FlaskForm) -> list[Field]:
    """The controls of the fields, in the order of the form."""
    return [form[control_name(field)] for field in getattr(form, "form_fields", ())]


def _datum(field: FormField, value: Given) -> Any:
    if field.kind is FieldKind.NUMBER:
        return value.number
    if field.kind is FieldKind.PLACE:
        return value.text
    return sorted(value.options) if field.takes_several else next(iter(sorted(value.options)), None)


def _control(field: FormField, present: Given, *, complete: bool) -> Any:
    options: Mapping[str, Any] = {"description": _help(field), "validators": [_Fits(field, complete=complete)]}
    if field.kind is FieldKind.FILE:
        return FileField(field.label, **options)
    if field.kind is FieldKind.PLACE:
        missing = translated(FieldMissing(label=field.label)) if complete and field.is_required else None
        return LineField(field.label, max_length=MAX_PLACE_LENGTH, required=missing, description=_help(field))
    if field.kind is FieldKind.NUMBER:
        label = f"{field.label} ({field.unit})" if field.unit else field.label
        return NumberField(label, render_kw={"inputmode": "decimal", "autocomplete": "off"}, **options)
    offered = [one for one in field.options if one.closed_at is None or one.id in present.options]
    choices = [SelectChoice(option.id, option.label) for option in offered]
    if field.takes_several:
        return SelectMultipleField(
            field.label, choices=choices, coerce=int, validate_choice=False,
            widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), **options,
        )  # fmt: skip
    if len(choices) > MAX_RADIO_OPTIONS:
        choices = [SelectChoice("", _l("Choose…")), *choices]
        return SelectField(field.label, choices=choices, coerce=_option, validate_choice=False, **options)
    if not field.is_required:
        choices = [*choices, SelectChoice("", _l("No answer"))]
    return RadioField(field.label, choices=choices, coerce=_option, validate_choice=False, **options)


def _option(value: Any) -> int | None:
    """The id of the option, or None for no answer. Raises ValueError for what is none."""
    return None if value in {"", None, "None"} else int(value)


def _help(field: FormField) -> str:
    if field.kind is not FieldKind.NUMBER or (field.least is None and field.most is None):
        return field.help
    least, most = format_decimal(field.least or 0), format_decimal(field.most or 0)
    if field.least is None:
        bounds = gettext("At most %(most)s.", most=most)
    elif field.most is None:
        bounds = gettext("At least %(least)s.", least=least)
    else:
        bounds = gettext("From %(least)s to %(most)s.", least=least, most=most)
    return f"{field.help} {bounds}".strip()
