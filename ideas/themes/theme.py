"""Groups of convergent ideas, found by the pipeline: a theme keeps its identity from run to run."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Select, String, Text, bindparam, false, select, text, true
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from clustering.types import Apart, ThemeWarning
from ideas.base import Base
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.people.team import campaign_visible_to, themes_readable_by
from ideas.people.person import Person
from ideas.search import Searchable
from ideas.themes.stored import APART, LANGUAGES, OTHER_NAMES, WARNINGS, Languages, OtherNames

MAX_NAME_LENGTH = 80
MAX_NEIGHBOURS = 4  # named on the page of a theme


class Theme(Searchable, Base):
    """A theme keeps its row, and so its identity, from run to run; a retired one is kept for undo and history.

    `touched`: a person named, merged or split it, so no run drops it; nor one that holds an idea placed by a person, or
    where a person forbade one. `family`: its place in ThemeRun.families; `parts`: of its sub-themes in ThemeRun.tree;
    both of the latest run. `languages`: empty where they are not known. `apart`: what separates it from the nearest
    theme: see `apart_of`. `other_names`: in other languages of its ideas, see `FoundTheme`. `definition`: a sentence of
    one of its ideas, empty where none says what they have in common; it stays while an idea says it, until a run finds
    another. `warnings`: see ThemeCard.warnings. `measured`: what is
    stored of its ideas describes those of today, but for a few new ones; else it is cleared until ideas.themes.refresh
    has it measured. `version`: raised by each edit and run that changes the theme. `shape`: the version that put its
    present ideas together; undoing brings the earlier one back. `reshaped_by_people`: a person moved an idea into it
    or out of it at some time, also where that was undone.
    """

    __tablename__ = "theme"
    searched = ("given_name", "found_name", "other_names", "phrases")

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    found_name: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH * 2), default="")
    given_name: Mapped[str | None] = mapped_column(String(MAX_NAME_LENGTH))
    other_names: Mapped[OtherNames] = mapped_column(OTHER_NAMES, default=(), server_default="[]")
    phrases: Mapped[list[Any]] = mapped_column(default=list)
    exemplars: Mapped[list[Any]] = mapped_column(default=list)
    definition: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    cohesion: Mapped[float] = mapped_column(default=0.0)
    x: Mapped[float] = mapped_column(default=0.5)
    y: Mapped[float] = mapped_column(default=0.5)
    family: Mapped[int] = mapped_column(default=0, server_default="0")
    parts: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    languages: Mapped[Languages] = mapped_column(LANGUAGES, default=(), server_default="[]")
    apart: Mapped[Apart | None] = mapped_column(APART)
    warnings: Mapped[tuple[ThemeWarning, ...]] = mapped_column(WARNINGS, default=(), server_default="[]")
    measured: Mapped[bool] = mapped_column(default=True, server_default=true())
    touched: Mapped[bool] = mapped_column(default=False, server_default=false())
    reshaped_by_people: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    shape: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    campaign: Mapped[Campaign] = relationship()

    @property
    def name(self) -> str:
        return self.given_name or self.found_name

    def name_in(self, language: str) -> str:
        """The name for who reads in a language: a person's holds for all, else that in the words of its ideas there."""
        return self.given_name or dict(self.other_names or ()).get(language) or self.found_name

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that some reader sees."""
        found = () if self.given_name else (name for _, name in self.other_names or ())
        return tuple(name for name in (self.name, *found) if name)

    @staticmethod
    def searched_text(*values: Any) -> str:
        """Every name that is shown to some reader, and the key phrases."""
        given_name, found_name, other_names, phrases = values
        names = [given_name] if given_name else [found_name, *(name for _, name in other_names or ())]
        return "\n".join([*names, *(phrases or [])])

    @property
    def keeps_name(self) -> bool:
        """True where no run gives it another name: a person named it, or merged or split it under the name it had."""
        return self.given_name is not None or (self.touched and self.found_name != "")


def theme_visible_to(person: Person | None) -> ColumnElement[bool]:
    """SQL condition: the theme is active, in a campaign that this person may see, and they may read its themes."""
    readable = select(Campaign.id).where(campaign_visible_to(person), themes_readable_by(person))
    return Theme.retired_at.is_(None) & Theme.campaign_id.in_(readable)


def active_themes(session: Session, campaign: Campaign) -> Sequence[Theme]:
    """The themes that are neither merged away nor gone in a later run, oldest first."""
    return session.scalars(_active_themes_query(), {"campaign_id": campaign.id}).all()


def themes_by_id(session: Session, campaign: Campaign, ids: Collection[int]) -> Sequence[Theme]:
    """Those of the campaign's themes that have these ids, also retired ones."""
    chosen = select(Theme).where(Theme.campaign_id == campaign.id, Theme.id.in_(ids)).order_by(Theme.id)
    return session.scalars(chosen).all()


@cache  # building the query takes longer than running it
def _active_themes_query() -> Select[Theme]:
    return (
        select(Theme)
        .where(Theme.campaign_id == bindparam("campaign_id"), Theme.retired_at.is_(None))
        .order_by(Theme.id)
    )


def raise_shape(theme: Theme) -> None:
    """Raise the theme's version and shape: its ideas, or what a run found of them, are others than before."""
    theme.version = theme.shape = (theme.version or 1) + 1  # a new theme has no version before it is stored


def mark_reshaped(theme: Theme) -> None:
    """Mark that the theme has other ideas, and clear what was stored of those that it had.

    Its size, its typical ideas and the warning about its size are always those of today.
    """
    raise_shape(theme)
    theme.measured, theme.apart, theme.warnings, theme.languages = False, None, (), ()
    theme.phrases, theme.exemplars, theme.parts = [], [], []


def apart_of(theme: Theme, themes: Iterable[Theme]) -> Apart | None:
    """What separates a theme from its nearest among `themes`, where both are still as a run measured them."""
    apart = theme.apart
    measured = {other.id for other in themes if other.measured}
    return apart if apart is not None and theme.measured and apart.theme in measured else None


def neighbours_of(theme: Theme, themes: Iterable[Theme]) -> list[Theme]:
    """The themes next to it on the map, nearest first: at most MAX_NEIGHBOURS. Whoever reads themes may read them."""

    def distance(other: Theme) -> float:
        return math.hypot(other.x - theme.x, other.y - theme.y)

    others = (other for other in themes if other.id != theme.id)
    return sorted(others, key=lambda other: (distance(other), other.id))[:MAX_NEIGHBOURS]


def languages_together(counts: Mapping[int, int], themes: Mapping[int, Theme], sizes: Mapping[Any, int]) -> Languages:
    """The shares of languages among ideas, `counts` of which come from each of these themes of these sizes.

    Empty where they are not known: see `languages_of_some`.
    """
    shares: dict[str, float] = {}
    for theme_id, count in counts.items():
        theme = themes[theme_id]
        languages = theme.languages if count == sizes[theme_id] else languages_of_some(theme)
        if not languages:
            return ()
        for code, share in languages:
            shares[code] = shares.get(code, 0.0) + share * count
    total = sum(shares.values())
    return tuple((code, round(share / total, 4)) for code, share in sorted(shares.items(), key=lambda item: -item[1]))


def languages_of_some(theme: Theme) -> Languages:
    """The languages of some of a theme's ideas: they are known only where all of the theme is in one."""
    return theme.languages if len(theme.languages) == 1 else ()
