"""What a person chooses of an uploaded file: the form, filled with the likely answers, and what was sent with it."""

from collections.abc import Sequence
from dataclasses import replace

from app.forms.contributions.imports.importing import APART, ENCODINGS, NO_COLUMN, TOGETHER, ChooseColumnsForm
from app.tables import idea_file
from app.tables.idea_file import Choices, Preview
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from ideas.contributions.imports.known import SameId
from ideas.contributions.imports.report import ImportReport
from ideas.personal_data.rows import PersonalRows

COLUMNS = ("text", "title", "author", "lang", "key", "state", "email")
_SHOWN_NAME = 60
# Columns that may be ticked as other texts, where the file has no more than these.
_MAX_OFFERED = 30


def choices_form(table: Preview, *, fresh: bool = False) -> ChooseColumnsForm:
    """The form as it was sent, or as guessed from the file. `fresh`: as guessed, whatever was sent."""
    guess = Choices.from_json(table.guess)
    values = {name: getattr(guess, name) for name in COLUMNS}
    values |= {
        "more": list(guess.more),
        "apart": APART if guess.apart else TOGETHER,
        "same_id": SameId.SKIP.value,
        "personal": PersonalRows.HOLD.value,
        "sheet": table.sheet or "",
        "header": table.header,
        "encoding": _encoding(table),
    }
    form = ChooseColumnsForm(formdata=None, data=values) if fresh else ChooseColumnsForm(data=values)
    _offer(form, table)
    return form


def chosen(form: ChooseColumnsForm, table: Preview, *, fresh: bool = False) -> Choices | None:
    """What was chosen, or None where it is wrong: then the form shows why. `fresh`: as for `choices_form`."""
    if form.is_submitted() and not fresh and not form.validate():
        return None
    if form.text.data is None:
        return None
    parts = {name: form[name].data for name in COLUMNS}
    more = tuple(place for place in form.more.data or () if place != form.text.data)
    choices = Choices(
        **parts,
        more=more,
        apart=form.apart.data == APART,
        with_names=form.with_names.data,
        with_addresses=form.with_addresses.data,
        with_agreed=form.with_addresses.data and form.with_agreed.data,
        with_off=form.with_off.data,
        same_id=SameId(form.same_id.data),
        personal=PersonalRows(form.personal.data),
        how=table.how,
    )
    with show_refusals(form):
        idea_file.check(table.columns, choices)
        return choices
    return None


def other_reading(form: ChooseColumnsForm, table: Preview) -> dict[str, object] | None:
    """How the file is to be read instead, where another sheet, header or encoding was chosen. None where it was not."""
    if not form.is_submitted():
        return None
    how = {"encoding": table.how.get("encoding"), "sheet": table.how.get("sheet"), "header": table.how.get("header")}
    if table.encoding is not None and form.encoding.data in ENCODINGS and form.encoding.data != _encoding(table):
        how["encoding"] = form.encoding.data
    if form.sheet.data in table.sheets and form.sheet.data != table.sheet:
        how |= {"sheet": form.sheet.data, "header": None}
    elif form.header.data in dict(form.header.choices) and form.header.data != table.header:
        how["header"] = form.header.data
    return how if any(how[name] != table.how.get(name) for name in how) else None


def with_likely_answer(form: ChooseColumnsForm, choices: Choices, expected: ImportReport | None) -> Choices:
    """The choices with the likely answer for rows that have the identifier of an idea and another text.

    Where most identifiers have their text, the file is a later export of the same ideas. Else it counts on its own.
    """
    if expected is None or not expected.changed or form.same_id.raw_data:
        return choices
    likely = SameId.REPLACE if expected.known >= expected.changed else SameId.ADD
    form.same_id.data = likely.value
    return replace(choices, same_id=likely)


def column_label(table: Preview, place: int) -> str:
    """The name of a column; without a header, its number in the reader's language."""
    return table.columns[place] if table.header else _("Column %(number)s", number=place + 1)


def _offer(form: ChooseColumnsForm, table: Preview) -> None:
    """The choices of each field."""
    places = [(place, column_label(table, place)[:_SHOWN_NAME]) for place in range(len(table.columns))]
    form.text.choices = [(NO_COLUMN, _("Choose a column")), *places]
    for field in (form.title, form.author, form.lang, form.key, form.state, form.email):
        field.choices = [(NO_COLUMN, _("Not in this file")), *places]
    texts = table.guess.get("texts", ())
    offered = [places[place] for place in texts] if len(texts) > 1 or len(places) > _MAX_OFFERED else places
    form.more.choices = [(place, name) for place, name in offered if place != form.text.data]
    form.more.data = [place for place in form.more.data or () if place in dict(form.more.choices)]
    form.sheet.choices = [(name, name) for name in table.sheets] or [("", "")]
    form.header.choices = [
        *((line, _("Line %(number)s: %(cells)s", number=line, cells=_joined(cells))) for line, cells in table.head),
        (0, _("None: the first line is an idea")),
    ]
    if table.header not in dict(form.header.choices):  # further down than what is shown
        form.header.choices.insert(0, (table.header, _("Line %(number)s", number=table.header)))
    encoding = _encoding(table)
    form.encoding.choices = list(({encoding: encoding} | ENCODINGS).items())


def _joined(cells: Sequence[str]) -> str:
    return " · ".join(cells)[:_SHOWN_NAME]


def _encoding(table: Preview) -> str:
    """The encoding by which the file was read, as the form calls it."""
    return {"utf-8-sig": "utf-8", "utf_8": "utf-8"}.get(table.encoding or "", table.encoding or "utf-8")
