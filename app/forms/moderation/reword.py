"""The other words that a moderator gives to an idea or a comment."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from app.forms.moderation.review import ReasonField
from app.forms.text import LineField, ParagraphField, WholeNumberField
from app.forms.versioned import VersionedForm
from ideas.contributions.comment import MAX_BODY_LENGTH as MAX_COMMENT_LENGTH
from ideas.contributions.idea import MAX_BODY_LENGTH, MAX_TITLE_LENGTH
from ideas.moderation.review import MAX_NOTE_LENGTH

_EMPTY = _l("This text is empty. Write something first.")


class _RewordForm(VersionedForm):
    """`review_version`: of the review that was on the page; `version` is that of the text."""

    review_version = WholeNumberField(widget=HiddenInput(), validators=[Optional()])
    reason = ReasonField(_l("Reason"), description=_l("The author reads it in their language."))
    note = ParagraphField(
        _l("A word to the author"), max_length=MAX_NOTE_LENGTH, description=_l("The author reads it, and nobody else.")
    )

    def validate(self, extra_validators: Any = None) -> bool:
        valid: bool = super().validate(extra_validators)
        if valid and not self.reason.data:
            self.reason.errors = [str(_l("Choose a reason."))]
            return False
        return valid


class RewordIdeaForm(_RewordForm):
    title = LineField(_l("Title"), max_length=MAX_TITLE_LENGTH)
    body = ParagraphField(_l("Text"), max_length=MAX_BODY_LENGTH, required=_EMPTY)


class TakeFileOffForm(_RewordForm):
    """A file is taken off an idea."""


class RewordCommentForm(_RewordForm):
    body = ParagraphField(_l("Text"), max_length=MAX_COMMENT_LENGTH, required=_EMPTY)
