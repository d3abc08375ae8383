from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectMultipleField
from wtforms.validators import InputRequired


class ProposalForm(FlaskForm):
    """`proposal`: the one that was on the page. A newer one may be open since."""

    proposal = IntegerField(validators=[InputRequired()])


class DeclineProposalForm(ProposalForm):
    """Keep the themes as they are."""


class AcceptProposalForm(ProposalForm):
    """`key`: the differences to accept. A second button accepts all of them."""

    key = SelectMultipleField(validate_choice=False, default=())
