"""What a person wants by mail, when, and how often a digest."""

from collections.abc import Sequence
from datetime import time
from typing import Any

from babel.dates import get_day_names
from flask_babel import format_time, get_locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, RadioField, SelectChoice, SelectField, SelectMultipleField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.text.notices.notice import kind_label
from app.text.notices.subjects import kinds_by_subject
from app.web.pages.language import gettext as _
from ideas.outreach.limits.holidays import NO_HOLIDAYS, countries, country_of
from ideas.outreach.limits.hours import WEEK, Frequency, Hours, MailChoice
from ideas.outreach.notice import BY_MAIL, NoticeKind
from ideas.spaces.space import Space

_END_OF_DAY = 24
# What the list of countries sends for the country of one's zone, and for none.
OF_ZONE, NO_COUNTRY = "zone", "none"


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
    learns = BooleanField(_l("Learn my hours from when I do something here"))
    country = SelectField(_l("No emails on public holidays of"))
    quiet_from = DateField(_l("First quiet day"), validators=[Optional()])
    quiet_until = DateField(_l("Last quiet day"), validators=[Optional()])
    kinds = SelectMultipleField(
        _l("What to email me about"),
        coerce=NoticeKind,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    spaces = SelectMultipleField(
        _l("Newsletters and workshops of these spaces"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def __init__(
        self,
        *,
        chosen: list[NoticeKind],
        hours: Hours,
        digest: Frequency,
        choice: MailChoice | None,
        zone: str,
        spaces: Sequence[tuple[Space, bool]],
    ) -> None:
        """`hours`: those that the person chose, whatever was learnt. `choice`: their other choices; None for none.
        `spaces`: with whether their mails come.
        """
        kept: dict[str, Any] = {
            "first_hour": hours.first_hour,
            "last_hour": hours.last_hour,
            "days": sorted(hours.days),
            "learns": choice is not None and choice.learns,
            "country": OF_ZONE if choice is None or choice.country is None else choice.country or NO_COUNTRY,
            "quiet_from": choice.quiet_from if choice is not None else None,
            "quiet_until": choice.quiet_until if choice is not None else None,
        }
        on = [space.id for space, is_on in spaces if is_on]
        super().__init__(data={"kinds": chosen, "digest": digest, "spaces": on, **kept})
        self.spaces.choices = [SelectChoice(space.id, space.name) for space, _on in spaces]
        if not spaces:
            del self.spaces
        self.kinds.choices = [SelectChoice(kind.value, kind_label(kind)) for kind in BY_MAIL]
        self.first_hour.choices = [SelectChoice(hour, _hour(hour)) for hour in range(_END_OF_DAY)]
        self.last_hour.choices = [SelectChoice(hour, _hour(hour)) for hour in range(1, _END_OF_DAY + 1)]
        names = get_day_names("wide", locale=get_locale())
        self.days.choices = [SelectChoice(number, names[number].capitalize()) for number in WEEK]
        self.country.choices = _countries(zone)

    def by_subject(self) -> list[tuple[str, list[Any]]]:
        """The boxes of the kinds under the heading of their subject."""
        boxes = {box.data: box for box in self.kinds}
        return [(subject, [boxes[kind] for kind in kinds]) for subject, kinds in kinds_by_subject()]

    @property
    def chosen_country(self) -> str | None:
        """As `choose_quiet` takes it."""
        return {OF_ZONE: None, NO_COUNTRY: NO_HOLIDAYS}.get(self.country.data, self.country.data)


def _hour(hour: int) -> str:
    """An hour as the reader writes it. It is one of their own days, not an instant."""
    return str(format_time(time(hour % _END_OF_DAY), "short", rebase=False))


def _countries(zone: str) -> list[SelectChoice]:
    """The country of this zone first, then none, then every country by its name in the reader's language."""
    names = get_locale().territories
    known = sorted((names.get(code, code), code) for code in countries())
    of_zone = country_of(zone)
    here = _("My time zone’s country (%(country)s)", country=names.get(of_zone, of_zone)) if of_zone else ""
    return [
        SelectChoice(OF_ZONE, here or _("My time zone’s country (unknown: no holidays)")),
        SelectChoice(NO_COUNTRY, _("None: holidays too")),
        *(SelectChoice(code, name) for name, code in known),
    ]
