"""What finds the places of new ideas in a campaign, kept in memory from one job to the next."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy.orm import Session

from clustering.tracking.placing import NewIdea, Placer
from clustering.vectors.encoders import Encoder, embed_ideas
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.term import glossary_of
from ideas.themes.place_new_ideas import (
    FoundPlace,
    PlacedNeighbour,
    Stamp,
    WaitingIdea,
    count_placements,
    placed_neighbours,
)

# More ideas than this may not come or change before all are read again: the larger of a share of those known, a number.
MAX_CHANGED_SHARE, MAX_CHANGED_IDEAS = 0.05, 20
MAX_CACHED_CAMPAIGNS = 3


class CachedPlacer:
    """A Placer, with the id of the idea in each of its rows. `glossary`: the campaign's, with which they were read."""

    def __init__(self, stamp: Stamp, ideas: Sequence[PlacedNeighbour], glossary: Mapping[str, str]) -> None:
        self.stamp, self.ideas, self.glossary = stamp, ideas, glossary
        self._row_of = {idea.id: row for row, idea in enumerate(ideas)}
        self._outdated: set[int] = set()
        self._placer: Placer | None = None

    def is_stale(self, placed: int, revised: AbstractSet[int]) -> bool:
        """True where too many of the ideas that are `placed` now came, or were revised, since they were read."""
        return placed - len(self.ideas) + len(self._outdated | self._known(revised)) > _max_changed(self.ideas)

    def _known(self, idea_ids: AbstractSet[int]) -> AbstractSet[int]:
        return idea_ids & self._row_of.keys()

    def update(self, stamp: Stamp, ideas: Sequence[PlacedNeighbour]) -> bool:
        """Take over the themes where the ideas are now. False, and nothing is done, where too many ideas are others.

        Also where other ideas than before say the same as one another.
        """
        today = {idea.id: idea for idea in ideas}
        outdated = {idea.id for idea in self.ideas if idea.id not in today or today[idea.id].text != idea.text}
        if len(today.keys() - self._row_of.keys()) + len(outdated) > _max_changed(self.ideas):
            return False
        if any(idea.id not in outdated and today[idea.id].same_as != idea.same_as for idea in self.ideas):
            return False
        self.stamp, self._outdated = stamp, outdated
        self.ideas = [idea if idea.id in outdated else today[idea.id] for idea in self.ideas]
        if self._placer is not None:
            self._placer.label([idea.theme_id for idea in self.ideas])
        return True

    def leave_out(self, idea_ids: AbstractSet[int]) -> None:
        """Place no idea by these any more: they were revised."""
        self._outdated |= self._known(idea_ids)

    def find(self, waiting: Sequence[WaitingIdea], encoder: Encoder) -> dict[WaitingIdea, FoundPlace]:
        """The place of each idea. Raises ModelUnavailable."""
        if not waiting:
            return {}
        if self._placer is None:
            self._placer = self._read(encoder)
        without = frozenset(self._row_of[idea_id] for idea_id in self._outdated)
        vectors = embed_ideas(encoder, [idea.text for idea in waiting], glossary=self.glossary)
        found = {}
        for idea, vector in zip(waiting, vectors, strict=True):
            new = NewIdea(idea.text, idea.lang, idea.forbidden, placed=idea.theme_id if idea.kept else None)
            place = self._placer.place(vector, new, without)
            same_as = None if place.same_as is None else self.ideas[place.same_as].id
            found[idea] = FoundPlace(place, [self.ideas[row] for row in place.neighbours], same_as)
        return found

    def _read(self, encoder: Encoder) -> Placer:
        texts = [idea.text for idea in self.ideas]
        return Placer(
            embed_ideas(encoder, texts, glossary=self.glossary),
            texts,
            [idea.theme_id for idea in self.ideas],
            langs=[idea.lang for idea in self.ideas],
            same_as=[self._row_of.get(idea.same_as) if idea.same_as else None for idea in self.ideas],
            encoder=encoder,
            glossary=self.glossary,
        )


_cache: OrderedDict[int, CachedPlacer] = OrderedDict()


def forget_placers() -> None:
    """Read the texts of every campaign again from here on."""
    _cache.clear()


def cached_placer(session: Session, campaign: Campaign, stamp: Stamp, revised: AbstractSet[int]) -> CachedPlacer:
    """The campaign's placer: read again where the themes, the glossary or too many ideas changed.

    `revised`: the ideas that are to be placed again, by which no other is placed.
    """
    placer, glossary = _cache.pop(campaign.id, None), glossary_of(session, campaign.id)
    if placer is not None and placer.glossary != glossary:
        placer = None
    if placer is None or placer.stamp != stamp or placer.is_stale(count_placements(session, campaign), revised):
        ideas = placed_neighbours(session, campaign)
        if placer is None or not placer.update(stamp, ideas):
            placer = CachedPlacer(stamp, [idea for idea in ideas if idea.id not in revised], glossary)
    placer.leave_out(revised)
    _cache[campaign.id] = placer
    while len(_cache) > MAX_CACHED_CAMPAIGNS:
        _cache.popitem(last=False)
    return placer


def _max_changed(ideas: Sequence[PlacedNeighbour]) -> float:
    return max(MAX_CHANGED_IDEAS, MAX_CHANGED_SHARE * len(ideas))
