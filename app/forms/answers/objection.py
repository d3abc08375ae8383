"""What an author says of the place of an idea, and what the team answers."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import InputRequired

from app.forms.text import ParagraphField, WholeNumberField
from ideas.answers.debriefs.objection import MAX_REASON_LENGTH


class ObjectForm(FlaskForm):
    """`theme`: where the idea counts; empty where it is in no theme."""

    idea = WholeNumberField(validators=[InputRequired()])
    theme = HiddenField(default="")
    reason = ParagraphField(
        _l("What did you mean?"),
        max_length=MAX_REASON_LENGTH,
        required=_l("Say what you meant, so that the team can find the right place."),
        description=_l("The campaign team reads it."),
    )

    @property
    def theme_id(self) -> int | None:
        """The theme's id; 0, which no theme has, for what can't be read."""
        given = (self.theme.data or "").strip()
        if not given:
            return None
        return int(given) if given.isascii() and given.isdigit() and len(given) <= len("2147483647") else 0


class KeepPlacementForm(FlaskForm):
    answer = ParagraphField(
        _l("Why it stays"),
        max_length=MAX_REASON_LENGTH,
        required=_l("Explain why the idea stays where it is. Its author will read this."),
    )
