"""The file of an import, and which of its columns is what."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField
from wtforms.validators import InputRequired

NO_COLUMN = ""


def _place(value: str | int | None) -> int | None:
    """The place of a column, or None for no column."""
    return None if value in {NO_COLUMN, None} else int(str(value))


class UploadIdeasForm(FlaskForm):
    file = FileField(_l("File of ideas"), validators=[FileRequired(_l("Choose a file first."))])


class ChooseColumnsForm(FlaskForm):
    """Each value is the place of a column, since headers may be anything."""

    text = SelectField(
        _l("Text"), coerce=_place, validators=[InputRequired(_l("Choose the column that holds the text."))]
    )
    title = SelectField(_l("Title"), coerce=_place)
    author = SelectField(_l("Author"), coerce=_place)
    lang = SelectField(_l("Language"), coerce=_place)
    key = SelectField(_l("Identifier"), coerce=_place)
