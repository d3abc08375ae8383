"""The cover of a campaign."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField

from app.forms.text import LineField
from ideas.campaigns.campaign import MAX_ALTERNATIVE_LENGTH


class SetCoverForm(FlaskForm):
    file = FileField(_l("Picture"))
    alternative = LineField(_l("What the picture shows"), max_length=MAX_ALTERNATIVE_LENGTH)
