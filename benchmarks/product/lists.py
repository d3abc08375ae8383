"""How long the list of 100,000 ideas takes, in every order and with every filter, on SQLite and on PostgreSQL.

Each is measured on its first page and on one in the middle, which begins behind an idea. The filters with their counts,
which the page shows beside the list, are measured apart. Searches by words are in `search`.
"""

import random
import statistics
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import func, insert, select, text

from app import create_app
from app.clock import now
from app.extensions import database, db
from app.settings import from_env
from benchmarks.figures import Target, report_progress, show_table, show_targets, timed
from benchmarks.product.search import databases
from clustering.types import Leftover
from ideas.answers.debriefs.debrief import Debrief
from ideas.answers.decision import Decision, DecisionStatus
from ideas.answers.idea_list import Cursor, Filters, Order, Unplaced, facets_of, list_ideas
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.form_field import FieldKind, FormField, FormOption
from ideas.contributions.comment import Comment
from ideas.contributions.fields.counts import FieldFilter
from ideas.contributions.fields.value import FieldValue
from ideas.contributions.idea import Idea
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.people.person import Person
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme

IDEAS, PEOPLE, THEMES, PLACES = 100_000, 5_000, 60, 40
VOTES, COMMENTS, REACTIONS = 300_000, 100_000, 50_000
ROUNDS = 3
SEED = 13
MAX_MS = 500  # the slowest page
# A page in the middle may take so many times the first one, beside MIN_MS, below which nobody sees a difference.
MAX_SLOWER = 1.5
MIN_MS = 50


def show() -> dict[str, Any]:
    """Prints and returns the milliseconds of the list in each order with each filter, and of the filters."""
    print(f"\nThe list of {IDEAS:,} ideas, {VOTES:,} votes and {COMMENTS:,} comments ({ROUNDS} rounds, medians)")
    found: dict[str, dict[str, float]] = {}
    slower: dict[str, float] = {}
    for name, environment in databases():
        with create_app(from_env(environment)).app_context():
            upgrade()
            report_progress(f"{name}: writing the ideas")
            campaign = write(IDEAS)
            found[name], slower[name] = measure_all(campaign)
            db.session.remove()
            db.engine.dispose()
    rows = [[what, *(f"{ms[what]:.0f} ms" for ms in found.values())] for what in next(iter(found.values()))]
    show_table(["list", *found], rows)
    targets = [Target(f"{name}: ms of the slowest page", max(ms.values()), MAX_MS, True) for name, ms in found.items()]
    targets += [
        Target(f"{name}: times that a page in the middle takes longer", most, MAX_SLOWER, True)
        for name, most in slower.items()
    ]
    return {"ms": found, "slower": slower, "targets": show_targets(targets)}


def measure_all(campaign: Campaign) -> tuple[dict[str, float], float]:
    """The milliseconds by what is read, and how many times longer a page in the middle takes at most."""
    found: dict[str, float] = {}
    slower = 0.0
    for what, filters in filters_in(campaign).items():
        for order in Order:
            first = _median(lambda: _page(campaign, order, filters, None))  # noqa: B023 -- called at once
            cursor = _middle(campaign, order)
            middle = _median(lambda: _page(campaign, order, filters, cursor))  # noqa: B023 -- called at once
            found[f"{what}, {order.value}"] = first
            found[f"{what}, {order.value}, in the middle"] = middle
            slower = max(slower, middle / max(first, MIN_MS))
        found[f"{what}, the filters"] = _median(lambda: _facets(campaign, filters))  # noqa: B023 -- called at once
    return found, round(slower, 2)


def filters_in(campaign: Campaign) -> Mapping[str, Filters]:
    """Each filter of the list, asked for alone, by what it is called here."""
    session = database()
    theme = session.scalars(select(Theme).where(Theme.campaign_id == campaign.id).order_by(Theme.id)).first()
    fields = session.scalars(select(FormField).where(FormField.campaign_id == campaign.id).order_by(FormField.id)).all()
    option = fields[0].options[0].id
    return {
        "all": Filters(),
        "a theme": Filters(theme_id=theme.id if theme is not None else None),
        "on its own": Filters(left=Leftover.OUTLIER),
        "not placed": Filters(left=Unplaced.WAITING),
        "in the debrief": Filters(rested_on=True),
        "not in the debrief": Filters(rested_on=False),
        "without an account": Filters(imported=True),
        "a language": Filters(lang="en"),
        "an answer": Filters(answer=DecisionStatus.PLANNED),
        "mine": Filters(mine=True),
        "an option": Filters(fields=(FieldFilter(field_id=fields[0].id, option_id=option),)),
        "a number": Filters(fields=(FieldFilter(field_id=fields[1].id, least=20, most=40),)),
        "a place": Filters(fields=(FieldFilter(field_id=fields[2].id, place="Place 3"),)),
        "several": Filters(lang="fr", fields=(FieldFilter(field_id=fields[0].id, option_id=option),)),
    }


