"""Ideas: submitted, kept as drafts, revised."""

import re
import secrets
from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from app.forms.contributions.fields import controls
from app.forms.contributions.files import WithFilesForm
from app.forms.personal_data import PublicTextForm
from app.forms.text import LineField, ParagraphField, WholeNumberField
from app.forms.versioned import VersionedForm
from ideas.base import MAX_ID
from ideas.contributions.idea import MAX_BODY_LENGTH, MAX_KEY_LENGTH, MAX_TITLE_LENGTH

_KEY = re.compile(rf"[\w-]{{16,{MAX_KEY_LENGTH}}}", re.ASCII)


def form_key_of(given: str | None) -> str:
    """The key that was sent with the form, or a new one for an empty form."""
    return given if given and _KEY.fullmatch(given) else secrets.token_urlsafe(16)


class _DraftForm(VersionedForm):
    """`writer`: a number by chance, of this form as it was opened. See ideas.contributions.draft."""

    writer = WholeNumberField(
        widget=HiddenInput(), default=lambda: 2 + secrets.randbelow(MAX_ID - 2), validators=[Optional()]
    )

    @property
    def edit(self) -> dict[str, int | None]:
        """What tells whether another form saved the draft meanwhile. A form of an earlier page tells nothing."""
        is_told = self.version.raw_data is None or bool(self.version.raw_data)
        return {"seen": self.seen if is_told else None, "writer": self.writer.data}


class WithFieldsForm(WithFilesForm, PublicTextForm):
    """The form of an idea with the optional fields of its campaign, and files: see app.forms.contributions.fields."""

    def texts(self) -> Sequence[Field]:
        places = [control for control in controls(self) if isinstance(control, LineField)]
        return [*super().texts(), *places, *(control for _file, control in self.described_files())]


class SubmitIdeaForm(WithFieldsForm, _DraftForm):
    """`form_key` is made with the empty form, so that two clicks submit one idea."""

    title = LineField(
        _l("Title"), max_length=MAX_TITLE_LENGTH, description=_l("A few words help others find your idea.")
    )
    body = ParagraphField(
        _l("Your idea"),
        max_length=MAX_BODY_LENGTH,
        required=_l("This text is empty. Write something first."),
        description=_l("What would you change, for whom, and what would be better?"),
    )
    is_anonymous = BooleanField(_l("Send my idea anonymously"))
    form_key = HiddenField(filters=[form_key_of])


class KeepDraftForm(WithFilesForm, _DraftForm):
    """The fields of SubmitIdeaForm while someone writes: anything may still be missing."""

    title = LineField(_l("Title"), max_length=MAX_TITLE_LENGTH)
    body = ParagraphField(_l("Your idea"), max_length=MAX_BODY_LENGTH)
    is_anonymous = BooleanField(_l("Send my idea anonymously"))
    form_key = HiddenField(filters=[form_key_of])


class ReviseIdeaForm(WithFieldsForm, VersionedForm):
    title = LineField(_l("Title"), max_length=MAX_TITLE_LENGTH)
    body = ParagraphField(
        _l("Your idea"), max_length=MAX_BODY_LENGTH, required=_l("This text is empty. Write something first.")
    )

    @property
    def opened_with(self) -> int | None:
        """The version that was on the page; None for a form of an earlier page, which tells nothing."""
        return self.version.data if self.version.raw_data else None
