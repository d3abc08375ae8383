"""Whether a member welcomes newcomers."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField


class ChooseToWelcomeForm(FlaskForm):
    welcomes = BooleanField(_l("I welcome new members"))
