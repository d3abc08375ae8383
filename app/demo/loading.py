"""Load the demo community through the functions of `ideas`, so that every rule applies to it."""

import json
import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clock import now
from app.demo.answers.checking import check_themes, give_work, read_ideas, tag_chosen_ideas
from app.demo.answers.deciding import answer_alone, decide_on, follow_up, theme_about
from app.demo.answers.waiting import have_a_second_person_approve, schedule_a_debrief
from app.demo.drawing import drawn_portrait, drawn_town
from app.demo.filling import add_debrief_files, add_documents, add_to_idea, ask_fields, fill_in
from app.demo.importing import ImportedIdeas, deleted_draft, undone_import
from app.demo.judging import hold_contest
from app.demo.moderating import moderate
from app.demo.newsletters import have_newsletters
from app.demo.passwords import PASSWORD
from app.demo.reaching import (
    have_answers_wait,
    have_mail_wait,
    have_newcomers_come,
    have_people_follow,
    note_addresses,
)
from app.demo.spaces import compare_groups, load_campaigns, load_spaces
from app.demo.talking import ask_authors, object_to_places, talk_about, talk_about_debrief
from app.demo.welcoming import welcome
from app.jobs.find_themes import group_ideas
from app.pictures.uploads.cover import cover_uploads
from app.pictures.uploads.portrait import portrait_upload
from app.web.uploads import uploads
from ideas.accounts.identity import hash_password, password_identity
from ideas.activity.activity import Activity, advance
from ideas.answers.debriefs.debrief import publish_debrief, write_debrief
from ideas.answers.debriefs.fairness import say_fair
from ideas.answers.debriefs.thanks import choose_thanks
from ideas.answers.decision import promise_answers, unanswered
from ideas.answers.template import add_template
from ideas.campaigns.audience import AudienceChoice, Stage, choose_audience
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.cover import kept_cover, set_cover
from ideas.campaigns.form_field import asked_fields
from ideas.campaigns.people.inviting import invite_one, make_link
from ideas.campaigns.people.portrait import set_portrait
from ideas.campaigns.people.team import Role, add_to_team
from ideas.campaigns.promise import CampaignText, announce, start_campaign, write_campaign
from ideas.campaigns.term import add_term
from ideas.contributions.authors.inviting import accept_invitation, invite_co_author
from ideas.contributions.draft import submit_idea
from ideas.contributions.idea import Idea, is_by
from ideas.contributions.on_behalf import submit_for
from ideas.contributions.vote import Emotion, Reaction, Vote
from ideas.desk.table import save_view
from ideas.files import kept
from ideas.organisation.consent import consent_to_present_rules
from ideas.outreach.limits.budget import READER
from ideas.people.person import Person
from ideas.people.platform_role import PlatformRole, grant
from ideas.people.translator import Translator
from ideas.recognition.telling import tell_badges
from ideas.spaces.audience import Audience
from ideas.spaces.invitation import Offer

HERE = Path(__file__).parent
CAMPAIGNS = ("mobility", "health", "dream_job")
ZONE = ZoneInfo("Europe/Paris")
A_WEEK = timedelta(days=7)


