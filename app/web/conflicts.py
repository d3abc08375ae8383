"""Two people save the same thing: the second sees both versions, and may save their own on top.

A form of something that others may save meanwhile is a `VersionedForm`. The view fills its hidden `version` from the
row and passes it to the function of ideas/, which raises ChangedMeanwhile. `refuse`, and so `show_refusals`, marks the
form and puts the sentence at its top. The page shows what `compare` returns with the macro `conflict_panel`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wtforms import Field

from app.forms.versioned import VersionedForm
from app.web.pages.dates import day, moment
from app.web.pages.language import gettext


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not the same in both versions, as people read it."""

    label: str
    saved: str
    typed: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """What somebody saved meanwhile, beside what the reader typed. `by`: the name of who saved, if it is known."""

    differences: tuple[Difference, ...]
    by: str
    at: datetime | None


def compare(
    form: VersionedForm, saved: Mapping[str, Any], *, version: int, by: str = "", at: datetime | None = None
) -> Conflict | None:
    """Both versions for the page, or None where the form met no conflict.

    `saved`: the values that are stored now, by the names of the form's fields. The form keeps what was typed, and its
    hidden `version` becomes that of the stored row: sent again, it replaces what the reader has now seen.
    """
    if not form.changed_meanwhile:
        return None
    form.version.data, form.version.raw_data = version, None
    return Conflict(tuple(_differences(form, saved)), by, at)


def _differences(form: VersionedForm, saved: Mapping[str, Any]) -> Iterator[Difference]:
    for name, value in saved.items():
        field = form[name]
        theirs, mine = _as_read(field, value), _as_read(field, field.data)
        if theirs != mine:
            yield Difference(str(field.label.text), theirs, mine)


def _as_read(field: Field, value: Any) -> str:
    """A field's value as people read it: the words of a choice, a date written out, a text with plain line ends."""
    if value is None:
        return ""
    labels = {str(choice.value): str(choice.label) for choice in getattr(field, "choices", None) or ()}
    if isinstance(value, list | tuple):  # in the order of the choices, so that the same ones read the same
        order = list(labels)
        known = sorted(map(str, value), key=lambda each: order.index(each) if each in labels else len(order))
        return ", ".join(labels.get(each, each) for each in known)
    if str(value) in labels:
        return labels[str(value)]
    if isinstance(value, bool):
        value = gettext("Yes") if value else gettext("No")
    if isinstance(value, datetime):
        return moment(value) if value.tzinfo else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return day(value)
    return str(value).replace("\r\n", "\n").strip()
