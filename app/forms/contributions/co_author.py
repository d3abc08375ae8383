"""Inviting a co-author."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.forms.text import LineField
from ideas.people.person import MAX_EMAIL_LENGTH


class InviteCoAuthorForm(FlaskForm):
    named = LineField(
        _l("Name or email address"),
        max_length=MAX_EMAIL_LENGTH,
        required=_l("Enter the name or the email address of the person."),
        description=_l("Enter the whole name, as it is shown here, or the email address of their account."),
    )
