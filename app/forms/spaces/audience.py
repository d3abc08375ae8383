"""Whom a campaign is open to, and its guests."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
)
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from app.forms.campaigns.campaign import instant_field, instant_of
from app.forms.text import ParagraphField
from app.forms.versioned import VersionedForm
from app.web.pages.dates import local_input
from app.web.pages.language import gettext
from ideas.activity.version import MAX_REASON_LENGTH
from ideas.campaigns.audience import AudienceChoice, Stage
from ideas.spaces.audience import Audience
from ideas.spaces.segment import Attribute
from ideas.spaces.space import Space

LABELS = {
    Audience.PUBLIC: _l("Public"),
    Audience.MEMBERS: _l("Members"),
    Audience.SPACES: _l("Spaces"),
    Audience.SEGMENTS: _l("Profiles"),
    Audience.INVITED: _l("Guests only"),
}
STAGES = (1, 2)
# What a stage may open to: guests are admitted anyway.
_LATER = [
    SelectChoice("", _l("No later stage")),
    *(SelectChoice(each.value, LABELS[each]) for each in LABELS if each is not Audience.INVITED),
]


class ChecksField(SelectMultipleField):
    """Any number of choices, as boxes to select."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class AudienceForm(VersionedForm):
    """Number 0 is open from the announcement on; 1 and 2 are later stages."""

    audience_0 = RadioField(
        _l("Who can take part?"),
        choices=[SelectChoice(each.value, label) for each, label in LABELS.items()],
        validators=[InputRequired(_l("Choose who can take part."))],
    )
    open_to_visitors = BooleanField(_l("Visible without an account"))
    spaces_0 = ChecksField(_l("Spaces"), coerce=int)
    values_0 = ChecksField(_l("Profiles"), coerce=int)
    audience_1 = SelectField(_l("Second stage: also open to"), choices=_LATER, default="")
    opens_1 = instant_field(_l("Second stage: from"))
    spaces_1 = ChecksField(_l("Second stage: spaces"), coerce=int)
    values_1 = ChecksField(_l("Second stage: profiles"), coerce=int)
    audience_2 = SelectField(_l("Third stage: also open to"), choices=_LATER, default="")
    opens_2 = instant_field(_l("Third stage: from"))
    spaces_2 = ChecksField(_l("Third stage: spaces"), coerce=int)
    values_2 = ChecksField(_l("Third stage: profiles"), coerce=int)
    change_reason = ParagraphField(_l("Why do you change it?"), max_length=MAX_REASON_LENGTH)

    def offer(self, spaces: Sequence[Space], attributes: Sequence[Attribute]) -> None:
        """Set the spaces and the values to choose from."""
        for number in (0, *STAGES):
            self[f"spaces_{number}"].choices = [SelectChoice(space.id, space.name) for space in spaces]
            self[f"values_{number}"].choices = [
                SelectChoice(value.id, gettext("%(attribute)s: %(value)s", attribute=attribute.name, value=value.name))
                for attribute in attributes
                for value in attribute.values
            ]

    @property
    def choice(self) -> AudienceChoice:
        """What was chosen."""
        later = [self._stage(number) for number in STAGES if self[f"audience_{number}"].data]
        return AudienceChoice(self._stage(0), later, bool(self.open_to_visitors.data))

    def _stage(self, number: int) -> Stage:
        opens_at = instant_of(self[f"opens_{number}"]) if number else None
        return Stage(
            Audience(self[f"audience_{number}"].data),
            tuple(self[f"spaces_{number}"].data or ()),
            tuple(self[f"values_{number}"].data or ()),
            opens_at,
        )

    def field_of(self, stages: Sequence[Stage], name: str, is_wrong: Any) -> Field:
        """The field of this name in the first stage that is wrong, or in the first one."""
        numbers = [number for number, stage in enumerate(stages) if is_wrong(stage)]
        return self[f"{name}_{numbers[0] if numbers else 0}"]


def as_chosen(choice: AudienceChoice) -> dict[str, object]:
    """The audience as its form shows it, each field: what is not chosen too."""
    shown: dict[str, object] = {"audience_0": "", "open_to_visitors": choice.open_to_visitors}
    for number in (0, *STAGES):
        shown |= {f"audience_{number}": "", f"spaces_{number}": [], f"values_{number}": []}
        shown |= {f"opens_{number}": None} if number else {}
    for number, stage in enumerate((choice.first, *choice.later)):
        shown |= {
            f"audience_{number}": stage.audience.value,
            f"spaces_{number}": list(stage.spaces),
            f"values_{number}": list(stage.values),
        }
        if isinstance(stage.opens_at, datetime):
            shown[f"opens_{number}"] = local_input(stage.opens_at)
    return shown
