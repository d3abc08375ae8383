from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectMultipleField
from wtforms.validators import InputRequired


class AnswerProposalForm(FlaskForm):
    """`proposal`: the one that was on the page, for a newer one may have come since."""

    proposal = IntegerField(validators=[InputRequired()])


class AcceptProposalForm(AnswerProposalForm):
    """`key`: the differences that are taken. A second button takes them all."""

    key = SelectMultipleField(validate_choice=False, default=())
