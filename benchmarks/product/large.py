"""A campaign of any size, written at once: themes with their ideas, who wrote and supported them, answers, work.

The texts are made of words: what is measured on it does not depend on what they say.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import insert, select, text

from app.clock import now
from app.extensions import database
from clustering.types import Leftover, Near
from ideas.answers.decision import DecisionStatus, decide
from ideas.campaigns.campaign import Campaign
from ideas.contributions.comment import Comment
from ideas.contributions.idea import Idea
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.desk.work import set_work
from ideas.outreach.limits.hours import WEEK, Frequency, MailChoice
from ideas.people.person import Person
from ideas.spaces.segment import Attribute, AttributeValue, PersonValue
from ideas.themes.passage import Passage
from ideas.themes.placement import Placement
from ideas.themes.runs.run import ThemeRun
from ideas.themes.theme import Theme

SEED = 5
WORDS = (
    "arrêt", "bus", "car", "centre", "commune", "covoiturage", "desserte", "gare", "horaire", "ligne",
    "marche", "nuit", "parking", "piste", "prix", "quartier", "rue", "sécurité", "soir", "station", "tarif",
    "train", "tram", "trottoir", "vélo", "village", "voie", "week-end", "zone", "abonnement",
)  # fmt: skip
WORDS_PER_IDEA, SENTENCES_PER_IDEA = 25, 3
LEFT_OVER, IN_TWO_THEMES = 0.12, 0.05  # shares of the ideas
REGIONS = ("Nord", "Sud", "Est", "Ouest", "Centre")


@dataclass(frozen=True)
class Size:
    """`alike`: the themes have as many ideas each, and no idea is left over."""

    ideas: int
    themes: int
    people: int
    alike: bool = False


def write_campaign(size: Size, *, sentences: Sequence[str] = ()) -> Campaign:
    """A campaign whose collection is over, with the ideas of so many people in so many themes; all is answered.

    The ideas are made of these sentences, three each, or else of words.
    """
    session, instant, chance = database(), now(), random.Random(SEED)  # noqa: S311 -- texts to measure on
    people = _write_people(size.people)
    sent = instant - timedelta(days=9)
    campaign = Campaign(
        owner_id=people[0], title="Transports", challenge="Comment se déplacer mieux ?", brief="Vos trajets.",
        benefit="Des trajets plus simples.", motivation="Chaque idée est lue.", opens_at=sent - timedelta(days=20),
        closes_at=instant - timedelta(days=2), debrief_due_at=instant + timedelta(days=20), announced_at=sent,
        created_at=sent,
    )  # fmt: skip
    session.add(campaign)
    session.flush()
    session.add(
        ThemeRun(
            campaign_id=campaign.id, model="", created_at=instant, ideas=size.ideas, themes=size.themes,
            applied_at=instant,
        )
    )  # fmt: skip
    themes = _write_themes(campaign, size.themes, chance)
    ideas = _write_ideas(campaign, size, people[1:], chance, sentences)
    _place(campaign, size, ideas, [theme.id for theme in themes], chance)
    _respond(ideas, people[1:])
    owner = campaign.owner
    for number, theme in enumerate(themes):
        decide(
            session, theme, status=DecisionStatus.ADOPTED, reason="Nous le ferons dès la rentrée.", respondent=owner,
            decided_on=instant.date(), by=owner, now=instant,
        )  # fmt: skip
        if number % 3 == 0:
            due_on = (instant + timedelta(days=9)).date()
            set_work(session, theme, assignee=owner, due_on=due_on, tags=[WORDS[number % 9]], by=owner, now=instant)
    session.commit()
    session.execute(text("ANALYZE"))  # as a database in use does by itself
    session.commit()
    return campaign


def _write_people(count: int) -> list[int]:
    """The ids of an owner and so many members, who have a region each and may be written to at any hour."""
    session, at = database(), now() - timedelta(days=90)
    account = {"locale": "fr", "created_at": at, "verified_at": at}
    rows = [account | {"name": f"Membre {number}", "email": f"{number}@example.org"} for number in range(count + 1)]
    _insert(Person, rows)
    ids = list(session.scalars(select(Person.id).order_by(Person.id)))
    region = Attribute(name="Région")
    session.add(region)
    session.flush()
    values = [AttributeValue(attribute_id=region.id, name=name, place=place) for place, name in enumerate(REGIONS)]
    session.add_all(values)
    session.flush()
    _insert(
        PersonValue,
        [
            {"person_id": one, "attribute_id": region.id, "value_id": values[place % len(values)].id}
            for place, one in enumerate(ids)
        ],
    )
    chosen = {"first_hour": 0, "last_hour": 24, "days": list(WEEK), "digest": Frequency.WEEKLY, "country": ""}
    _insert(MailChoice, [chosen | {"person_id": one} for one in ids])
    return ids


def _write_themes(campaign: Campaign, count: int, chance: random.Random) -> list[Theme]:
    themes = [
        Theme(
            campaign_id=campaign.id, found_name=" ".join(chance.sample(WORDS, 4)).capitalize(),
            phrases=chance.sample(WORDS, 5), cohesion=0.5, x=chance.random(), y=chance.random(),
            languages=(("fr", 1.0),), created_at=campaign.created_at,
        )
        for _ in range(count)
    ]  # fmt: skip
    database().add_all(themes)
    database().flush()
    return themes


def _write_ideas(
    campaign: Campaign, size: Size, people: list[int], chance: random.Random, sentences: Sequence[str]
) -> list[int]:
    """The ids of the ideas, of the last fortnight of the collection; each person wrote as many as the others."""
    closes_at = campaign.closes_at or now()
    facts = {"campaign_id": campaign.id, "title": "", "lang": "fr"}

    rows = []
    for number in range(size.ideas):
        at = closes_at - timedelta(minutes=5 + number % 20_000)
        body = f"{' '.join(chance.choices(WORDS, k=WORDS_PER_IDEA)).capitalize()}."
        if sentences:
            body = " ".join(chance.choices(sentences, k=SENTENCES_PER_IDEA))
        times = {"created_at": at, "updated_at": at, "submitted_at": at}
        rows.append(facts | times | {"author_id": people[number % len(people)], "body": body})
    _insert(Idea, rows)
    return list(database().scalars(select(Idea.id).where(Idea.campaign_id == campaign.id).order_by(Idea.id)))


def _place(campaign: Campaign, size: Size, ideas: list[int], themes: list[int], chance: random.Random) -> None:
    weights = [1 / (3 + place) for place in range(len(themes))]
    drawn = chance.choices(themes, weights, k=len(ideas))
    placements, passages = [], []
    for number, (idea_id, large) in enumerate(zip(ideas, drawn, strict=True)):
        left = not size.alike and chance.random() < LEFT_OVER
        kind = Leftover.OUTLIER if number % 2 else Leftover.AMBIGUOUS
        theme = None if left else themes[number % len(themes)] if size.alike else large
        other = chance.choice(themes)
        placements.append(
            {
                "idea_id": idea_id, "campaign_id": campaign.id, "theme_id": theme, "leftover": kind if left else None,
                "strength": round(chance.random(), 3), "nearest": (Near(other, 0.4),), "x": chance.random(),
                "y": chance.random(), "neighbours": ideas[max(0, number - 3) : number],
            }
        )  # fmt: skip
        if theme not in {None, other} and chance.random() < IN_TWO_THEMES:
            passages += [
                {"idea_id": idea_id, "theme_id": one, "start": start, "end": start + 40, "strength": 0.6, "version": 1}
                for one, start in ((theme, 0), (other, 40))
            ]
    _insert(Placement, placements)
    _insert(Passage, passages)


def _respond(ideas: list[int], people: list[int]) -> None:
    """Two supporters and a reaction for each idea, and a comment on every third."""
    at, emotions = now() - timedelta(days=3), list(Emotion)

    def someone(number: int, step: int) -> int:
        return people[(7 * number + step) % len(people)]

    _insert(
        Vote,
        [
            {"idea_id": one, "person_id": someone(number, step), "created_at": at}
            for number, one in enumerate(ideas)
            for step in (1, 2)
        ],
    )
    _insert(
        Reaction,
        [
            {"idea_id": one, "person_id": someone(number, 3), "emotion": emotions[number % 6], "created_at": at}
            for number, one in enumerate(ideas)
        ],
    )
    _insert(
        Comment,
        [
            {"idea_id": one, "author_id": someone(number, 4), "body": "Oui, surtout le soir.", "created_at": at}
            for number, one in enumerate(ideas)
            if number % 3 == 0
        ],
    )


def _insert(model: type, rows: list[dict[str, object]]) -> None:
    if rows:
        database().execute(insert(model), rows)
