"""The second proof at the sign-in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.forms.accounts.account import present_password
from app.forms.text import LineField

MAX_CODE_LENGTH = 40


class CodeForm(FlaskForm):
    code = LineField(_l("Code"), max_length=MAX_CODE_LENGTH, required=_l("Enter the code."))


class PasswordForm(FlaskForm):
    present_password = present_password(_l("Present password"))