def load_demo(session: Session) -> bool:
    """Write the demo community into an empty database and commit. False if there are people already."""
    if session.scalar(select(Person.id).limit(1)) is not None:
        return False
    today = now()
    people = _people(session, today)
    campaigns = [(_campaign(session, people, told, today), told) for told in map(read_facts, CAMPAIGNS)]
    for campaign, told in campaigns:
        _undone(session, campaign, people, told, today)
    facts = read_facts("spaces")

    def portrait(campaign: Campaign, at: datetime) -> None:
        _portrait(session, campaign, now=at)

    spaces = load_spaces(session, facts, people, portrait=portrait, today=today)
    for campaign, told in campaigns:
        if compared := told.get("compared"):
            compare_groups(session, campaign, compared, today=today)
    admin = next(person for person in people.values() if person.is_admin)
    spaces["pioneers"] = welcome(session, people, campaigns[0][0], admin=admin, today=today)
    load_campaigns(session, facts["after_pioneers"], people, spaces, portrait=portrait, today=today)
    schedule_a_debrief(session, facts["scheduled"], people, spaces, portrait=portrait, today=today)
    have_people_follow(session, facts["follows"], people, spaces, today=today)
    note_addresses(session, facts["undeliverable"], people, today=today)
    have_newcomers_come(session, people, admin=admin, today=today)
    have_newsletters(session, facts["newsletters"], people, spaces, admin=admin, today=today)
    session.commit()
    while tell_badges(session, now=today) is not None:
        session.commit()
    session.commit()
    _skip_notices(session)
    have_answers_wait(session, campaigns[2][0], people["rose-ndiaye"], today=today)
    have_mail_wait(session, campaigns[0][0], campaigns[0][1]["waiting"], people, today=today)
    session.commit()
    return True


def _skip_notices(session: Session) -> None:
    """Notices begin after the demo: what is made up was done by nobody, so nobody is told of it."""
    latest = session.scalar(select(func.max(Activity.id)))
    if latest is not None:
        advance(session, READER, latest)


def accounts() -> dict[str, str]:
    """The addresses to sign in with, each once: admin, owners, the roles of their teams, a participant."""
    people = {person["key"]: person["email"] for person in read_facts("people")}
    found = {next(person["email"] for person in read_facts("people") if person.get("admin")): "admin"}
    for name in CAMPAIGNS:
        facts = read_facts(name)
        team = {"owner": [facts["owner"]], **facts["team"]}
        for role, keys in team.items():
            for key in keys[:1]:
                found.setdefault(people[key], f"{role} of “{facts['title']}”")
    board = next(space for space in read_facts("spaces")["spaces"] if space["observers"])
    found[people[board["members"][0]]] = f"member of “{board['name']}”"
    found[people["rose-ndiaye"]] = "participant"
    return {who: email for email, who in found.items()}


