"""Made-up results of the pipeline, with any content that a test needs."""

from dataclasses import replace

from clustering.types import Family, FoundTheme, Near, PlacedIdea, PlacedPassage, ThemeMap
from ideas.campaigns.campaign import lock_campaign
from ideas.themes.runs import apply
from ideas.themes.runs.run import RunResult, load_state


def found_theme(number, name, phrases, exemplars=(), cohesion=0.5, x=0.5, y=0.5, **facts):
    facts = {"size": 0, **facts}
    return FoundTheme(
        id=number,
        name=name,
        phrases=tuple(phrases),
        exemplars=tuple(exemplars),
        cohesion=cohesion,
        x=x,
        y=y,
        **facts,
    )


def placed_idea(idea_id, theme, leftover, strength, nearest=(), x=0.5, y=0.5, node=None, neighbours=(), shared=()):
    """An idea's id, and where the run puts it. `nearest`: pairs of a theme's number and a strength."""
    near = tuple(Near(number, close) for number, close in nearest)
    return idea_id, PlacedIdea(theme, leftover, near, strength, x, y, node, tuple(neighbours), tuple(shared))


def run_result(themes=(), placed=(), *, model="test", families=(), new_from=None, read_at=None, **facts):
    """A run that finds these themes and puts ideas there: see `found_theme` and `placed_idea`."""
    found = ThemeMap(
        model=model,
        themes=tuple(themes),
        ideas=tuple(place for _, place in placed),
        families=tuple(Family(name, ()) for name in families),
        **{"seconds": {"total": 1.0}, "too_few": False}
        | {name: tuple(fact) if isinstance(fact, list) else fact for name, fact in facts.items()},
    )
    return RunResult(found, [idea_id for idea_id, _ in placed], new_from=new_from, read_at=read_at)


def with_passages(result, passages):
    """The same result, with passages: by idea, each a theme's number, its first and last character, its strength."""
    asked = {idea.id: tuple(PlacedPassage(*one) for one in some) for idea, some in passages.items()}
    placed = zip(result.idea_ids, result.found.ideas, strict=True)
    ideas = tuple(replace(one, passages=asked.get(idea_id, ())) for idea_id, one in placed)
    return replace(result, found=replace(result.found, ideas=ideas))


def apply_run(session, campaign, result, *, now, keep=()):
    """Apply a run whatever people did before, where the application would make a proposal of it."""
    lock_campaign(session, campaign)
    return apply.apply_run(session, campaign, result, load_state(session, campaign, keep=keep), by=None, now=now)