def write(ideas: int) -> Campaign:
    """A debriefed campaign with so many ideas: with fields, placed in themes, answered, supported, commented on."""
    session, at, chance = database(), now(), random.Random(SEED)  # noqa: S311 -- ideas to measure on
    account = {"locale": "fr", "created_at": at, "verified_at": at}
    session.execute(
        insert(Person),
        [account | {"name": f"Member {one}", "email": f"{one}@example.org"} for one in range(PEOPLE)],
    )
    people = session.scalars(select(Person.id).order_by(Person.id)).all()
    campaign = Campaign(
        **dict.fromkeys(("title", "challenge", "brief", "benefit", "motivation"), "Débat"), owner_id=people[0],
        created_at=at, announced_at=at, opens_at=at - timedelta(days=30), closes_at=at - timedelta(days=9),
        debrief_due_at=at, debriefed_at=at, grouped_at=at,
    )  # fmt: skip
    session.add(campaign)
    session.flush()
    session.add(Debrief(campaign=campaign, body="Merci.", updated_at=at, published_at=at))
    facts = {"campaign_id": campaign.id, "created_at": at, "updated_at": at, "submitted_at": at}
    session.execute(
        insert(Idea),
        [
            facts
            | {
                "body": f"Une idée de plus pour demain, la {number}e de toutes.",
                "author_id": None if number % 5 == 0 else chance.choice(people),
                "lang": "en" if number % 4 == 0 else "fr",
            }
            for number in range(ideas)
        ],
    )
    ids = session.scalars(select(Idea.id).order_by(Idea.id)).all()
    _place(campaign, ids, chance)
    _fill(campaign, ids, chance)
    _respond(ids, people, chance)
    session.commit()
    if db.engine.dialect.name == "postgresql":  # as its autovacuum does a minute later
        session.execute(text("ANALYZE"))
        session.commit()
    return campaign


def _place(campaign: Campaign, ids: Any, chance: random.Random) -> None:
    """Most in themes, of which two thirds have an answer; some on their own, some not placed yet."""
    session, at = database(), now()
    session.execute(
        insert(Theme),
        [{"campaign_id": campaign.id, "found_name": f"Thème {n}", "phrases": [], "exemplars": [], "created_at": at}
         for n in range(THEMES)],
    )  # fmt: skip
    themes = session.scalars(select(Theme.id).where(Theme.campaign_id == campaign.id).order_by(Theme.id)).all()
    answer = {"reason": "Oui.", "respondent_id": campaign.owner_id, "recorded_by_id": campaign.owner_id,
              "decided_on": at.date(), "updated_at": at, "published_at": at}  # fmt: skip
    statuses = (DecisionStatus.PLANNED, DecisionStatus.DECLINED, DecisionStatus.DONE)
    session.execute(
        insert(Decision),
        [answer | {"theme_id": one, "status": statuses[one % 3]} for one in themes if one % 3 != 0],
    )
    placed = []
    for idea_id in ids:
        drawn = chance.random()
        if drawn < 0.9:
            placed.append({"theme_id": chance.choice(themes), "leftover": None})
        elif drawn < 0.97:
            placed.append({"theme_id": None, "leftover": Leftover.OUTLIER})
        else:
            continue
        placed[-1] |= {"idea_id": idea_id, "campaign_id": campaign.id, "strength": 0.5, "nearest": ()}
    session.execute(insert(Placement), placed)


def _fill(campaign: Campaign, ids: Any, chance: random.Random) -> None:
    """A choice, a number and a place, each given with most ideas."""
    session, at = database(), now()
    kinds = (FieldKind.CHOICE, FieldKind.NUMBER, FieldKind.PLACE)
    fields = [
        FormField(campaign_id=campaign.id, kind=kind, label=kind.value, position=place, created_at=at)
        for place, kind in enumerate(kinds)
    ]
    session.add_all(fields)
    session.flush()
    options = [FormOption(field_id=fields[0].id, label=f"Option {n}", position=n) for n in range(5)]
    session.add_all(options)
    session.flush()
    empty: dict[str, Any] = {"option_id": None, "number": None, "text": ""}
    values = []
    for idea_id in ids:
        given = empty | {"idea_id": idea_id}
        values.append(given | {"field_id": fields[0].id, "option_id": chance.choice(options).id})
        values.append(given | {"field_id": fields[1].id, "number": float(chance.randrange(100))})
        values.append(given | {"field_id": fields[2].id, "text": f"Place {chance.randrange(PLACES)}"})
    session.execute(insert(FieldValue), values)


def _respond(ids: Any, people: Any, chance: random.Random) -> None:
    """Votes and reactions, each once for a person and an idea, and comments."""
    session, at = database(), now()

    def pairs(number: int) -> set[tuple[int, int]]:
        return {(chance.choice(ids), chance.choice(people)) for _ in range(number)}

    votes = [{"idea_id": idea, "person_id": person, "created_at": at} for idea, person in pairs(VOTES)]
    session.execute(insert(Vote), votes)
    felt = [
        {"idea_id": idea, "person_id": person, "emotion": Emotion.HOPE, "created_at": at}
        for idea, person in pairs(REACTIONS)
    ]
    session.execute(insert(Reaction), felt)
    said = {"body": "Un commentaire.", "created_at": at}
    comments = [said | {"idea_id": chance.choice(ids), "author_id": chance.choice(people)} for _ in range(COMMENTS)]
    session.execute(insert(Comment), comments)


def _page(campaign: Campaign, order: Order, filters: Filters, cursor: Cursor | None) -> None:
    list_ideas(database(), campaign, reader=campaign.owner, order=order, filters=filters, cursor=cursor)


def _facets(campaign: Campaign, filters: Filters) -> None:
    facets_of(database(), campaign, reader=campaign.owner, with_themes=True, filters=filters)


def _middle(campaign: Campaign, order: Order) -> Cursor:
    """Where a page begins that has about half of the list before it: behind an idea with as many responses as most."""
    middle = database().scalar(select(func.avg(Idea.id)).where(Idea.campaign_id == campaign.id)) or 0
    responses = {Order.SUPPORTED: VOTES, Order.DISCUSSED: COMMENTS, Order.FEW: VOTES + COMMENTS + REACTIONS}
    value = responses[order] // IDEAS if order in responses else int(middle)
    return Cursor(value, int(middle))


def _median(work: Callable[[], Any]) -> float:
    """The median milliseconds."""
    return 1000 * statistics.median([timed(work)[1] for _ in range(ROUNDS)])
