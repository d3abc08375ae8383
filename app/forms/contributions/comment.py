"""Comments on an idea."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField

from app.forms.contributions.idea import form_key_of
from app.forms.personal_data import PublicTextForm
from app.forms.text import ParagraphField
from app.forms.versioned import VersionedForm
from ideas.contributions.comment import MAX_BODY_LENGTH


class AddCommentForm(PublicTextForm):
    """`form_key` is made with the empty form, so that a comment that is sent twice is one."""

    body = ParagraphField(
        _l("Your comment"),
        max_length=MAX_BODY_LENGTH,
        required=_l("This text is empty. Write something first."),
        description=_l("Ask a question, tell what you have seen, or add a detail."),
    )
    is_question = BooleanField(_l("This is a question to the campaign team"))
    form_key = HiddenField(filters=[form_key_of])

    def renew_key(self) -> None:
        """Give the form a new key: what it sends next is a comment of its own."""
        self.form_key.data = form_key_of(None)


class EditCommentForm(PublicTextForm, VersionedForm):
    body = ParagraphField(
        _l("Your comment"), max_length=MAX_BODY_LENGTH, required=_l("This text is empty. Write something first.")
    )
