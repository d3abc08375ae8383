"""Writing an idea for a person who has no account."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField

from app.forms.contributions.idea import WithFieldsForm, form_key_of
from app.forms.text import LineField, ParagraphField
from ideas.contributions.idea import MAX_BODY_LENGTH, MAX_TITLE_LENGTH
from ideas.people.person import MAX_EMAIL_LENGTH, MAX_NAME_LENGTH


class WriteForForm(WithFieldsForm):
    """`form_key` is made with the empty form, so that two clicks publish one idea."""

    name = LineField(
        _l("Name of the person"),
        max_length=MAX_NAME_LENGTH,
        required=_l("Enter the name of the person, as they want it to be read."),
        description=_l("Everyone who reads the idea reads this name, so ask the person first."),
    )
    email = LineField(
        _l("Email address of the person"),
        max_length=MAX_EMAIL_LENGTH,
        description=_l("It stays private. It can invite the person to claim the idea, if they agreed below."),
    )
    with_agreed = BooleanField(
        _l("This person agreed to get emails about their idea"),
        description=_l(
            "Tick this only if they said so. They can be invited to claim the idea, and get its answers, what comes of "
            "it and the winners of a contest. Each email has a link to get no other. This needs their address."
        ),
    )
    title = LineField(_l("Title"), max_length=MAX_TITLE_LENGTH)
    body = ParagraphField(
        _l("The idea"), max_length=MAX_BODY_LENGTH, required=_l("This text is empty. Write something first.")
    )
    form_key = HiddenField(filters=[form_key_of])
