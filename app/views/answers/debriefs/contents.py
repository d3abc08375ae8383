"""All that a page with a debrief shows."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from app.extensions import database
from app.pictures.map.theme_map import tones
from app.pictures.theme_family import families, grouped
from app.text.checkable import figure_address, unmarked
from app.views.answers.debriefs.block_contents import block_contents
from app.views.answers.debriefs.debrief_text import labels_of, quoting_nothing_hidden, written_text
from app.views.answers.decision import today
from ideas.answers.action import actions_in, delivery_of
from ideas.answers.debriefs.coverage import coverage_of
from ideas.answers.debriefs.debrief import Answer, answers
from ideas.answers.debriefs.figures import Figures, emotions_in, figures, typed_figures
from ideas.answers.debriefs.quotes import Unquotable
from ideas.answers.earlier import merged_answers
from ideas.answers.single.idea_answer import answers_to_ideas
from ideas.campaigns.campaign import Campaign
from ideas.themes.method import method_of
from ideas.themes.runs.run import latest_run


def debrief_contents(campaign: Campaign, body: str, *, withheld: Sequence[Unquotable] = ()) -> dict[str, Any]:
    """What a debrief shows, in a constant number of queries. Nothing of what is `withheld` is quoted."""
    body = unmarked(body)
    actions = actions_in(database(), campaign)
    given = answers(database(), campaign, actions=actions)
    counted = figures(database(), campaign)
    run = latest_run(database(), campaign)
    outline = families((answer.card.theme for answer in given), run)
    labels = labels_of(counted)
    return {
        "answers": given,
        "groups": grouped(given, outline, theme=attrgetter("card.theme"), size=attrgetter("card.main")),
        "figures": counted,
        "labels": labels,
        "emotions": emotions_in(database(), campaign),
        "today": today(),
        "tones": tones(answer.card.theme for answer in given),
        "undecided": [answer for answer in given if answer.decision is None],
        "merged": merged_answers(database(), campaign, actions=actions),
        "alone": answers_to_ideas(database(), campaign),
        "method": method_of(database(), campaign, run),
        "delivery": delivery_of(action for some in actions.values() for action in some),
        "figure_address": figure_address(campaign),
    } | text_contents(campaign, body, given, counted, withheld=withheld)


def text_contents(
    campaign: Campaign, body: str, given: Sequence[Answer], counted: Figures, *, withheld: Sequence[Unquotable] = ()
) -> dict[str, Any]:
    """The text as it is shown, and what it rests on. What is withheld goes first: a link in it would hide it."""
    body = quoting_nothing_hidden(body, withheld)
    coverage = coverage_of(database(), campaign, body)
    written = written_text(body, counted, campaign=campaign, basis=coverage.basis)
    return (
        {"coverage": coverage, "typed": typed_figures(body)}
        | written
        | block_contents(campaign, written["parts"], given)
    )
