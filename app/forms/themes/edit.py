from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from ideas.base import MAX_ID
from ideas.themes.history import MAX_REASON_LENGTH
from ideas.themes.theme import MAX_NAME_LENGTH

ALONE = "alone"
_reason_most = Length(max=MAX_REASON_LENGTH, message=_l("A reason has at most %(max)d characters."))
_name_most = Length(max=MAX_NAME_LENGTH, message=_l("A name has at most %(max)d characters."))


def _number(value: str | int) -> int:
    """A number that can be an idea's or a theme's. Raises ValueError, which the field tells."""
    number = int(value)
    if not 0 < number <= MAX_ID:
        raise ValueError(number)
    return number


class RenameThemeForm(FlaskForm):
    name = StringField(
        _l("Name"), validators=[InputRequired(_l("Write the name that the theme should have.")), _name_most]
    )
    reason = StringField(_l("Reason"), validators=[_reason_most], id="rename-reason")


class MergeThemesForm(FlaskForm):
    """`other`: the themes that join the one in the address. `anyway`: even where their answers go with them."""

    other = SelectMultipleField(_l("Themes that join this one"), coerce=_number, validate_choice=False, default=())
    anyway = BooleanField(_l("Merge all the same"))
    reason = StringField(_l("Reason"), validators=[_reason_most], id="merge-reason")


class SplitThemeForm(FlaskForm):
    idea = SelectMultipleField(_l("Ideas"), coerce=_number, validate_choice=False, default=())
    name = StringField(
        _l("Name of the new theme"),
        validators=[InputRequired(_l("Write the name that the new theme should have.")), _name_most],
        id="new-name",
    )
    reason = StringField(_l("Reason"), validators=[_reason_most], id="why")


class SplitPartForm(FlaskForm):
    """`run`: the one whose sub-themes were on the page, for a newer one may have come since."""

    run = IntegerField(validators=[InputRequired()])


class ChooseIdeasForm(FlaskForm):
    """`back`: where the form stood, a theme's number or a kind of leftover."""

    idea = SelectMultipleField(_l("Ideas"), coerce=_number, validate_choice=False, default=())
    reason = StringField(_l("Reason"), validators=[_reason_most], id="why")
    back = HiddenField()


class MoveIdeasForm(ChooseIdeasForm):
    """`to`: a theme's number, or ALONE."""

    to = SelectField(_l("Move to"), validate_choice=False, validators=[InputRequired(_l("Choose where they go."))])


# The forms of acts that have a reason.
ActForm = RenameThemeForm | MergeThemesForm | SplitThemeForm | ChooseIdeasForm
