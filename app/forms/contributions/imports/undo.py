"""Undo an import, or withdraw one imported idea: each needs a reason."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.forms.text import LineField
from ideas.activity.activity import MAX_REASON_LENGTH


class UndoImportForm(FlaskForm):
    reason = LineField(
        _l("Reason"),
        max_length=MAX_REASON_LENGTH,
        required=_l("Give a reason."),
        description=_l("The team and administrators can read it."),
        id="undo-reason",
    )


class WithdrawImportedForm(FlaskForm):
    reason = LineField(
        _l("Reason"),
        max_length=MAX_REASON_LENGTH,
        required=_l("Give a reason."),
        description=_l("The team and administrators can read it."),
        id="withdraw-reason",
    )
