"""What acts give in a campaign, and whether it has standings."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectChoice, SelectField
from wtforms.validators import InputRequired, NumberRange

from app.forms.text import ParagraphField, WholeNumberField
from app.forms.versioned import VersionedForm
from app.web.pages.language import gettext as _
from ideas.activity.version import MAX_REASON_LENGTH
from ideas.recognition.facts import PointAct
from ideas.recognition.points import MAX_POINTS
from ideas.spaces.segment import Attribute


def _points(label: Any) -> WholeNumberField:
    objection = _l("Enter a whole number from 0 to %(most)s.", most=MAX_POINTS)
    return WholeNumberField(label, validators=[InputRequired(objection), NumberRange(0, MAX_POINTS, objection)])


def _number(value: Any) -> int:
    return int(value or 0)


class SetMotivationForm(VersionedForm):
    """A field for each act, by its name. `groups_by`: the id of an attribute, 0 for no groups."""

    idea = _points(_l("Points for an idea"))
    comment = _points(_l("Points for a comment"))
    support_given = _points(_l("Points for support given"))
    support_received = _points(_l("Points for support received"))
    adopted = _points(_l("Points for an idea in an accepted theme"))
    question_answered = _points(_l("Points for a question that the team answers"))
    has_standings = BooleanField(_l("Show who takes part most, in standings"))
    groups_by = SelectField(_l("Also compare groups by"), coerce=_number)
    change_reason = ParagraphField(_l("Why do you change it?"), max_length=MAX_REASON_LENGTH)

    def offer(self, attributes: Sequence[Attribute]) -> None:
        """Offer these attributes of members to compare groups by."""
        choices = [SelectChoice(0, _("None: no groups")), *(SelectChoice(one.id, one.name) for one in attributes)]
        self.groups_by.choices = choices

    @property
    def values(self) -> dict[PointAct, int]:
        """What each act gives."""
        return {act: self[act.value].data for act in PointAct}
