"""Evidence of an action: added, and taken off."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField

from app.forms.contributions.files import WithFilesForm
from app.forms.contributions.idea import form_key_of
from app.forms.text import LineField, ParagraphField
from ideas.activity.version import MAX_REASON_LENGTH
from ideas.answers.actions.evidence import MAX_EVIDENCE_LENGTH
from ideas.answers.actions.evidence_change import EvidenceFilesTooLarge, TooManyEvidenceFiles
from ideas.campaigns.campaign import MAX_URL_LENGTH


class AddEvidenceForm(WithFilesForm):
    """`form_key` is made with the empty form, so that what is sent twice is one piece of evidence."""

    too_many = TooManyEvidenceFiles
    too_large = EvidenceFilesTooLarge

    body = ParagraphField(
        _l("What has been done"),
        max_length=MAX_EVIDENCE_LENGTH,
        required=_l("Describe in a few words what has been done."),
        description=_l("Everyone can read it, with your name and today’s date."),
    )
    link = LineField(
        _l("Link"), max_length=MAX_URL_LENGTH, description=_l("A page that shows it. It starts with https://")
    )
    form_key = HiddenField(filters=[form_key_of])

    def renew_key(self) -> None:
        """Give the form a new key: what it sends next is a piece of evidence of its own."""
        self.form_key.data = form_key_of(None)


class TakeOffEvidenceForm(FlaskForm):
    """The view sets the choices of `what`: 0 for all of it, or the number of a file."""

    what = SelectField(_l("What to take off"), coerce=int)
    reason = LineField(
        _l("Why you take it off"),
        max_length=MAX_REASON_LENGTH,
        required=_l("Say why you take this off. Everyone can read the reason."),
        description=_l("Everyone can read this reason."),
    )
