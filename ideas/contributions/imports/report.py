"""What an import did: how many ideas it added, how many were there, which rows were refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from ideas.contributions.imports.row import RefusedRow
from ideas.personal_data.rows import PersonalReport

# Rows that were refused are listed up to this number; of the others only the count is shown.
MAX_LISTED_REFUSALS = 500


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with `dry_run` would do.

    `changed`: rows with the identifier of an idea that is there, and another text. `off`: rows that the other tool had
    taken off its page, which are left out. `personal`: the rows with personal data; those that were left out because of
    them are not in `added`. `misfits`: what is left out of added ideas, since it does not fit the field of the form.
    """

    added: int
    known: int
    refused: Sequence[RefusedRow]
    refused_total: int
    changed: int = 0
    off: int = 0
    misfits: int = 0
    personal: PersonalReport = field(default_factory=PersonalReport)

    @classmethod
    def empty(cls) -> Self:
        return cls(added=0, known=0, refused=(), refused_total=0)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        figures = {
            name: stored.get(name, 0) for name in ("added", "known", "changed", "off", "misfits", "refused_total")
        }
        refused = [RefusedRow(**row) for row in stored["refused"]]
        return cls(**figures, refused=refused, personal=PersonalReport.from_json(stored.get("personal", {})))

    def plus(self, other: Self) -> Self:
        """Both together, with at most MAX_LISTED_REFUSALS refused rows listed."""
        return replace(
            self,
            added=self.added + other.added,
            known=self.known + other.known,
            changed=self.changed + other.changed,
            off=self.off + other.off,
            misfits=self.misfits + other.misfits,
            refused=[*self.refused, *other.refused][:MAX_LISTED_REFUSALS],
            refused_total=self.refused_total + other.refused_total,
            personal=self.personal.plus(other.personal),
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "added": self.added,
            "known": self.known,
            "changed": self.changed,
            "off": self.off,
            "misfits": self.misfits,
            "refused_total": self.refused_total,
            "personal": self.personal.as_json(),
            "refused": [{"line": row.line, "reason": row.reason, "values": row.values} for row in self.refused],
        }
