"""Ideas: submitted, kept as drafts, revised."""

import re
import secrets

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField

from app.forms.text import LineField, ParagraphField
from ideas.contributions.idea import MAX_BODY_LENGTH, MAX_KEY_LENGTH, MAX_TITLE_LENGTH

_KEY = re.compile(rf"[\w-]{{16,{MAX_KEY_LENGTH}}}", re.ASCII)


def form_key_of(given: str | None) -> str:
    """The key that was sent with the form, or a new one for an empty form."""
    return given if given and _KEY.fullmatch(given) else secrets.token_urlsafe(16)


class SubmitIdeaForm(FlaskForm):
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
    form_key = HiddenField(filters=[form_key_of])


class KeepDraftForm(FlaskForm):
    """The fields of SubmitIdeaForm while someone writes: anything may still be missing."""

    title = LineField(_l("Title"), max_length=MAX_TITLE_LENGTH)
    body = ParagraphField(_l("Your idea"), max_length=MAX_BODY_LENGTH)
    form_key = HiddenField(filters=[form_key_of])


class ReviseIdeaForm(FlaskForm):
    title = LineField(_l("Title"), max_length=MAX_TITLE_LENGTH)
    body = ParagraphField(
        _l("Your idea"), max_length=MAX_BODY_LENGTH, required=_l("This text is empty. Write something first.")
    )
