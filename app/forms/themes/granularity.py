from flask_wtf import FlaskForm
from wtforms.validators import InputRequired, NumberRange

from app.forms.text import WholeNumberField
from clustering.types import MAX_GRANULARITY, MIN_GRANULARITY

LEVELS = range(MIN_GRANULARITY, MAX_GRANULARITY + 1)


class ApplyGranularityForm(FlaskForm):
    """`level`: negative for fewer, larger themes, positive for more, finer ones."""

    level = WholeNumberField(validators=[InputRequired(), NumberRange(MIN_GRANULARITY, MAX_GRANULARITY)])
