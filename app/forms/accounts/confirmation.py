"""The password again, or a code, before an act of power."""

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField

from app.forms.accounts.second_factor import MAX_CODE_LENGTH
from app.forms.text import LineField, MaxLength
from app.web.pages.language import gettext
from ideas.accounts.password import MAX_PASSWORD_LENGTH


class ConfirmPowerForm(FlaskForm):
    """Its names are no others' names: it is sent together with the fields of the act."""

    confirm_password = PasswordField(_l("Password"), validators=[MaxLength(MAX_PASSWORD_LENGTH)])
    confirm_code = LineField(_l("Or a code of your app"), max_length=MAX_CODE_LENGTH)

    def is_sent(self) -> bool:
        """True where the page that asks was sent, not the form of the act alone."""
        return self.confirm_password.name in request.form

    def validate(self, extra_validators: object = None) -> bool:
        """One of the two is enough."""
        if not super().validate(extra_validators=extra_validators):
            return False
        if self.confirm_password.data or self.confirm_code.data:
            return True
        self.confirm_password.errors = [gettext("Enter your password.")]
        return False
