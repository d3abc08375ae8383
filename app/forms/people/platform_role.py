"""Roles on the platform, given and taken by administrators."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField

from app.forms.text import LineField
from ideas.activity.activity import MAX_REASON_LENGTH


class ChangePlatformRoleForm(FlaskForm):
    """The page has one form for each role: its prefix is the role."""

    reason = LineField(
        _l("Reason"), max_length=MAX_REASON_LENGTH, description=_l("Administrators can read it in the activity.")
    )
    confirmed = BooleanField(_l("I give up this role myself."))
