from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField
from wtforms.validators import InputRequired

NOT_THERE = ""


def _place(value: str | int | None) -> int | None:
    return None if value in {NOT_THERE, None} else int(str(value))


class UploadIdeasForm(FlaskForm):
    file = FileField(_l("File of ideas"), validators=[FileRequired(_l("Choose a file first."))])


class ChooseColumnsForm(FlaskForm):
    """Each field names a column by its place: headers may be anything."""

    text = SelectField(
        _l("Text"), coerce=_place, validators=[InputRequired(_l("Choose the column that holds the text."))]
    )
    title = SelectField(_l("Title"), coerce=_place)
    author = SelectField(_l("Author"), coerce=_place)
    lang = SelectField(_l("Language"), coerce=_place)
    key = SelectField(_l("Identifier"), coerce=_place)
