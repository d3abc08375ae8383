"""What a juror gives to an entry."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired, NumberRange

from app.forms.text import ParagraphField, WholeNumberField
from app.forms.versioned import VersionedForm
from ideas.activity.version import MAX_REASON_LENGTH
from ideas.contest.contest import Criterion
from ideas.contest.judging import Judgement
from ideas.contest.note import MAX_NOTE_LENGTH


class ScoreForm(VersionedForm):
    """A field for each criterion, `score_` and its id: see `score_form`."""

    change_reason = ParagraphField(_l("Why do you change your scores?"), max_length=MAX_REASON_LENGTH)

    @property
    def scores(self) -> dict[int, int]:
        return {int(name[6:]): self[name].data for name in self._fields if name.startswith("score_")}


class DeclareConflictForm(VersionedForm):
    interest = ParagraphField(
        _l("Your link with this idea or its authors"),
        max_length=MAX_REASON_LENGTH,
        required=_l("Say which link you have. The jury and the campaign team can read it."),
    )


class AddNoteForm(VersionedForm):
    body = ParagraphField(
        _l("Note to the jury"), max_length=MAX_NOTE_LENGTH, required=_l("Write your note to the jury first.")
    )


def score_form(criteria: Sequence[Criterion], highest: int, given: Judgement | None) -> ScoreForm:
    """The form of an entry, with what the juror gave before."""
    objection = _l("Enter a whole number from 0 to %(most)s.", most=highest)
    controls: dict[str, Any] = {
        f"score_{one.id}": WholeNumberField(
            one.name, validators=[InputRequired(objection), NumberRange(0, highest, objection)]
        )
        for one in criteria
    }
    written = as_given(criteria, given) | {"version": given.version if given is not None else 0}
    form: ScoreForm = type("ScoreForm", (ScoreForm,), controls)(data=written)
    return form


def as_given(criteria: Sequence[Criterion], given: Judgement | None) -> dict[str, Any]:
    """What the juror gave before, as the form shows it."""
    scores = given.by_criterion if given is not None else {}
    return {f"score_{one.id}": scores.get(one.id) for one in criteria}
