"""What people do to themes, one form for each act."""

import re

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, ValidationError

from app.forms.text import MaxLength, WholeNumberField
from app.forms.versioned import VersionedForm
from clustering.types import Leftover
from ideas.base import MAX_ID
from ideas.themes.edits.history import MAX_REASON_LENGTH
from ideas.themes.theme import MAX_NAME_LENGTH

NO_THEME = "alone"
SEARCH = "search"
TABLE = "table"


def read_id(value: str | int) -> int:
    """The id of an idea or a theme. Raises ValueError, which the field shows."""
    number = int(value)
    if not 0 < number <= MAX_ID:
        raise ValueError(number)
    return number


def _ids(label: str) -> SelectMultipleField:
    return SelectMultipleField(label, coerce=read_id, validate_choice=False, default=())


def _reason(html_id: str) -> StringField:
    return StringField(_l("Reason"), validators=[MaxLength(MAX_REASON_LENGTH)], default="", id=html_id)


class RenameThemeForm(VersionedForm):
    """`seen_name`: the name that was on the page."""

    seen_name = HiddenField()
    name = StringField(
        _l("Name"), validators=[InputRequired(_l("Enter a name for the theme.")), MaxLength(MAX_NAME_LENGTH)]
    )
    reason = _reason("rename-reason")


class MergeThemesForm(FlaskForm):
    """`other`: the themes to merge into the one in the address. `anyway`: even where they have an answer.

    `seen`: the versions of the themes that were on the page.
    """

    seen = HiddenField()
    other = _ids(_l("Themes to merge into this one"))
    anyway = BooleanField(_l("Merge anyway"))
    reason = _reason("merge-reason")

    @property
    def versions(self) -> dict[int, int]:
        """The versions of `seen` by theme id; what can't be read is left out."""
        found = re.findall(r"\b(\d{1,9}):(\d{1,9})\b", self.seen.data or "")
        return {int(theme_id): int(version) for theme_id, version in found}


class MergeChosenForm(MergeThemesForm):
    """`into`: which of the chosen themes keeps its name."""

    into = SelectField(
        _l("Name to keep"),
        coerce=read_id,
        validate_choice=False,
        validators=[InputRequired(_l("Choose the theme that keeps its name."))],
    )


class SplitThemeForm(FlaskForm):
    """`idea`: the ideas of the new theme."""

    idea = _ids(_l("Ideas"))
    name = StringField(
        _l("Name of the new theme"),
        validators=[InputRequired(_l("Enter a name for the new theme.")), MaxLength(MAX_NAME_LENGTH)],
        id="new-name",
    )
    reason = _reason("why")


class SplitPartForm(VersionedForm):
    """`run`: the one whose sub-themes were on the page. A newer one may have finished since."""

    run = WholeNumberField(validators=[InputRequired()])
    reason = _reason("part-reason")


class UndoEditForm(FlaskForm):
    reason = _reason("undo-reason")


class ChosenIdeasForm(FlaskForm):
    """What the acts on chosen ideas share.

    `back`: the page that the form is on, a theme's id, a kind of leftover, or SEARCH. `places`: where each idea was, on
    the page of a search. `everything`: all ideas that this search found are meant, by the mark of what it found.
    """

    idea = _ids(_l("Ideas"))
    reason = _reason("why")
    back = HiddenField(default="")
    places = HiddenField(default="")
    everything = HiddenField(default="")

    @property
    def seen_places(self) -> dict[int, int | Leftover]:
        """Where each idea was, by its id: a theme's id, or why it was in none. What can't be read is left out."""
        found = re.findall(r"\b(\d{1,9}):(\d{1,9}|[a-z]{1,20})\b", self.places.data or "", re.ASCII)
        return {
            int(idea_id): int(place) if place.isdigit() else Leftover(place)
            for idea_id, place in found
            if place.isdigit() or place in set(Leftover)
        }


class MoveIdeasForm(ChosenIdeasForm):
    """`to`: a theme's id, or NO_THEME. `name`, `tags`: what was written beside it, for a new theme or as tags."""

    to = SelectField(
        _l("Move to"), validate_choice=False, validators=[InputRequired(_l("Choose a theme to move these ideas to."))]
    )
    name = StringField(_l("Name of the new theme"), default="", id="new-name")

    tags = StringField(default="", id="idea-tags")

    @property
    def names_tags(self) -> bool:
        """True where Enter in the tags pressed the form's first button, which moves ideas."""
        return bool((self.tags.data or "").strip()) and not (self.to.data or (self.name.data or "").strip())

    @property
    def names_a_theme(self) -> bool:
        """True where Enter in the name of a new theme pressed the form's first button, which moves ideas."""
        return bool((self.name.data or "").strip()) and not self.to.data

    def validate_name(self, field: StringField) -> None:
        if (field.data or "").strip():
            raise ValidationError(
                _l("You chose a theme and wrote the name of another one. Delete the name, or the choice.")
            )


class GatherIdeasForm(ChosenIdeasForm):
    """Make a new theme of ideas of several themes."""

    name = StringField(
        _l("Name of the new theme"),
        validators=[InputRequired(_l("Enter a name for the new theme.")), MaxLength(MAX_NAME_LENGTH)],
        id="new-name",
    )


class PinIdeasForm(ChosenIdeasForm):
    """Keep the ideas in their themes."""


class UnpinIdeasForm(ChosenIdeasForm):
    """Let runs place the ideas again."""


class ForbidIdeasForm(ChosenIdeasForm):
    """Keep the ideas out of the theme in the address."""
