"""Whether an idea belongs in its theme."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import AnyOf, InputRequired, Optional

from app.forms.text import MaxLength, WholeNumberField
from ideas.themes.checks.check import Belongs
from ideas.themes.edits.history import MAX_REASON_LENGTH


class CheckIdeaForm(FlaskForm):
    """`theme`: the one that was on the page. `to`: where the idea belongs instead; a button that names it says so."""

    theme = WholeNumberField(validators=[InputRequired()])
    belongs = StringField(
        _l("Does this idea belong here?"),
        validators=[Optional(), AnyOf(list(Belongs), message=_l("Choose yes, no or another theme."))],
    )
    to = WholeNumberField(_l("Another theme"), validators=[Optional()])
    near = WholeNumberField(validators=[Optional()])
    reason = StringField(_l("Reason"), validators=[MaxLength(MAX_REASON_LENGTH)], default="", id="check-reason")

    @property
    def said(self) -> Belongs:
        """Elsewhere where a button of a near theme was pressed, or the list of themes was sent."""
        return Belongs(self.belongs.data) if self.belongs.data else Belongs.ELSEWHERE

    @property
    def target(self) -> int | None:
        found: int | None = self.near.data or self.to.data
        return found


class UndoCheckForm(FlaskForm):
    reason = StringField(_l("Reason"), validators=[MaxLength(MAX_REASON_LENGTH)], default="", id="undo-check-reason")
