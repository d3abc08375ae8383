"""The accent colour and the logo of the site."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import ColorField

from app.forms.text import MaxLength, NotEmpty
from app.forms.versioned import VersionedForm

MAX_COLOUR_LENGTH = 20


def _colour(label: str) -> ColorField:
    return ColorField(label, validators=[NotEmpty(_l("Choose a colour.")), MaxLength(MAX_COLOUR_LENGTH)])


class ChooseAccentForm(VersionedForm):
    light = _colour(_l("Colour in the light appearance"))
    dark = _colour(_l("Colour in the dark appearance"))


class ChooseLogoForm(FlaskForm):
    file = FileField(_l("Picture"), validators=[FileRequired(_l("Choose a picture first."))])
