"""The winners of a contest, each with the reason why."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from app.forms.text import ParagraphField
from app.forms.versioned import VersionedForm
from ideas.activity.version import MAX_REASON_LENGTH
from ideas.contest.result import MAX_WORDS_LENGTH, ContestResult


class AnnounceWinnersForm(VersionedForm):
    """A field for each winner, `reason_` and the id of the idea: see `winners_form`."""

    words_to_others = ParagraphField(
        _l("To those whose ideas were not chosen"),
        max_length=MAX_WORDS_LENGTH,
        required=_l("Write to those whose ideas were not chosen: each of them gets these words."),
    )
    change_reason = ParagraphField(
        _l("Why do you correct the announcement?"),
        max_length=MAX_REASON_LENGTH,
        description=_l("Everyone can read this reason and the earlier announcement."),
    )

    @property
    def reasons(self) -> dict[int, str]:
        """In the order in which the winners were chosen."""
        return {int(name[7:]): self[name].data for name in self._fields if name.startswith("reason_")}


def winners_form(ideas: Sequence[int], result: ContestResult | None) -> AnnounceWinnersForm:
    """The form of these winners, by their ids, with what was announced before."""
    known: Mapping[int, str] = {one.idea_id: one.reason for one in result.winners} if result is not None else {}
    controls: dict[str, Any] = {
        f"reason_{idea_id}": ParagraphField(
            _l("Why it was chosen"),
            max_length=MAX_WORDS_LENGTH,
            required=_l("Say of each winner why it was chosen. Everyone can read it."),
        )
        for idea_id in ideas
    }
    written = {f"reason_{idea_id}": known.get(idea_id, "") for idea_id in ideas}
    if result is not None:
        written["words_to_others"] = result.words_to_others
    version = {"version": result.version if result is not None else 0}
    form: AnnounceWinnersForm = type("AnnounceWinnersForm", (AnnounceWinnersForm,), controls)(data=written | version)
    if result is None:
        del form.change_reason
    return form
