"""A text for newcomers, in one language."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.forms.text import LineField, ParagraphField
from app.forms.versioned import VersionedForm
from ideas.outreach.journey.text import MAX_BODY_LENGTH
from ideas.outreach.messages.message import MAX_SUBJECT_LENGTH
from ideas.people.person import MAX_EMAIL_LENGTH


class WriteJourneyForm(VersionedForm):
    subject = LineField(_l("Subject"), max_length=MAX_SUBJECT_LENGTH, required=_l("Write a subject."))
    body = ParagraphField(
        _l("Text"),
        max_length=MAX_BODY_LENGTH,
        required=_l("Write a text."),
        description=_l("Leave an empty line between two paragraphs. The greeting and a link are added by themselves."),
    )


class PreviewJourneyForm(FlaskForm):
    """A search: its address can be shared, so it has no token."""

    class Meta:
        csrf = False

    person = LineField(_l("Email address of a member"), max_length=MAX_EMAIL_LENGTH)
