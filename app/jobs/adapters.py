"""What the domain and the pipeline tell each other, each in its own words. Light: any process may import it."""

from clustering.types import Previous
from ideas.themes.run import Standing


def previous_of(before: Standing) -> Previous:
    """The standing of the ideas by the pipeline's keys: their ids, written out."""
    return Previous(
        theme_of={str(idea_id): theme_id for idea_id, theme_id in before.theme_of.items()},
        positions=before.positions,
        placed={str(idea_id): theme_id for idea_id, theme_id in before.placed.items()},
        kept=before.kept,
        next_id=before.next_id,
        outliers=frozenset(str(idea_id) for idea_id in before.outliers),
        forbidden={str(idea_id): frozenset(theme_ids) for idea_id, theme_ids in before.forbidden.items()},
    )
