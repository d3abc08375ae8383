"""Fields for what people write: cleaned as it will be kept, and measured in the words of the rules."""

from typing import Any

from flask_babel import gettext
from wtforms import Field, Form, StringField, TextAreaField
from wtforms.validators import StopValidation

from app.web.rendering import translated
from ideas.errors import EmptyText, TooLong
from ideas.text import clean, clean_line


class Written:
    """Something must be there once spaces and invisible characters are gone."""

    def __init__(self, message: Any = None) -> None:
        self.message = message
        self.field_flags = {"required": True}

    def __call__(self, _form: Form, field: Field) -> None:
        if not field.data:
            raise StopValidation(str(self.message or gettext(EmptyText.message)))


class Fits:
    """No longer than the rules allow."""

    def __init__(self, max_length: int) -> None:
        self.max_length = max_length
        self.field_flags = {"maxlength": max_length}

    def __call__(self, _form: Form, field: Field) -> None:
        over = len(field.data or "") - self.max_length
        if over > 0:
            raise StopValidation(translated(TooLong(over=over, most=self.max_length)))


class LineField(StringField):
    """A text on one line."""

    def __init__(self, label: Any, *, max_length: int, required: Any = None, **options: Any) -> None:
        checks = [Written(required), Fits(max_length)] if required else [Fits(max_length)]
        super().__init__(label, validators=checks, filters=[lambda text: clean_line(text or "")], **options)


class ParagraphField(TextAreaField):
    """A text on several lines."""

    def __init__(self, label: Any, *, max_length: int, required: Any = None, **options: Any) -> None:
        checks = [Written(required), Fits(max_length)] if required else [Fits(max_length)]
        super().__init__(label, validators=checks, filters=[lambda text: clean(text or "")], **options)
