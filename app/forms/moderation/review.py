"""What a moderator decides about one object of the queue, or about several at once."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import AnyOf, Optional

from app.forms.moderation.report import REASONS
from app.forms.text import LineField, ParagraphField, WholeNumberField
from ideas.contributions.withheld import MAX_SPAN_LENGTH
from ideas.moderation.decide import ReviewAct
from ideas.moderation.review import MAX_NOTE_LENGTH
from ideas.people.sanction import Reason

NEED_REASON = frozenset({ReviewAct.HIDE, ReviewAct.ASK, ReviewAct.BLOCK})


class _Numbers(SelectMultipleField):
    """Numbers of rows, whichever the page offered: whether they may be acted upon is for `ideas` to say."""

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, coerce=int, choices=[], validate_choice=False, validators=[Optional()], **options)


class ReasonField(SelectField):
    """A reason of the closed list, or none: the act says whether it needs one."""

    def __init__(self, label: Any, **options: Any) -> None:
        choices = [SelectChoice("", _l("Choose a reason…")), *REASONS]
        known = AnyOf(list(Reason), message=_l("Choose a reason."))
        super().__init__(
            label, choices=choices, coerce=_given, validate_choice=False, validators=[Optional(), known], **options
        )


def _given(value: str | None) -> str:
    return value or ""


class DecideForm(FlaskForm):
    """`seen`: the version of the review that was on the page. `also`: look-alikes to hide together."""

    act = StringField(validators=[AnyOf(list(ReviewAct), message=_l("Choose what to do."))])
    seen = WholeNumberField(validators=[Optional()])
    reason = ReasonField(_l("Reason"), description=_l("The author reads it in their language."))
    note = ParagraphField(
        _l("A word to the author"), max_length=MAX_NOTE_LENGTH, description=_l("The author reads it, and nobody else.")
    )
    span = LineField(
        _l("Words to take out"),
        max_length=MAX_SPAN_LENGTH,
        description=_l("Copy them from the text. The author sees them marked and can take them out in one click."),
    )
    also = _Numbers(_l("Hide these too"))

    def validate(self, extra_validators: object = None) -> bool:
        valid: bool = super().validate(extra_validators)
        if valid and self.act.data in NEED_REASON and not self.reason.data:
            self.reason.errors = [str(_l("Choose a reason."))]
            return False
        return valid


class DecideTogetherForm(FlaskForm):
    """Several objects of the queue, for one reason."""

    act = StringField(validators=[AnyOf([ReviewAct.HIDE, ReviewAct.DISMISS], message=_l("Choose what to do."))])
    reviews = _Numbers(_l("Selected"))
    reason = ReasonField(_l("Reason"))

    def validate(self, extra_validators: object = None) -> bool:
        valid: bool = super().validate(extra_validators)
        if valid and not self.reviews.data:
            self.form_errors = [str(_l("Select at least one line."))]
            return False
        if valid and self.act.data == ReviewAct.HIDE and not self.reason.data:
            self.reason.errors = [str(_l("Choose a reason."))]
            return False
        return valid


class AssignForm(FlaskForm):
    to = WholeNumberField(_l("Moderator"), validators=[Optional()])
