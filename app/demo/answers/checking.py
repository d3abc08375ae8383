"""What the demo's teams did at the desk: they read ideas, said of some whether they belong in their themes, tagged
some, and shared the themes among themselves.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.answers.decision import unanswered
from ideas.campaigns.campaign import Campaign
from ideas.contributions.idea import Idea, submitted_ideas
from ideas.desk.idea_tag import tag_ideas
from ideas.desk.note import write_note
from ideas.desk.reading import read_idea, star_idea
from ideas.desk.work import set_work
from ideas.people.person import Person
from ideas.themes.card import theme_cards
from ideas.themes.checks.check import Belongs, check_idea
from ideas.themes.checks.sample import Drawn, cards_of, draw_sample
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme


def check_themes(session: Session, campaign: Campaign, facts: dict[str, Any], *, by: Person, now: datetime) -> None:
    """Check the first `count` ideas of the sample: “no” to the `wrong` weakest of those at random, else “yes”."""
    cards = cards_of(session, draw_sample(session, campaign))[: facts["count"]]
    random = [card.idea_id for card in cards if card.drawn is Drawn.RANDOM]
    weakest = session.scalars(
        select(Placement.idea_id)
        .where(Placement.idea_id.in_(random))
        .order_by(Placement.strength, Placement.idea_id)
        .limit(facts["wrong"])
    ).all()
    for card in cards:
        idea, theme = session.get_one(Idea, card.idea_id), session.get_one(Theme, card.theme_id)
        belongs = Belongs.NO if card.idea_id in weakest else Belongs.YES
        check_idea(session, campaign, idea, theme=theme, belongs=belongs, by=by, now=now)


def read_ideas(
    session: Session, campaign: Campaign, facts: dict[str, Any], people: dict[str, Person], now: datetime
) -> None:
    """Each person reads the ideas from one place to another, and stars the first of them."""
    ideas = session.scalars(submitted_ideas(campaign)).all()
    for key, (first, last, stars) in facts.items():
        for number, idea in enumerate(ideas[first:last]):
            read_idea(session, idea, by=people[key], now=now)
            if number < stars:
                star_idea(session, idea, by=people[key], starred=True, now=now)


def tag_chosen_ideas(
    session: Session, campaign: Campaign, facts: dict[str, list[str]], ideas: dict[str, Idea], now: datetime
) -> None:
    """The owner puts each tag on its ideas."""
    for tag, keys in facts.items():
        tag_ideas(session, campaign, idea_ids=[ideas[key].id for key in keys], add=[tag], by=campaign.owner, now=now)


def give_work(
    session: Session, campaign: Campaign, facts: list[dict[str, Any]], people: dict[str, Person], now: datetime
) -> None:
    """Give the largest themes without an answer to people of the team, one after the other: a day, tags, a note."""
    since = now - timedelta(days=3)
    waiting = {theme.id for theme in unanswered(session, campaign, by=campaign.owner, now=now)}
    themes = [card.theme for card in theme_cards(session, campaign, quotes=False) if card.theme.id in waiting]
    for theme, given in zip(themes, facts, strict=False):
        set_work(
            session,
            theme,
            assignee=people[given["assignee"]],
            due_on=(now + timedelta(days=given["due_in_days"])).date(),
            tags=given["tags"],
            by=campaign.owner,
            now=since,
        )
        if note := given.get("note"):
            write_note(session, theme, body=note["body"], by=people[note["by"]], now=since + timedelta(hours=2))
