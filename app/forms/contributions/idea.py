"""What a person proposes, as its page asks for it."""

import re
import secrets

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField

from app.forms.text import LineField, ParagraphField
from ideas.contributions.idea import BODY_MOST, KEY_MOST, TITLE_MOST

_KEY = re.compile(rf"[\w-]{{16,{KEY_MOST}}}", re.ASCII)


def _key(given: str | None) -> str:
    """The key that came back with the form; a new one for an empty form."""
    return given if given and _KEY.fullmatch(given) else secrets.token_urlsafe(16)


class SubmitIdeaForm(FlaskForm):
    """`form_key` is made with the empty form, so that a double click submits once."""

    title = LineField(_l("Title"), most=TITLE_MOST, description=_l("A few words, if you like: others find it sooner."))
    body = ParagraphField(
        _l("Your idea"),
        most=BODY_MOST,
        required=_l("Write something first: this text is empty."),
        description=_l("What would you change, for whom, and what would be better then?"),
    )
    form_key = HiddenField(filters=[_key])


class KeepDraftForm(FlaskForm):
    """The same fields as they are while one writes: anything may still be missing."""

    title = LineField(_l("Title"), most=TITLE_MOST)
    body = ParagraphField(_l("Your idea"), most=BODY_MOST)
    form_key = HiddenField(filters=[_key])


class ReviseIdeaForm(FlaskForm):
    title = LineField(_l("Title"), most=TITLE_MOST)
    body = ParagraphField(_l("Your idea"), most=BODY_MOST, required=_l("Write something first: this text is empty."))
