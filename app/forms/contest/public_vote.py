"""A public vote: for how many entries, between which instants."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired

from app.forms.campaigns.campaign import instant_field
from app.forms.text import ParagraphField, WholeNumberField
from app.forms.versioned import VersionedForm
from app.web.pages.dates import local_input
from ideas.activity.version import MAX_REASON_LENGTH
from ideas.contest.public_vote.public_vote import PublicVote


class SetPublicVoteForm(VersionedForm):
    choices = WholeNumberField(
        _l("Number of entries that each person may vote for"), validators=[InputRequired(_l("Enter a whole number."))]
    )
    opens_at = instant_field(_l("From"))
    closes_at = instant_field(_l("Until"))
    change_reason = ParagraphField(_l("Why do you change it?"), max_length=MAX_REASON_LENGTH)


def vote_as_written(vote: PublicVote | None) -> dict[str, Any]:
    """What is stored, by the names of the form's fields."""
    if vote is None:
        return {"choices": 3, "version": 0}
    dates = {name: local_input(getattr(vote, name)) for name in ("opens_at", "closes_at")}
    return {"choices": vote.choices, "version": vote.version} | dates
