import pytest

from clustering.types import Leftover
from ideas.themes.theme import active_themes
from tests.runs import apply_run, found_theme, placed_idea, run_result


@pytest.fixture
def grouped(session, closed_campaign, make_ideas, charlie, now):
    """The closed campaign grouped: themes of two ideas each, one outlier, one idea ambiguous between the first two."""

    def group(themes=2, campaign=closed_campaign, *, too_few=False):
        texts = [{"body": f"Body {number}", "title": f"Idea {number}"} for number in range(2 * themes)]
        texts += [{"body": "Outlier idea"}, {"body": "Ambiguous idea"}]
        *ideas, outlier, ambiguous = make_ideas(campaign, charlie, texts)
        found = [
            found_theme(number, f"Name {number}", [f"phrase {number}"], [], 0.4, number / (themes + 1), 0.5)
            for number in range(1, themes + 1)
        ]
        placed = [
            placed_idea(idea.id, 1 + place // 2, None, 0.8, [(1 + place // 2, 0.8), (1, 0.5)], 0.5, 0.5)
            for place, idea in enumerate(ideas)
        ]
        placed.append(placed_idea(outlier.id, None, Leftover.OUTLIER, 0.0, [], 0.1, 0.1))
        near = [(found.id, 0.5) for found in found[:2]]
        placed.append(placed_idea(ambiguous.id, None, Leftover.AMBIGUOUS, 0.5, near, 0.2, 0.2))
        apply_run(session, campaign, run_result(found, placed, model="test-model", too_few=too_few), now=now)
        session.commit()
        return active_themes(session, campaign)

    return group


@pytest.fixture
def manager(signed_in, bob):
    """The browser of Bob, who facilitates."""
    return signed_in(bob)
