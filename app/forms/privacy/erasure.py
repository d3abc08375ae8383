"""Asking for the erasure of an account."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice
from wtforms.validators import InputRequired

from app.forms.accounts.account import present_password
from app.forms.text import LineField
from ideas.privacy.erasure import MAX_REASON_LENGTH, Contents


class AskErasureForm(FlaskForm):
    contents = RadioField(
        _l("Ideas and comments"),
        choices=[
            SelectChoice(Contents.ANONYMISE.value, _l("Keep their texts, without the name")),
            SelectChoice(Contents.DELETE.value, _l("Delete their texts too")),
        ],
        validators=[InputRequired(_l("Choose what becomes of the texts."))],
    )
    present_password = present_password(_l("Present password"))


class AskErasureForForm(AskErasureForm):
    """By an administrator, for somebody."""

    reason = LineField(_l("Reason"), max_length=MAX_REASON_LENGTH, required=_l("Say why this account is to be erased."))
