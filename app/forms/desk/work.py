"""The work on a theme, or on several at once: who takes care of it, by when, its tags, the team's notes."""

import re

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Optional

from app.forms.answers.decision import RecordDecisionForm
from app.forms.text import LineField, MaxLength, ParagraphField
from app.forms.themes.edit import read_id
from app.forms.versioned import VersionedForm
from ideas.desk.note import MAX_NOTE_LENGTH
from ideas.desk.table import MAX_VIEW_NAME_LENGTH, NOBODY
from ideas.desk.work import MAX_TAG_LENGTH, MAX_TAGS

MAX_TAGS_LENGTH = MAX_TAGS * (MAX_TAG_LENGTH + 2) * 2  # of what is typed: blanks are no part of a tag


def tags_typed(text: str | None) -> list[str]:
    """The tags of a field, which commas separate."""
    return [tag for tag in re.split(r"[,;\n]", text or "") if tag.strip()]


class SetWorkForm(VersionedForm):
    """The view sets the choices of `assignee`. `version`: the stamp of what was on the page."""

    assignee = SelectField(_l("Assigned to"), validate_choice=True, default="")
    due_on = DateField(_l("Due date"), validators=[Optional()])
    tags = StringField(
        _l("Tags"), description=_l("Words of your team, separated by commas."), validators=[MaxLength(MAX_TAGS_LENGTH)]
    )


class WriteNoteForm(FlaskForm):
    body = ParagraphField(
        _l("New note"), max_length=MAX_NOTE_LENGTH, required=_l("Write the note first."), id="note-body"
    )


class SelectedThemesForm(FlaskForm):
    """`theme`: the themes that were selected in the table. `seen`: the version of each that was on the page.

    `query`: what the table showed, to go back to it.
    """

    theme = SelectMultipleField(
        _l("Themes"),
        coerce=read_id,
        validate_choice=False,
        default=(),
        validators=[InputRequired(_l("Select at least one theme."))],
    )
    seen = HiddenField(default="")
    query = HiddenField(default="")

    @property
    def versions(self) -> dict[int, int]:
        """The versions of `seen` by theme id; what can't be read is left out."""
        found = re.findall(r"\b(\d{1,9}):(\d{1,10})\b", self.seen.data or "", re.ASCII)
        return {int(theme_id): int(version) for theme_id, version in found}


class ChangeThemesForm(SelectedThemesForm):
    """The view sets the choices of `assignee`. What is left empty stays as it is."""

    assignee = SelectField(_l("Assigned to"), default="")
    due_on = DateField(_l("Due date"), validators=[Optional()])
    no_day = BooleanField(_l("Take the due date away"))
    add = StringField(
        _l("Tags to add"),
        description=_l("Words of your team, separated by commas."),
        validators=[MaxLength(MAX_TAGS_LENGTH)],
    )
    remove = StringField(
        _l("Tags to take away"),
        description=_l("Words of your team, separated by commas."),
        validators=[MaxLength(MAX_TAGS_LENGTH)],
    )

    def validate(self, *args: object, **kwargs: object) -> bool:
        if not super().validate(*args, **kwargs):
            return False
        if self.due_on.data and self.no_day.data:
            self.due_on.errors = [str(_l("Enter a due date, or take it away: not both."))]
        elif not (self.assignee.data or self.due_on.data or self.no_day.data or self.adds or self.removes):
            self.form_errors.append(str(_l("Choose at least one change: an assignee, a due date or a tag.")))
        return not self.errors

    @property
    def assigns_nobody(self) -> bool:
        return bool(self.assignee.data == NOBODY)

    @property
    def adds(self) -> list[str]:
        return tags_typed(self.add.data)

    @property
    def removes(self) -> list[str]:
        return [tag.strip() for tag in tags_typed(self.remove.data)]


class DecideTogetherForm(SelectedThemesForm, RecordDecisionForm):
    """One answer for all. `replace`: also where a theme has an answer already."""

    abandon = None
    abandon_reason = None
    replace = BooleanField(_l("Replace the answers that some of these themes have"))


class SaveViewForm(FlaskForm):
    """`query`: what the table shows."""

    name = LineField(
        _l("Name of the view"),
        max_length=MAX_VIEW_NAME_LENGTH,
        required=_l("Enter a name for the view."),
        id="view-name",
    )
    query = HiddenField(default="")
