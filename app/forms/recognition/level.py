"""What levels take and give."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField
from wtforms.validators import InputRequired, NumberRange

from app.forms.text import WholeNumberField
from app.forms.versioned import VersionedForm
from ideas.recognition.level import HIGHER, MAX_LEVEL_POINTS, MAX_MORE_SUPPORTS, Level, LevelRule


def _number(label: Any, least: int, most: int) -> WholeNumberField:
    objection = _l("Enter a whole number from %(least)s to %(most)s.", least=least, most=most)
    return WholeNumberField(label, validators=[InputRequired(objection), NumberRange(least, most, objection)])


class SetLevelsForm(VersionedForm):
    """Each level has five fields, such as `regular_points`."""

    regular_points = _number(_l("Points of a regular member"), 1, MAX_LEVEL_POINTS)
    regular_supports = _number(_l("More ideas to support than others"), 0, MAX_MORE_SUPPORTS)
    regular_reads_early = BooleanField(_l("Reads the briefs that are shown early"))
    regular_is_not_held = BooleanField(_l("Texts with a blocked word are published at once"))
    regular_may_volunteer = BooleanField(_l("May offer to help run campaigns"))
    trusted_points = _number(_l("Points of a trusted member"), 1, MAX_LEVEL_POINTS)
    trusted_supports = _number(_l("More ideas to support than others"), 0, MAX_MORE_SUPPORTS)
    trusted_reads_early = BooleanField(_l("Reads the briefs that are shown early"))
    trusted_is_not_held = BooleanField(_l("Texts with a blocked word are published at once"))
    trusted_may_volunteer = BooleanField(_l("May offer to help run campaigns"))

    @property
    def rules(self) -> dict[Level, LevelRule]:
        return {
            level: LevelRule(
                points=self[f"{level}_points"].data,
                supports=self[f"{level}_supports"].data,
                reads_early=bool(self[f"{level}_reads_early"].data),
                is_not_held=bool(self[f"{level}_is_not_held"].data),
                may_volunteer=bool(self[f"{level}_may_volunteer"].data),
            )
            for level in HIGHER
        }
