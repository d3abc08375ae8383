"""Who is welcomed and who is thanked in the demo: members who welcome others, pioneers, a checklist that is begun."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ideas.campaigns.campaign import Campaign
from ideas.guidance.practice import Practice, tick
from ideas.people.person import Person
from ideas.recognition.nominee import nominees
from ideas.recognition.pioneer import answer_invitation, create_pioneer_space, invite_pioneer
from ideas.recognition.welcome.buddy import choose_to_welcome, find_buddies

WELCOMING = ("rose-ndiaye", "mehdi-ziani", "leila-mansouri")
WORDS = "Vos idées ont fait avancer les nôtres. Rejoignez-nous : vous lirez nos briefs avant les autres."


def welcome(
    session: Session, people: Mapping[str, Person], campaign: Campaign, *, admin: Person, today: datetime
) -> None:
    """Name buddies, invite two pioneers of whom one has accepted, and tick two lines of the open campaign."""
    for key in WELCOMING:
        choose_to_welcome(session, people[key], welcomes=True)
    find_buddies(session, now=today)
    at = today - timedelta(days=20)
    create_pioneer_space(session, name="Pionniers", by=admin, now=at)
    by_id = {person.id: person for person in people.values()}
    for place, one in enumerate(nominees(session, now=today)[:2]):
        person = by_id[one.person_id]
        pioneer = invite_pioneer(session, person, merits=one.merits, words=WORDS, by=admin, now=at)
        if place == 0:
            answer_invitation(session, pioneer, accepts=True, by=person, now=at + timedelta(days=1))
    for practice in (Practice.TIME_BOOKED, Practice.RULES_READ):
        tick(session, campaign, practice, is_done=True, by=campaign.owner, now=today - timedelta(days=9))
