"""Answers and actions back from a spreadsheet: the file, then what is confirmed of it."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField

from app.forms.text import ParagraphField, WholeNumberField
from ideas.activity.version import MAX_REASON_LENGTH


class UploadReturnedForm(FlaskForm):
    file = FileField(_l("Changed table"), validators=[FileRequired(_l("Choose a file first."))])


class ReadReturnedForm(FlaskForm):
    """`rows`: as in ConfirmReturnedForm. `person`: whose message is read."""

    rows = HiddenField(default="")
    person = WholeNumberField(default=0)


class ConfirmReturnedForm(FlaskForm):
    """`rows`: what changes, packed. `digest`: of what was shown. `reason`: for what is public, where a row has none."""

    rows = HiddenField(default="")
    digest = WholeNumberField(default=0)
    reason = ParagraphField(
        _l("Why published answers change"),
        max_length=MAX_REASON_LENGTH,
        description=_l("Everyone can read this reason, and the earlier answers. It is for the rows that give none."),
    )
