"""The phases of a campaign."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field

from app.forms.campaigns.campaign import instant_field, instant_of
from app.forms.text import LineField, ParagraphField
from app.forms.versioned import VersionedForm
from app.web.pages.dates import local_input
from ideas.activity.version import MAX_REASON_LENGTH
from ideas.campaigns.phases.edit import MAX_PHASE_NAME_LENGTH, MAX_PHASES, PhaseWithoutDates
from ideas.campaigns.phases.phase import CampaignPhase, PhaseAct

PARTS = ("name", "starts_at", "ends_at", *PhaseAct)


class SetPhasesForm(VersionedForm):
    """Phases are `name_0`, `starts_at_0`, `ends_at_0`, `write_0` and so on. One without a name is left out."""

    change_reason = ParagraphField(_l("Why do you change it?"), max_length=MAX_REASON_LENGTH)

    @property
    def rows(self) -> list[dict[str, Field]]:
        """The controls of each phase, by their names without the number."""
        return [{part: self[f"{part}_{number}"] for part in PARTS} for number in range(MAX_PHASES)]

    def named_rows(self) -> list[int]:
        """The numbers of the rows that say something."""
        return [number for number, row in enumerate(self.rows) if row["name"].data]

    @property
    def phases(self) -> list[CampaignPhase]:
        """Raises PhaseWithoutDates."""
        found: list[CampaignPhase] = []
        for place, number in enumerate(self.named_rows()):
            row = self.rows[number]
            starts_at, ends_at = instant_of(row["starts_at"]), instant_of(row["ends_at"])
            if starts_at is None or ends_at is None:
                raise PhaseWithoutDates(place)
            may = frozenset(act for act in PhaseAct if row[act].data)
            found.append(CampaignPhase(row["name"].data, starts_at, ends_at, may))
        return found


for _number in range(MAX_PHASES):
    setattr(SetPhasesForm, f"name_{_number}", LineField(_l("Name"), max_length=MAX_PHASE_NAME_LENGTH))
    setattr(SetPhasesForm, f"starts_at_{_number}", instant_field(_l("From")))
    setattr(SetPhasesForm, f"ends_at_{_number}", instant_field(_l("Until")))
    setattr(SetPhasesForm, f"write_{_number}", BooleanField(_l("Write ideas")))
    setattr(SetPhasesForm, f"support_{_number}", BooleanField(_l("Support ideas")))
    setattr(SetPhasesForm, f"comment_{_number}", BooleanField(_l("Comment on ideas")))


def phases_as_written(phases: Sequence[CampaignPhase]) -> dict[str, Any]:
    """What is stored, by the names of the form's fields."""
    found: dict[str, Any] = {}
    for number, one in enumerate(phases):
        found |= {f"name_{number}": one.name, f"starts_at_{number}": local_input(one.starts_at)}
        found |= {f"ends_at_{number}": local_input(one.ends_at)}
        found |= {f"{act}_{number}": act in one.may for act in PhaseAct}
    return found
