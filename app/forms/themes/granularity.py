from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from ideas.campaigns.campaign import COARSEST, FINEST

LEVELS = range(COARSEST, FINEST + 1)


class ApplyGranularityForm(FlaskForm):
    """`level`: from fewer, larger themes to more, finer ones."""

    level = IntegerField(validators=[InputRequired(), NumberRange(COARSEST, FINEST)])
