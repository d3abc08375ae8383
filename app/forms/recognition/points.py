"""What a person wants of points, badges and standings."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice
from wtforms.validators import InputRequired

from ideas.people.person import Motivation


class ChooseMotivationForm(FlaskForm):
    motivation = RadioField(
        _l("Points, badges and standings"),
        choices=[
            SelectChoice(Motivation.LISTED.value, _l("Show them to me, and list me in standings")),
            SelectChoice(Motivation.PRIVATE.value, _l("Show them to me alone")),
            SelectChoice(Motivation.OFF.value, _l("Show me none")),
        ],
        validators=[InputRequired(_l("Choose one of the answers."))],
    )