def read_facts(name: str) -> Any:
    """A file of the demo: the people or a campaign."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def _people(session: Session, today: datetime) -> dict[str, Person]:
    # One hash for all: it is slow to make, on purpose.
    secret = hash_password(PASSWORD)
    people = {}
    for facts in read_facts("people"):
        joined = today - timedelta(days=facts.get("joined_days_ago", 120))
        people[facts["key"]] = Person(
            email=facts["email"],
            name=facts["name"],
            headline=facts["headline"],
            locale=facts["locale"],
            translator=Translator(facts.get("translator", Translator.NONE)),
            is_admin=facts.get("admin", False),
            created_at=joined,
            verified_at=joined,
        )
    session.add_all(people.values())
    session.flush()
    for person in people.values():
        consent_to_present_rules(session, person, now=person.created_at)
    session.add_all(password_identity(person, secret=secret, now=person.created_at) for person in people.values())
    session.flush()
    return people


def _undone(
    session: Session, campaign: Campaign, people: dict[str, Person], facts: dict[str, Any], today: datetime
) -> None:
    if imported := facts.get("undone_import"):
        undone_import(session, campaign, imported, by=people[imported["by"]], today=today)
    if draft := facts.get("deleted_draft"):
        deleted_draft(session, draft, owner=campaign.owner, today=today)


def _campaign(session: Session, people: dict[str, Person], facts: dict[str, Any], today: datetime) -> Campaign:
    opens_at = _morning(today, facts["opens_in_days"])
    closes_at = _evening(today, facts["closes_in_days"])
    extension = facts.get("extension")
    text = CampaignText(
        **{name: facts[name] for name in ("title", "challenge", "brief", "benefit", "motivation", "owner_word")},
        owner_video_url=facts["owner_video_url"] or "",
        opens_at=opens_at,
        closes_at=_evening(today, extension["closed_in_days"]) if extension else closes_at,
        debrief_due_at=_evening(today, facts["debrief_in_days"]),
    )
    owner = people[facts["owner"]]
    grant(session, owner, PlatformRole.CAMPAIGN_AUTHOR, by=None, now=opens_at - timedelta(days=9))
    campaign = start_campaign(session, owner=owner, text=text, now=opens_at - timedelta(days=9))
    campaign.is_health = facts.get("is_health", False)
    campaign.allows_anonymous = facts.get("allows_anonymous", False)
    campaign.objective, campaign.expected_outcome = facts["objective"], facts.get("expected_outcome", "")
    for role, keys in facts["team"].items():
        for key in keys:
            add_to_team(
                session,
                campaign,
                people[key],
                role=Role(role),
                by=owner,
                now=opens_at - timedelta(days=9),
                starts_at=_midnight(facts, key, "starts_in_days", today),
                ends_at=_midnight(facts, key, "ends_in_days", today),
            )
    everyone = AudienceChoice(Stage(Audience.PUBLIC), open_to_visitors=True)
    choose_audience(session, campaign, choice=everyone, by=owner, now=opens_at - timedelta(days=9))
    ask_fields(session, campaign, facts.get("fields", ()), now=opens_at - timedelta(days=9))
    for abbreviation, meaning in facts.get("glossary", ()):
        at = opens_at - timedelta(days=9)
        add_term(session, campaign, abbreviation=abbreviation, meaning=meaning, by=owner, now=at)
    _portrait(session, campaign, now=opens_at - timedelta(days=8))
    if cover := facts.get("cover"):
        _cover(session, campaign, cover, now=opens_at - timedelta(days=8))
    add_documents(session, campaign, facts.get("documents", ()), now=opens_at - timedelta(days=8))
    announce(session, campaign, by=owner, now=opens_at - timedelta(days=7))
    if extension:
        write_campaign(
            session,
            campaign,
            text=replace(text, closes_at=closes_at),
            by=owner,
            now=today - timedelta(days=extension["days_ago"]),
            change_reason=extension["reason"],
        )
    _invitations(session, campaign, facts, today)
    ideas = _ideas(session, campaign, people, facts, today)
    _responses(session, ideas, people, facts, today)
    if moderation := facts.get("moderation"):
        moderate(session, campaign, moderation, ideas=ideas, people=people, today=today)
    if closes_at < today:
        session.commit()  # the pipeline holds no transaction while it computes
        _review(session, campaign, ideas, people, facts, today)
    return campaign


def _invitations(session: Session, campaign: Campaign, facts: dict[str, Any], today: datetime) -> None:
    """People who have not answered yet, and a link to share. No mail goes out: the addresses are made up."""
    for invited in facts.get("invitations", ()):
        role = Role(invited["role"]) if "role" in invited else None
        at = today - timedelta(days=invited["days_ago"])
        offer = Offer(role=role, locale=invited["locale"])
        if "email" in invited:
            invite_one(session, campaign, invited["email"], offer=offer, by=campaign.owner, now=at)
        else:
            until = at + timedelta(days=invited["days"])
            make_link(
                session, campaign, offer=offer, max_uses=invited["people"], expires_at=until, by=campaign.owner, now=at
            )


def _midnight(facts: dict[str, Any], key: str, name: str, today: datetime) -> datetime | None:
    """When a role of the team starts or ends, where the roster says so."""
    days = facts.get("roster", {}).get(key, {}).get(name)
    return _morning(today, days).replace(hour=0) if days is not None else None


def _portrait(session: Session, campaign: Campaign, *, now: datetime) -> None:
    upload = portrait_upload(drawn_portrait(campaign.owner.name), "portrait.webp")
    with kept(uploads(), upload.content) as stored_as:
        set_portrait(session, campaign, upload, stored_as=stored_as, by=campaign.owner, now=now)


def _cover(session: Session, campaign: Campaign, facts: dict[str, str], *, now: datetime) -> None:
    with kept_cover(uploads(), *cover_uploads(drawn_town(), facts["name"])) as cover:
        set_cover(session, campaign, cover, alternative=facts["shows"], by=campaign.owner, now=now)


def _ideas(
    session: Session, campaign: Campaign, people: dict[str, Person], facts: dict[str, Any], today: datetime
) -> dict[str, Idea]:
    ideas = {}
    fields, asked = asked_fields(session, campaign), facts.get("fields", ())
    imported = ImportedIdeas(session, campaign, by=campaign.owner)
    for said in facts["ideas"]:
        at = _within(campaign, said["day"], today)
        given = fill_in(fields, asked, by=said["by"], idea=said["key"])
        if "for" in said:
            typist = people[facts["team"]["facilitator"][0]]
            text = {"title": said["title"], "body": said["body"], "values": given}
            idea = submit_for(session, campaign, name=said["for"], email=said["for_email"], by=typist, now=at, **text)
        elif "imported" in said:
            idea = imported.add(said, now=at)
        else:
            files = add_to_idea(session, said, fields, by=people[said["by"]], now=at)
            idea = submit_idea(
                session, campaign,
                author=people[said["by"]], title=said["title"], body=said["body"], now=at, values=given, files=files,
                is_anonymous=said.get("anonymous", False),
            )  # fmt: skip
        idea.lang = said["lang"]
        ideas[said["key"]] = idea
        for key in said.get("co_authors", ()):
            invite_co_author(session, idea, named=people[key].email, by=people[said["by"]], now=at + timedelta(hours=2))
            accept_invitation(session, idea, by=people[key], now=at + timedelta(hours=5))
        _talk(session, idea, said, people, today)
    imported.finish(now=at)
    return ideas


def _talk(session: Session, idea: Idea, said: dict[str, Any], people: dict[str, Person], today: datetime) -> None:
    """Comments on an idea: none comes before it."""
    published = idea.submitted_at or today
    talk_about(
        session,
        idea,
        said,
        people=people,
        when=lambda day: max(published, _within(idea.campaign, day, today)),
    )


def _responses(
    session: Session, ideas: dict[str, Idea], people: dict[str, Person], facts: dict[str, Any], today: datetime
) -> None:
    """Votes and emotions, drawn from how warmly each idea was received: the same at every load."""
    drawn = random.Random(facts["key"])  # noqa: S311 -- a demo, not a secret
    team = {facts["owner"], *(key for keys in facts["team"].values() for key in keys)}
    # Whoever came in the last days supports only what the facts say.
    known = {key for key, person in people.items() if person.created_at < today - A_WEEK and not person.is_admin}
    everyone = sorted(known - team)
    for said in facts["ideas"]:
        idea = ideas[said["key"]]
        others = [people[key] for key in everyone if key != said["by"] and not is_by(idea, people[key])]
        at = (idea.submitted_at or today) + timedelta(hours=1)
        voters = drawn.sample(others, k=min(len(others), round(said["warmth"] * drawn.uniform(0.6, 2.6))))
        here = {person.id for person in people.values() if person.created_at < at}
        session.add_all(
            Vote(idea_id=idea.id, person_id=person.id, created_at=at) for person in voters if person.id in here
        )
        felt = [Emotion(name) for name, count in said.get("emotions", {}).items() for _ in range(count)]
        moved = drawn.sample(others, k=min(len(others), len(felt)))
        session.add_all(
            Reaction(idea_id=idea.id, person_id=person.id, emotion=emotion, created_at=at)
            for person, emotion in zip(moved, felt, strict=False)
            if person.id in here
        )
    session.flush()


def _review(
    session: Session,
    campaign: Campaign,
    ideas: dict[str, Idea],
    people: dict[str, Person],
    facts: dict[str, Any],
    today: datetime,
) -> None:
    """Group, check and read the ideas, answer the themes, publish the debrief, and record what was done since."""
    group_ideas(session, campaign.id)
    if checks := facts.get("checks"):
        checked_at = min(today, (campaign.closes_at or today) + timedelta(days=3))
        check_themes(session, campaign, checks, by=people[checks["by"]], now=checked_at)
        read_ideas(session, campaign, facts["readings"], people, checked_at)
        tag_chosen_ideas(session, campaign, facts.get("idea_tags", {}), ideas, checked_at)
    if contest := facts.get("contest"):
        hold_contest(session, campaign, contest, ideas=ideas, people=people, today=today)
    _prepare_desk(session, campaign, facts, today)
    answered = []
    for answer in facts["decisions"]:
        theme = theme_about(session, [ideas[key] for key in answer["about"]])
        if theme is not None:
            answered.append((theme, answer))
            decide_on(session, theme, answer, people, today)
    answer_alone(session, campaign, facts.get("idea_answers", ()), ideas=ideas, people=people, today=today)
    if work := facts.get("work"):
        give_work(session, campaign, work, people, today)
    if facts["debrief"]:
        kept = (campaign.debrief_due_at or today) - timedelta(days=1)
        waiting = unanswered(session, campaign, by=campaign.owner, now=kept)
        promised = dict.fromkeys((theme.id for theme in waiting), (today + timedelta(days=30)).date())
        promise_answers(session, campaign, dates=promised, by=campaign.owner, now=kept)
        body = add_debrief_files(session, campaign, facts["debrief"], facts.get("debrief_files", ()), now=kept)
        debrief = write_debrief(session, campaign, body=body, by=campaign.owner, now=kept)
        publish_debrief(session, debrief, by=campaign.owner, now=kept)
        for name in facts.get("thanked", ()):
            choose_thanks(session, campaign, agrees=True, by=people[name], now=kept)
        for said in facts.get("fairness", ()):
            by = people[said["by"]]
            say_fair(session, campaign, is_fair=said["fair"], reason=said["reason"], by=by, now=kept)
        talk_about_debrief(session, campaign, facts.get("debrief_comments", ()), people=people, today=today)
    for theme, answer in answered:
        follow_up(session, theme, answer, people, today)
    have_a_second_person_approve(session, campaign, facts.get("second_person"), answered, people, today=today)
    ask_authors(session, facts.get("clarifications", ()), ideas=ideas, people=people, today=today)
    object_to_places(session, facts.get("objections", ()), ideas=ideas, people=people, today=today)


def _prepare_desk(session: Session, campaign: Campaign, facts: dict[str, Any], today: datetime) -> None:
    """The lead's views of the table of the themes, and the team's answer templates."""
    at = min(today, (campaign.closes_at or today) + timedelta(days=2))
    for name, query in facts.get("views", ()):
        save_view(session, campaign, name=name, query=query, by=campaign.owner)
    for name, body in facts.get("templates", ()):
        add_template(session, campaign, name=name, body=body, by=campaign.owner, now=at)


def _within(campaign: Campaign, day: float, today: datetime) -> datetime:
    """So many days after the opening, while the campaign was open and not in the future."""
    opens_at, closes_at = campaign.opens_at or today, campaign.closes_at or today
    latest = min(closes_at, today) - timedelta(minutes=1)
    return min(max(opens_at + timedelta(days=day), opens_at), latest)


def _morning(today: datetime, days: float) -> datetime:
    """Nine o'clock in Paris, so many days from today."""
    local = (today + timedelta(days=days)).astimezone(ZONE)
    return local.replace(hour=9, minute=0, second=0, microsecond=0)


def _evening(today: datetime, days: float) -> datetime:
    """Six o'clock in the evening in Paris, so many days from today."""
    return _morning(today, days) + timedelta(hours=9)
