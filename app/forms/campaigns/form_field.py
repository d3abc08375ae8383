"""An optional field of a campaign's form: added, or changed."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField
from wtforms.fields import Field

from app.forms.contributions.fields import NumberField
from app.forms.text import LineField, ParagraphField
from app.forms.versioned import VersionedForm
from ideas.activity.version import MAX_REASON_LENGTH
from ideas.campaigns.form_field import (
    MAX_HELP_LENGTH,
    MAX_LABEL_LENGTH,
    MAX_OPTION_LENGTH,
    MAX_OPTIONS,
    MAX_UNIT_LENGTH,
    FieldKind,
    FieldText,
    FormField,
)

_MAX_OPTION_LINES = MAX_OPTIONS * (MAX_OPTION_LENGTH + 2)


class WriteFieldForm(VersionedForm):
    """Of another kind than a choice, the controls of options are not there; nor those of numbers for what is none."""

    label = LineField(_l("Label"), max_length=MAX_LABEL_LENGTH, required=_l("Write the label of the field."))
    help = LineField(_l("Help text"), max_length=MAX_HELP_LENGTH)
    is_required = BooleanField(_l("The author has to fill it in"))
    takes_several = BooleanField(_l("Several options can be chosen"))
    unit = LineField(_l("Unit"), max_length=MAX_UNIT_LENGTH)
    least = NumberField(_l("Smallest number"))
    most = NumberField(_l("Largest number"))
    more = ParagraphField(_l("Options"), max_length=_MAX_OPTION_LINES)
    change_reason = ParagraphField(_l("Why do you change it?"), max_length=MAX_REASON_LENGTH)

    @property
    def text(self) -> FieldText:
        """What the field says and takes."""

        def of(name: str) -> Any:
            return self[name].data if name in self else None

        return FieldText(
            label=self.label.data or "",
            help=self.help.data or "",
            is_required=bool(self.is_required.data),
            takes_several=bool(of("takes_several")),
            unit=of("unit") or "",
            least=of("least"),
            most=of("most"),
        )

    @property
    def options(self) -> list[str]:
        """The new options, one on each line."""
        return (self.more.data or "").splitlines() if "more" in self else []

    @property
    def labels(self) -> dict[int, str]:
        """The labels of the options that are there, by their ids."""
        return {int(name[7:]): self[name].data or "" for name in self._fields if name.startswith("option_")}

    @property
    def offered(self) -> set[int]:
        """The options that are still offered."""
        return {int(name[8:]) for name in self._fields if name.startswith("offered_") and self[name].data}


def field_form(kind: FieldKind, field: FormField | None = None) -> WriteFieldForm:
    """The form for a new field of this kind, or for one that is there, with its options."""
    controls: dict[str, Any] = {}
    for option in field.options if field is not None else ():
        controls[f"option_{option.id}"] = LineField(
            _l("Option"), max_length=MAX_OPTION_LENGTH, required=_l("Write the option.")
        )
        controls[f"offered_{option.id}"] = BooleanField(_l("Offered"))
    form: WriteFieldForm = type("WriteFieldForm", (WriteFieldForm,), controls)(data=as_written(field))
    if kind is not FieldKind.CHOICE:
        del form.takes_several, form.more
    elif field is not None:
        form.more.label.text = _l("New options")
    if kind is not FieldKind.NUMBER:
        del form.unit, form.least, form.most
    return form


def as_written(field: FormField | None) -> dict[str, Any]:
    """The field as its form shows it."""
    if field is None:
        return {}
    written = {name: getattr(field, name) for name in FieldText.__dataclass_fields__} | {"version": field.version}
    for option in field.options:
        written |= {f"option_{option.id}": option.label, f"offered_{option.id}": option.closed_at is None}
    return written


def option_controls(form: WriteFieldForm) -> list[tuple[Field, Field]]:
    """For each option that is there, the control of its label and whether it is offered."""
    return [(form[f"option_{number}"], form[f"offered_{number}"]) for number in form.labels]
