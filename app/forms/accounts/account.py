"""What people do with their account: prove the address, set and change the password, change the address."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, PasswordField
from wtforms.validators import DataRequired

from app.forms.text import MaxLength, NotEmpty
from ideas.accounts.password import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from ideas.people.person import MAX_EMAIL_LENGTH
from ideas.text import clean_line

NEW_PASSWORD_HINT = _l(
    "At least %(least)s characters. Four words that do not belong together are easy to remember.",
    least=MIN_PASSWORD_LENGTH,
)


def new_password(label: str) -> PasswordField:
    return PasswordField(
        label,
        validators=[DataRequired(_l("Choose a password.")), MaxLength(MAX_PASSWORD_LENGTH)],
        description=NEW_PASSWORD_HINT,
    )


def present_password(label: str) -> PasswordField:
    return PasswordField(label, validators=[DataRequired(_l("Enter your password.")), MaxLength(MAX_PASSWORD_LENGTH)])


def email_field(label: str, *, description: str = "") -> EmailField:
    return EmailField(
        label,
        description=description,
        validators=[NotEmpty(_l("Enter your email address.")), MaxLength(MAX_EMAIL_LENGTH)],
        filters=[lambda text: clean_line(text or "")],
    )


class ConfirmForm(FlaskForm):
    """Only a button. It carries no field but the token of the form."""


class VerifyForm(FlaskForm):
    password = present_password(_l("Password"))


class ForgotPasswordForm(FlaskForm):
    email = email_field(_l("Email address"))


class ResetPasswordForm(FlaskForm):
    password = new_password(_l("New password"))


class ChangePasswordForm(FlaskForm):
    present_password = present_password(_l("Present password"))
    password = new_password(_l("New password"))
    end_others = BooleanField(_l("Sign out of all other browsers"), default=True)


class ChangeAddressForm(FlaskForm):
    email = email_field(_l("New email address"))
    present_password = present_password(_l("Present password"))
