"""The spaces of the demo, with two small campaigns that not everyone sees: one for a board, one for members."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ideas.campaigns.audience import AudienceChoice, Stage, choose_audience
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.health import set_supports_each
from ideas.campaigns.phases.edit import set_phases
from ideas.campaigns.phases.phase import CampaignPhase, PhaseAct
from ideas.campaigns.promise import CampaignText, announce, start_campaign
from ideas.contributions.draft import submit_idea
from ideas.contributions.vote import cast_vote
from ideas.people.person import Person
from ideas.recognition.early_brief import show_early
from ideas.recognition.settings import set_motivation
from ideas.spaces.audience import Audience
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.membership import add_person, enter
from ideas.spaces.profile import choose_values, save_attribute
from ideas.spaces.segment import Attribute
from ideas.spaces.space import Entry, Space, SpaceKind, SpaceRole


def load_spaces(
    session: Session,
    facts: Mapping[str, Any],
    people: Mapping[str, Person],
    *,
    portrait: Callable[[Campaign, datetime], None],
    today: datetime,
) -> dict[str, Space]:
    """Create an attribute, the spaces with their people, then campaigns. `portrait` adds that of a campaign's owner.
    Returns the spaces by their key.
    """
    _attribute(session, facts["attribute"], people, today)
    spaces = {given["key"]: _space(session, given, people, today) for given in facts["spaces"]}
    load_campaigns(session, facts["campaigns"], people, spaces, portrait=portrait, today=today)
    return spaces


def load_campaigns(
    session: Session,
    facts: Sequence[Mapping[str, Any]],
    people: Mapping[str, Person],
    spaces: Mapping[str, Space],
    *,
    portrait: Callable[[Campaign, datetime], None],
    today: datetime,
) -> None:
    """Create small campaigns, with those of the spaces that each one names."""
    for given in facts:
        load_campaign(session, given, people, spaces, portrait, today)


def compare_groups(session: Session, campaign: Campaign, facts: Mapping[str, Any], *, today: datetime) -> None:
    """Compare the people of a campaign in its standing, by an attribute of members."""
    attribute = session.scalars(select(Attribute).where(Attribute.name == facts["by"])).one()
    set_motivation(
        session, campaign,
        values={}, has_standings=True, groups_by=attribute.id, change_reason=facts["reason"],
        by=campaign.owner, now=today - timedelta(days=facts["days_ago"]),
    )  # fmt: skip


def _attribute(session: Session, facts: Mapping[str, Any], people: Mapping[str, Person], today: datetime) -> None:
    """What is asked of members, and what those choose whose headline says it."""
    by, at = people[facts["by"]], today - timedelta(days=90)
    attribute = save_attribute(
        session, None, name=facts["name"], values=list(facts["values"]), chosen=True, by=by, now=at
    )
    ids = {value.name: value.id for value in attribute.values}
    for person in people.values():
        for name, words in facts["values"].items():
            if any(person.headline.startswith(word) for word in words):
                choose_values(session, person, {attribute.id: ids[name]})
                break


def _space(session: Session, facts: Mapping[str, Any], people: Mapping[str, Person], today: datetime) -> Space:
    """A space two months old. Whoever comes after its last seat waits."""
    by, at = people[facts["by"]], today - timedelta(days=60)
    text = SpaceText(
        facts["name"],
        facts["description"],
        kind=SpaceKind(facts["kind"]),
        entry=Entry(facts["entry"]),
        seats=facts["seats"],
    )
    space = create_space(session, text=text, by=by, now=at)
    for day, key in enumerate(facts["members"], start=1):
        joined = at + timedelta(days=day)
        if space.entry is Entry.OPEN:
            enter(session, space, by=people[key], now=joined)
        else:
            add_person(session, space, people[key], role=SpaceRole.MEMBER, by=by, now=joined)
    for key in facts["observers"]:
        add_person(session, space, people[key], role=SpaceRole.OBSERVER, by=by, now=at + timedelta(days=2))
    for key, note in facts["requests"].items():
        enter(session, space, by=people[key], note=note, now=today - timedelta(days=1))
    return space


def load_campaign(
    session: Session,
    facts: Mapping[str, Any],
    people: Mapping[str, Person],
    spaces: Mapping[str, Space],
    portrait: Callable[[Campaign, datetime], None],
    today: datetime,
) -> Campaign:
    """A small campaign with its ideas."""
    owner, opens_at = people[facts["owner"]], today + timedelta(days=facts["opens_in_days"])
    written_at = min(opens_at, today) - timedelta(days=2)
    names = ("title", "challenge", "brief", "benefit", "motivation", "owner_word")
    text = CampaignText(
        **{name: facts[name] for name in names},
        opens_at=opens_at,
        closes_at=today + timedelta(days=facts["closes_in_days"]),
        debrief_due_at=today + timedelta(days=facts["debrief_in_days"]),
    )
    campaign = start_campaign(session, owner=owner, text=text, now=written_at)
    _choose_audience(session, campaign, facts, people, spaces, today=today, now=written_at)
    phases = [
        CampaignPhase(name, today + timedelta(days=begins), today + timedelta(days=ends), frozenset(map(PhaseAct, may)))
        for name, (begins, ends), may in facts.get("phases", ())
    ]
    set_phases(session, campaign, phases, by=owner, now=written_at)
    if count := facts.get("supports_each"):
        set_supports_each(session, campaign, supports_each=count, by=owner, now=written_at)
    portrait(campaign, written_at)
    if facts.get("shown_early"):
        show_early(session, campaign, is_shown=True, by=owner, now=written_at)
        return campaign
    announce(session, campaign, by=owner, now=written_at + timedelta(hours=1))
    for said in facts["ideas"]:
        at = opens_at + timedelta(days=said["day"])
        author = people[said["by"]]
        idea = submit_idea(session, campaign, author=author, title=said["title"], body=said["body"], now=at)
        for hours, key in enumerate(said["supporters"], start=2):
            cast_vote(session, idea, by=people[key], now=at + timedelta(hours=hours))
    return campaign


def _choose_audience(
    session: Session,
    campaign: Campaign,
    facts: Mapping[str, Any],
    people: Mapping[str, Person],
    spaces: Mapping[str, Space],
    *,
    today: datetime,
    now: datetime,
) -> None:
    """By an administrator: an owner names only spaces that they find, and those of the pioneers are not theirs."""
    first = Stage(Audience(facts["audience"]), spaces=[spaces[key].id for key in facts["spaces"]])
    later = []
    if (days := facts.get("members_in_days")) is not None:
        later.append(Stage(Audience.MEMBERS, opens_at=today + timedelta(days=days)))
    admin = next(person for person in people.values() if person.is_admin)
    choose_audience(session, campaign, choice=AudienceChoice(first, later), by=admin, now=now)
