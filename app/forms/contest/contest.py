"""What the jury of a contest scores by, and until when."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from app.forms.campaigns.campaign import instant_field, instant_of
from app.forms.text import LineField, WholeNumberField
from app.forms.versioned import VersionedForm
from app.web.pages.dates import local_input
from ideas.contest.contest import MAX_CRITERIA, MAX_CRITERION_LENGTH, SCALES, Contest, ContestText


class SetUpContestForm(VersionedForm):
    """Criteria are `name_0`, `weight_0` and so on. One without a name is left out."""

    several_winners = RadioField(
        _l("Winners"),
        choices=[SelectChoice("one", _l("One winner")), SelectChoice("several", _l("Several winners"))],
        default="one",
    )
    only_shortlist = RadioField(
        _l("Entries"),
        choices=[SelectChoice("all", _l("All ideas")), SelectChoice("shortlist", _l("The ideas of a shortlist"))],
        default="all",
    )
    highest_score = RadioField(_l("Scale"), coerce=int, choices=[SelectChoice(one, str(one)) for one in SCALES])
    hides_authors = BooleanField(_l("Hide the authors from the jury"))
    scores_due_at = instant_field(_l("Last moment for the scores"))

    @property
    def criteria(self) -> list[tuple[Field, Field]]:
        """The controls of each criterion: its name and its weight."""
        return [(self[f"name_{number}"], self[f"weight_{number}"]) for number in range(MAX_CRITERIA)]

    @property
    def text(self) -> ContestText:
        return ContestText(
            criteria=[(name.data, weight.data or 0) for name, weight in self.criteria if name.data],
            several_winners=self.several_winners.data == "several",
            only_shortlist=self.only_shortlist.data == "shortlist",
            hides_authors=bool(self.hides_authors.data),
            highest_score=self.highest_score.data,
            scores_due_at=instant_of(self.scores_due_at),
        )


for _number in range(MAX_CRITERIA):
    setattr(SetUpContestForm, f"name_{_number}", LineField(_l("Criterion"), max_length=MAX_CRITERION_LENGTH))
    setattr(SetUpContestForm, f"weight_{_number}", WholeNumberField(_l("Weight"), default=1, validators=[Optional()]))


class MoveDateForm(VersionedForm):
    """All that changes once the scoring has begun."""

    scores_due_at = instant_field(_l("Last moment for the scores"))


def as_set_up(contest: Contest | None, criteria: Any) -> dict[str, Any]:
    """The contest as its form shows it."""
    text = contest or ContestText()
    written: dict[str, Any] = {
        "several_winners": "several" if text.several_winners else "one",
        "only_shortlist": "shortlist" if text.only_shortlist else "all",
        "highest_score": text.highest_score,
        "hides_authors": text.hides_authors,
        "scores_due_at": local_input(text.scores_due_at),
    }
    for number, criterion in enumerate(criteria):
        written |= {f"name_{number}": criterion.name, f"weight_{number}": criterion.weight}
    return written
