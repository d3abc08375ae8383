"""What an author sends after a moderator asked for a change."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.forms.text import LineField, ParagraphField
from ideas.contributions.comment import MAX_BODY_LENGTH as MAX_COMMENT_LENGTH
from ideas.contributions.idea import MAX_BODY_LENGTH, MAX_TITLE_LENGTH


class ChangeIdeaForm(FlaskForm):
    title = LineField(_l("Title"), max_length=MAX_TITLE_LENGTH)
    body = ParagraphField(
        _l("Your idea"), max_length=MAX_BODY_LENGTH, required=_l("This text is empty. Write something first.")
    )


class ChangeCommentForm(FlaskForm):
    body = ParagraphField(
        _l("Your comment"), max_length=MAX_COMMENT_LENGTH, required=_l("This text is empty. Write something first.")
    )
