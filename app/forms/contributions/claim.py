"""Claiming imported ideas with the code of a mail; and inviting their authors."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.forms.spaces.invitation import language_field
from app.forms.text import LineField

MAX_CODE_LENGTH = 60


class EnterCodeForm(FlaskForm):
    code = LineField(_l("Code"), max_length=MAX_CODE_LENGTH, required=_l("Enter the code of the email."))


class InviteAuthorsForm(FlaskForm):
    locale = language_field()
