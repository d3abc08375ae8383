"""An idea that asks for two things becomes two."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.forms.text import ParagraphField
from ideas.activity.activity import MAX_REASON_LENGTH
from ideas.contributions.idea import MAX_BODY_LENGTH


class SplitIdeaForm(FlaskForm):
    part = ParagraphField(
        _l("Text of the new idea"),
        max_length=MAX_BODY_LENGTH,
        required=_l("Copy the words that become a new idea."),
        description=_l("Keep here only the words that become a new idea, in one piece. The rest stays in the idea."),
    )
    reason = ParagraphField(
        _l("Reason"),
        max_length=MAX_REASON_LENGTH,
        required=_l("Give the reason. The author reads it."),
        description=_l("The author reads it. It is kept with the earlier text."),
    )
