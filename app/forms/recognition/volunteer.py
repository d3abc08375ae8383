"""Whether a member offers to help run campaigns."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField


class ChooseToVolunteerForm(FlaskForm):
    volunteers = BooleanField(_l("I offer to help run campaigns"))
