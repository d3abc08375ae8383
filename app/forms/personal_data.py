"""Forms whose texts become public: what is personal in them is shown to their writer, who decides."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField

from ideas.campaigns.campaign import Campaign
from ideas.personal_data.personal_data import Kind, find_personal_data, keeping, pieces, without


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A field's text in pieces, each with the kind of personal data that it is, or None."""

    label: str
    pieces: Sequence[tuple[str, Kind | None]]


class PublicTextForm(FlaskForm):
    """`kept`: what the page showed as personal. The button that was pressed says what becomes of it.

    The names of the buttons' values are those of `macros/personal_data.html`.
    """

    kept = HiddenField()
    # Set where the texts hold something personal: what the page shows.
    marked: Sequence[MarkedText] = ()
    is_health = False

    def agreed(self) -> str:
        """What its writer agrees to publish, as `check_personal_data` takes it. Empty where they don't say so."""
        return self.kept.data or "" if request.form.get("act") == "knowingly" else ""

    def leave_out(self, campaign: Campaign | None = None) -> None:
        """Take what is personal out of the texts, if their writer asks for it. `campaign`: None for a text of none."""
        self.is_health = campaign is not None and campaign.is_health
        if request.form.get("act") == "without" and self.leaves_text:
            for field in self.texts():
                field.data = self._without(field)

    def mark(self) -> None:
        """Have the page show what is personal in each text. `refuse` calls it."""
        self.marked = [self._marked(field) for field in self.texts()]
        self.kept.data = keeping([field.data for field in self.texts()], health=self.is_health)

    @property
    def leaves_text(self) -> bool:
        """True if something to publish is left without what is personal."""
        main = self["body"] if "body" in self else self.texts()[-1]
        return bool(self._without(main))

    def texts(self) -> Sequence[Field]:
        return [self[name] for name in ("title", "body") if name in self]

    def _without(self, field: Field) -> str:
        return without(field.data, find_personal_data(field.data, health=self.is_health))

    def _marked(self, field: Field) -> MarkedText:
        spans = find_personal_data(field.data, health=self.is_health)
        return MarkedText(str(field.label.text), pieces(field.data, spans) if spans else [])
