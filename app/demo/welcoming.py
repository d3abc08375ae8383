"""Who is welcomed and who is thanked in the demo: members who welcome others or volunteer, pioneers with a workshop, a
checklist that is begun.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.guidance.practice import Practice, tick
from ideas.moderation.settings import set_what_is_held
from ideas.people.person import Person
from ideas.recognition.level import Level, LevelRule, set_levels
from ideas.recognition.nominee import nominees
from ideas.recognition.pioneer import answer_invitation, create_pioneer_space, invite_pioneer
from ideas.recognition.volunteer import choose_to_volunteer, may_volunteer
from ideas.recognition.welcome.buddy import choose_to_welcome, find_buddies
from ideas.spaces.space import Space
from ideas.spaces.workshops.coming import answer_workshop
from ideas.spaces.workshops.workshop import WorkshopText, announce_workshop

WELCOMING = ("rose-ndiaye", "mehdi-ziani", "leila-mansouri")
WORDS = "Vos idées ont fait avancer les nôtres. Rejoignez-nous : vous lirez nos briefs avant les autres."

PLACE = "Atelier des mobilités, 12 rue du Port"
WORKSHOP = "Deux heures pour dessiner à plusieurs, avec papier, ciseaux et café. Rien à préparer."
# Few people write in a demo: its levels take few points.
LEVELS = {
    Level.REGULAR: LevelRule(20, supports=1, reads_early=True, may_volunteer=True),
    Level.TRUSTED: LevelRule(100, supports=2, reads_early=True, is_not_held=True, may_volunteer=True),
}
BLOCKED = ("casino en ligne", "gagnez de l’argent")


def welcome(
    session: Session, people: Mapping[str, Person], campaign: Campaign, *, admin: Person, today: datetime
) -> Space:
    """Name buddies, invite two pioneers of whom one has accepted and comes to their workshop, have two members
    volunteer, and tick two lines of the open campaign. Texts with some words wait for a moderator, but not those of
    trusted members. Returns the space of the pioneers.
    """
    for key in WELCOMING:
        choose_to_welcome(session, people[key], welcomes=True)
    find_buddies(session, now=today)
    at = today - timedelta(days=20)
    space = create_pioneer_space(session, name="Pionniers", by=admin, now=at)
    starts_at = (today + timedelta(days=9)).replace(hour=17, minute=0, second=0, microsecond=0)
    text = WorkshopText("Dessiner l’arrêt de bus de demain", PLACE, starts_at, starts_at + timedelta(hours=2), WORKSHOP)
    workshop = announce_workshop(session, space, text=text, by=admin, now=today - timedelta(days=2))
    by_id = {person.id: person for person in people.values()}
    proposed = nominees(session, now=today)
    for place, one in enumerate(proposed[:2]):
        person = by_id[one.person_id]
        pioneer = invite_pioneer(session, person, merits=one.merits, words=WORDS, by=admin, now=at)
        if place == 0:
            answer_invitation(session, pioneer, accepts=True, by=person, now=at + timedelta(days=1))
            answer_workshop(session, workshop, comes=True, by=person, now=today - timedelta(days=1))
    set_levels(session, LEVELS, by=admin, now=at)
    set_what_is_held(session, first_post_held=False, blocked_words="\n".join(BLOCKED), by=admin, now=at)
    able = [by_id[one.person_id] for one in proposed[2:]]
    for person in [one for one in able if may_volunteer(session, one, now=today)][:2]:
        choose_to_volunteer(session, person, volunteers=True, now=today)
    for practice in (Practice.TIME_BOOKED, Practice.RULES_READ):
        tick(session, campaign, practice, is_done=True, by=campaign.owner, now=today - timedelta(days=9))
    return space
