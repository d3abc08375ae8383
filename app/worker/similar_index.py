"""What ideas and answered themes mean, in the memory of the worker, so that the nearest to a text are found at once.

Every submitted idea is in it, also a withheld or withdrawn one: who may see which is asked of the database later, by
the page. Only numbers are kept, no text.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Lock

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database.sqlite import reading
from app.extensions import database
from clustering.arrays import Vectors, normalize_rows
from clustering.vectors.encoders import Encoder, embed_ideas
from clustering.vectors.similar import Similar
from ideas.answers.similar import answered_texts, answers_stamp
from ideas.campaigns.term import glossary_of
from ideas.contributions.idea import Idea, one_text

# Two texts that say nearly the same: measured on paraphrases (half of them above .57), translations (19 of 20 above
# .68) and texts about something else, whose nearest is below .42 in 19 of 20 cases.
MIN_COSINE = 0.5
# Two themes, each the mean of its name and its typical ideas. Of seven in French and seven of the same subjects in
# English, the same were at .63 to .83 (trains and buses at .51), all others below .49.
MIN_THEME_COSINE = 0.55
# The page leaves some out, such as the reader's own.
MAX_IDEAS, MAX_THEMES = 40, 5
# Of a theme: the page leaves out those of its own campaign, and those that the reader may not see.
MAX_NEAR_THEMES = 100
MAX_CACHED_CAMPAIGNS = 3
REFRESH_SECONDS = 5.0
# A campaign that nobody writes in is dropped after this time.
IDLE_SECONDS = 1_800.0
READ_AT_ONCE = 1_000
MAX_DEAD_SHARE = 0.2


class Rows:
    """Vectors by the id of what they belong to. A new vector for an id replaces the earlier one."""

    def __init__(self) -> None:
        self._similar: Similar | None = None
        self._ids = np.empty(0, dtype=np.int64)
        self._alive = np.empty(0, dtype=np.bool_)
        self._row_of: dict[int, int] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        """How many rows are held, also those that were replaced."""
        return len(self._ids)

    def put(self, ids: Sequence[int], vectors: Vectors) -> None:
        """`vectors`: (n, d), a row for each id."""
        with self._lock:
            start = len(self._ids)
            if self._similar is None:
                self._similar = Similar(vectors)
            else:
                self._similar.add(vectors)
            self._drop(ids)
            self._ids = np.concatenate([self._ids, np.asarray(ids, dtype=np.int64)])
            self._alive = np.concatenate([self._alive, np.ones(len(ids), dtype=np.bool_)])
            self._row_of.update(zip(ids, range(start, start + len(ids)), strict=True))
            if self._alive.mean() < 1 - MAX_DEAD_SHARE:
                self._compact()

    def drop(self, ids: Sequence[int]) -> None:
        with self._lock:
            self._drop(ids)

    def nearest(self, vector: Vectors, count: int, *, least: float = MIN_COSINE) -> list[int]:
        """The ids of at most `count` that are near, nearest first. `vector`: (d,)."""
        with self._lock:
            if self._similar is None:
                return []
            rows, cosines = self._similar.nearest(vector, count, among=self._alive)
            found: list[int] = self._ids[rows[cosines >= least]].tolist()
            return found

    def _drop(self, ids: Sequence[int]) -> None:
        self._alive[[row for row in (self._row_of.pop(one, None) for one in ids) if row is not None]] = False

    def _compact(self) -> None:
        if self._similar is not None:
            self._similar = Similar(self._similar.rows[self._alive].copy())
        self._ids = self._ids[self._alive]
        self._alive = np.ones(len(self._ids), dtype=np.bool_)
        self._row_of = {number: row for row, number in enumerate(self._ids.tolist())}


class CampaignIndex:
    """The ideas of one campaign. `complete`: all of them have been read once."""

    def __init__(self, campaign_id: int) -> None:
        self.rows = Rows()
        self.complete = False
        self.asked_at = time.monotonic()
        self.glossary: dict[str, str] = {}
        self._campaign_id = campaign_id
        self._known: dict[int, datetime] = {}
        self._stamp: object = None

    def refresh(self, session: Session, encoder: Encoder, *, stopped: Callable[[], bool]) -> None:
        """Read what is new or changed. No transaction is open while it computes. Raises ModelUnavailable."""
        of_campaign = (Idea.campaign_id == self._campaign_id) & Idea.submitted_at.is_not(None)
        with reading(session):
            facts = select(func.count(), func.max(Idea.updated_at), func.max(Idea.submitted_at), func.max(Idea.id))
            glossary = glossary_of(session, self._campaign_id)
            stamp = session.execute(facts.where(of_campaign)).one()
            if stamp == self._stamp and glossary == self.glossary:
                return
            if glossary != self.glossary:  # all of them mean something else
                self.rows, self._known, self.glossary, self.complete = Rows(), {}, glossary, False
                self._stamp = None  # else a refresh that is stopped, then the earlier glossary, would end here for good
            rows = session.execute(select(Idea.id, Idea.updated_at).where(of_campaign))
            today = {idea_id: updated_at for idea_id, updated_at in rows}  # noqa: C416 -- rows are no plain tuples
        gone = self._known.keys() - today.keys()
        self.rows.drop(list(gone))
        changed = sorted((one for one, at in today.items() if self._known.get(one) != at), reverse=True)
        self._known = {one: at for one, at in self._known.items() if one in today}
        for start in range(0, len(changed), READ_AT_ONCE):
            if stopped():
                return
            some = changed[start : start + READ_AT_ONCE]
            with reading(session):
                read = select(Idea.id, Idea.title, Idea.body).where(Idea.id.in_(some)).order_by(Idea.id.desc())
                texts = session.execute(read).all()
            self.rows.put(
                [idea_id for idea_id, _title, _body in texts],
                embed_ideas(encoder, [one_text(title, body) for _id, title, body in texts], glossary=glossary),
            )
            self._known.update((idea_id, today[idea_id]) for idea_id, _title, _body in texts)
        self._stamp, self.complete = stamp, True


class ThemeIndex:
    """All themes with a published answer: what their names and their typical ideas mean, on average."""

    def __init__(self) -> None:
        self.rows = Rows()
        self.complete = False
        self._stamp: object = None

    def refresh(self, session: Session, encoder: Encoder) -> None:
        """Read the themes again where an answer came or changed. Raises ModelUnavailable."""
        with reading(session):
            stamp = answers_stamp(session)
            if stamp == self._stamp:
                return
            found = answered_texts(session)
        rows = Rows()
        texts = [text for some in found.values() for text in some]
        if texts:
            vectors = embed_ideas(encoder, texts)
            ends = np.cumsum([len(some) for some in found.values()])[:-1]
            rows.put(list(found), np.stack([mean_of(part) for part in np.split(vectors, ends)]))
        self.rows, self._stamp, self.complete = rows, stamp, True


def mean_of(vectors: Vectors) -> Vectors:
    """What several texts mean on average: a unit row of (d,). `vectors`: (n, d)."""
    mean: Vectors = normalize_rows(vectors.mean(axis=0, keepdims=True))[0]
    return mean


class SimilarIndex:
    """The campaigns that people write in, and the answered themes. `encoder`: returns the one for texts to be kept."""

    def __init__(self, encoder: Callable[[], Encoder]) -> None:
        self._encoder = encoder
        self._campaigns: OrderedDict[int, CampaignIndex] = OrderedDict()
        self._themes = ThemeIndex()
        self._themes_are_asked_for = False
        self._lock = Lock()

    def nearest(self, campaign_id: int, vector: Vectors) -> tuple[list[int], list[int]] | None:
        """Ids of ideas and themes, nearest first. None until the campaign is read, which `refresh` does."""
        with self._lock:
            index = self._campaigns.get(campaign_id)
            if index is None:
                index = self._campaigns[campaign_id] = CampaignIndex(campaign_id)
            self._campaigns.move_to_end(campaign_id)
            index.asked_at = time.monotonic()
            while len(self._campaigns) > MAX_CACHED_CAMPAIGNS:
                self._campaigns.popitem(last=False)
        if not index.complete:
            return None
        return index.rows.nearest(vector, MAX_IDEAS), self._themes.rows.nearest(vector, MAX_THEMES)

    def near_themes(self, vector: Vectors) -> list[int] | None:
        """Ids of the answered themes that are near what a theme means, nearest first. None until they are read."""
        self._themes_are_asked_for = True
        if not self._themes.complete:
            return None
        return self._themes.rows.nearest(vector, MAX_NEAR_THEMES, least=MIN_THEME_COSINE)

    def glossary(self, campaign_id: int) -> dict[str, str]:
        """Meanings of the campaign's abbreviations, as its ideas were read."""
        with self._lock:
            index = self._campaigns.get(campaign_id)
            return index.glossary if index is not None else {}

    def refresh(self, *, stopped: Callable[[], bool]) -> None:
        """Bring all up to date, in an application context. Raises ModelUnavailable."""
        with self._lock:
            for campaign_id, index in list(self._campaigns.items()):
                if time.monotonic() - index.asked_at > IDLE_SECONDS:
                    del self._campaigns[campaign_id]
            asked = list(self._campaigns.values())
        if asked or self._themes_are_asked_for:
            self._themes.refresh(database(), self._encoder())
        for index in reversed(asked):  # the one asked for last comes first
            index.refresh(database(), self._encoder(), stopped=stopped)
