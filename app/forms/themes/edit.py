"""What people do to themes, one form for each act."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired

from app.forms.text import MaxLength
from ideas.base import MAX_ID
from ideas.themes.history import MAX_REASON_LENGTH
from ideas.themes.theme import MAX_NAME_LENGTH

NO_THEME = "alone"


def _id(value: str | int) -> int:
    """The id of an idea or a theme. Raises ValueError, which the field shows."""
    number = int(value)
    if not 0 < number <= MAX_ID:
        raise ValueError(number)
    return number


def _ids(label: str) -> SelectMultipleField:
    return SelectMultipleField(label, coerce=_id, validate_choice=False, default=())


def _reason(html_id: str) -> StringField:
    return StringField(_l("Reason"), validators=[MaxLength(MAX_REASON_LENGTH)], default="", id=html_id)


class RenameThemeForm(FlaskForm):
    name = StringField(
        _l("Name"), validators=[InputRequired(_l("Enter a name for the theme.")), MaxLength(MAX_NAME_LENGTH)]
    )
    reason = _reason("rename-reason")


class MergeThemesForm(FlaskForm):
    """`other`: the themes to merge into the one in the address. `anyway`: even where they have an answer."""

    other = _ids(_l("Themes to merge into this one"))
    anyway = BooleanField(_l("Merge anyway"))
    reason = _reason("merge-reason")


class SplitThemeForm(FlaskForm):
    """`idea`: the ideas of the new theme."""

    idea = _ids(_l("Ideas"))
    name = StringField(
        _l("Name of the new theme"),
        validators=[InputRequired(_l("Enter a name for the new theme.")), MaxLength(MAX_NAME_LENGTH)],
        id="new-name",
    )
    reason = _reason("why")


class SplitPartForm(FlaskForm):
    """`run`: the one whose sub-themes were on the page. A newer one may have finished since."""

    run = IntegerField(validators=[InputRequired()])


class ChosenIdeasForm(FlaskForm):
    """What the acts on chosen ideas share. `back`: the page that the form is on, a theme's id or a kind of leftover."""

    idea = _ids(_l("Ideas"))
    reason = _reason("why")
    back = HiddenField(default="")


class MoveIdeasForm(ChosenIdeasForm):
    """`to`: a theme's id, or NO_THEME."""

    to = SelectField(
        _l("Move to"), validate_choice=False, validators=[InputRequired(_l("Choose a theme to move these ideas to."))]
    )


class PinIdeasForm(ChosenIdeasForm):
    """Keep the ideas in their themes."""


class UnpinIdeasForm(ChosenIdeasForm):
    """Let runs place the ideas again."""


class ForbidIdeasForm(ChosenIdeasForm):
    """Keep the ideas out of the theme in the address."""
