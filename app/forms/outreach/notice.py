"""What a person wants by mail, when, and how often a digest."""

from datetime import time
from typing import Any

from babel.dates import get_day_names
from flask_babel import format_time, get_locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice, SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from app.text.notices.notice import kind_label
from ideas.outreach.limits.hours import WEEK, Frequency, Hours
from ideas.outreach.notice import BY_MAIL, NoticeKind

_END_OF_DAY = 24


class ChooseMailForm(FlaskForm):
    digest = RadioField(
        _l("Digest of what is new"),
        coerce=Frequency,
        choices=[
            SelectChoice(Frequency.WEEKLY.value, _l("Once a week")),
            SelectChoice(Frequency.DAILY.value, _l("Every day")),
            SelectChoice(Frequency.NONE.value, _l("Never")),
        ],
    )
    first_hour = SelectField(_l("Emails from"), coerce=int)
    last_hour = SelectField(_l("Until"), coerce=int)
    days = SelectMultipleField(
        _l("Days"), coerce=int, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    kinds = SelectMultipleField(
        _l("What to email me about"),
        coerce=NoticeKind,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def __init__(self, *, chosen: list[NoticeKind], hours: Hours, digest: Frequency) -> None:
        kept: dict[str, Any] = {
            "first_hour": hours.first_hour,
            "last_hour": hours.last_hour,
            "days": sorted(hours.days),
        }
        super().__init__(data={"kinds": chosen, "digest": digest, **kept})
        self.kinds.choices = [SelectChoice(kind.value, kind_label(kind)) for kind in BY_MAIL]
        self.first_hour.choices = [SelectChoice(hour, _hour(hour)) for hour in range(_END_OF_DAY)]
        self.last_hour.choices = [SelectChoice(hour, _hour(hour)) for hour in range(1, _END_OF_DAY + 1)]
        names = get_day_names("wide", locale=get_locale())
        self.days.choices = [SelectChoice(number, names[number].capitalize()) for number in WEEK]


def _hour(hour: int) -> str:
    """An hour as the reader writes it. It is one of their own days, not an instant."""
    return str(format_time(time(hour % _END_OF_DAY), "short", rebase=False))
