"""Fields for text, cleaned as it will be stored, and for numbers, with the rules' own sentences for errors."""

from typing import Any

from wtforms import Field, Form, IntegerField, StringField, TextAreaField
from wtforms.validators import StopValidation

from app.web.pages.language import gettext
from app.web.pages.rendering import translated
from ideas.base import MAX_ID
from ideas.errors import EmptyText, TooLong
from ideas.text import clean, clean_line


class NotEmpty:
    """Validator: the cleaned text is not empty."""

    def __init__(self, message: Any = None) -> None:
        self.message = message
        self.field_flags = {"required": True}

    def __call__(self, _form: Form, field: Field) -> None:
        if not field.data:
            raise StopValidation(str(self.message or gettext(EmptyText.message)))


class MaxLength:
    """Validator: the text has at most `max_length` characters."""

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
        checks = [NotEmpty(required), MaxLength(max_length)] if required else [MaxLength(max_length)]
        super().__init__(label, validators=checks, filters=[lambda text: clean_line(text or "")], **options)


class ParagraphField(TextAreaField):
    """A text on several lines."""

    def __init__(self, label: Any, *, max_length: int, required: Any = None, **options: Any) -> None:
        checks = [NotEmpty(required), MaxLength(max_length)] if required else [MaxLength(max_length)]
        super().__init__(label, validators=checks, filters=[lambda text: clean(text or "")], **options)


class WholeNumberField(IntegerField):
    """A whole number that the database can hold: WTForms' validators fail on numbers of hundreds of digits."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None and abs(self.data) > MAX_ID:
            self.data = None
            raise ValueError(self.gettext("Not a valid integer value."))
