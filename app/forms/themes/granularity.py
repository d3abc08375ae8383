from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from clustering.types import MAX_GRANULARITY, MIN_GRANULARITY

LEVELS = range(MIN_GRANULARITY, MAX_GRANULARITY + 1)


class ApplyGranularityForm(FlaskForm):
    """`level`: negative for fewer, larger themes, positive for more, finer ones."""

    level = IntegerField(validators=[InputRequired(), NumberRange(MIN_GRANULARITY, MAX_GRANULARITY)])
