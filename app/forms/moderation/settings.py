"""What waits for a moderator."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField

from app.forms.text import ParagraphField
from ideas.moderation.settings import MAX_WORD_LENGTH
from ideas.organisation.blocked_words import MAX_WORDS


class HoldForm(FlaskForm):
    first_post_held = BooleanField(
        _l("Hold the first text of each new member"),
        description=_l("It is published once a moderator has read it. The next ones are published at once."),
    )
    blocked_words = ParagraphField(
        _l("Blocked words"),
        max_length=MAX_WORDS * MAX_WORD_LENGTH,
        description=_l(
            "One a line. A text with one of them waits for a moderator; it is never refused. "
            "Accents, capitals, spaces between the letters and digits for letters make no difference."
        ),
    )
