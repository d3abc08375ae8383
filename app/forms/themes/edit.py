from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired

from app.access.access import HIGHEST_ID
from app.forms.text import Fits
from ideas.themes.history import MAX_REASON_LENGTH
from ideas.themes.theme import MAX_NAME_LENGTH

ALONE = "alone"
_reason_fits = Fits(MAX_REASON_LENGTH)
_name_fits = Fits(MAX_NAME_LENGTH)


def _number(value: str | int) -> int:
    """A number that can be an idea's or a theme's. Raises ValueError, which the field tells."""
    number = int(value)
    if not 0 < number <= HIGHEST_ID:
        raise ValueError(number)
    return number


class RenameThemeForm(FlaskForm):
    name = StringField(_l("Name"), validators=[InputRequired(_l("Enter a name for the theme.")), _name_fits])
    reason = StringField(_l("Reason"), validators=[_reason_fits], id="rename-reason")


class MergeThemesForm(FlaskForm):
    """`other`: the themes that join the one in the address. `anyway`: even where their answers go with them."""

    other = SelectMultipleField(_l("Themes to merge into this one"), coerce=_number, validate_choice=False, default=())
    anyway = BooleanField(_l("Merge anyway"))
    reason = StringField(_l("Reason"), validators=[_reason_fits], id="merge-reason")


class SplitThemeForm(FlaskForm):
    idea = SelectMultipleField(_l("Ideas"), coerce=_number, validate_choice=False, default=())
    name = StringField(
        _l("Name of the new theme"),
        validators=[InputRequired(_l("Enter a name for the new theme.")), _name_fits],
        id="new-name",
    )
    reason = StringField(_l("Reason"), validators=[_reason_fits], id="why")


class SplitPartForm(FlaskForm):
    """`run`: the one whose sub-themes were on the page, for a newer one may have come since."""

    run = IntegerField(validators=[InputRequired()])


class ChooseIdeasForm(FlaskForm):
    """`back`: where the form stood, a theme's number or a kind of leftover."""

    idea = SelectMultipleField(_l("Ideas"), coerce=_number, validate_choice=False, default=())
    reason = StringField(_l("Reason"), validators=[_reason_fits], id="why")
    back = HiddenField()


class MoveIdeasForm(ChooseIdeasForm):
    """`to`: a theme's number, or ALONE."""

    to = SelectField(
        _l("Move to"), validate_choice=False, validators=[InputRequired(_l("Choose a theme to move these ideas to."))]
    )


# The forms of acts that have a reason.
ActForm = RenameThemeForm | MergeThemesForm | SplitThemeForm | ChooseIdeasForm
