from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField
from wtforms.validators import InputRequired

from app.forms.text import MaxLength, WholeNumberField
from ideas.themes.edits.history import MAX_REASON_LENGTH


class ProposalForm(FlaskForm):
    """`proposal`: the one that was on the page. A newer one may be open since."""

    proposal = WholeNumberField(validators=[InputRequired()])


class DeclineProposalForm(ProposalForm):
    """Keep the themes as they are."""


class AcceptProposalForm(ProposalForm):
    """`key`: the differences to accept. A second button accepts all of them."""

    key = SelectMultipleField(validate_choice=False, default=())
    reason = StringField(_l("Reason"), validators=[MaxLength(MAX_REASON_LENGTH)], default="", id="accept-reason")
