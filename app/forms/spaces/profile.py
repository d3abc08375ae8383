"""What is asked of members, and what they choose."""

import csv
import io

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, SelectChoice, SelectField

from app.forms.text import LineField, ParagraphField
from app.forms.versioned import VersionedForm
from app.web.pages.language import gettext
from ideas.spaces.segment import MAX_NAME_LENGTH, Attribute

MAX_LIST_LENGTH = 1_000_000
MAX_VALUES_LENGTH = 5_000
_COLUMNS = 2


class AttributeForm(VersionedForm):
    name = LineField(_l("Name"), max_length=MAX_NAME_LENGTH, required=_l("Enter a name, such as “Region”."))
    values = ParagraphField(
        _l("Values"), max_length=MAX_VALUES_LENGTH, required=_l("Enter 2 to 50 values, one on each line.")
    )
    chosen = BooleanField(_l("Members choose their value themselves"))


class ImportValuesForm(FlaskForm):
    """A list of addresses and values, as a file or pasted."""

    file = FileField(_l("CSV file"))
    text = ParagraphField(_l("Or paste the lines here"), max_length=MAX_LIST_LENGTH)

    def rows(self) -> list[tuple[str, str]]:
        """The addresses with their values. Lines that have not both are left out."""
        text = self.text.data or ""
        if self.file.data:
            text = _decoded(self.file.data.stream.read(MAX_LIST_LENGTH + 1))
        separator = max(",;\t", key=text[:10_000].count)
        lines = csv.reader(io.StringIO(text.replace("\0", "")), delimiter=separator)
        try:
            return [
                (line[0], line[1]) for line in lines if len(line) >= _COLUMNS and "@" in line[0] and line[1].strip()
            ]
        except csv.Error:
            return []


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def profile_form(known: list[Attribute], mine: dict[int, int]) -> FlaskForm:
    """A form with one choice for each attribute that members choose; its fields are named by the attributes' ids."""

    class ProfileForm(FlaskForm):
        pass

    for attribute in known:
        choices = [
            SelectChoice("", gettext("I prefer not to say")),
            *(SelectChoice(str(value.id), value.name) for value in attribute.values),
        ]
        default = str(mine.get(attribute.id, ""))
        setattr(ProfileForm, f"attribute_{attribute.id}", SelectField(attribute.name, choices=choices, default=default))
    return ProfileForm()
