"""A community as the first version stored it, at migration 0003: its tables, its values, its JSON.

The rows are plain values, because the models no longer write them like this. Beside the themes: a published debrief
whose letters are not yet written, a campaign that is open, one that is a draft, one that closed without a grouping.
"""

from datetime import UTC, date, datetime
from typing import Any

from tests.first_version_themes import (
    CANTEEN,
    CANTEEN_IDEAS,
    CANTEEN_NEEDS,
    FACILITATOR,
    LEFT_OVER,
    MODEL,
    OWNER,
    SCHOOL,
    SCHOOL_IDEAS,
    SCHOOL_NEEDS,
    SCHOOL_RUN,
    START,
    WITHDRAWN,
    at,
    theme_rows,
)

PARTICIPANT, VOTER, ADMIN = 3, 4, 5
DRAFT, OPEN, UNGROUPED = 3, 4, 5
UNGROUPED_IDEA, DRAFTED, IMPORTED = 61, 62, 63
FAR = datetime(2099, 1, 1, tzinfo=UTC)
PLACES = ["près du portail", "derrière le préau", "pour les petits", "pour les grands"]


def people(password_hash: str) -> list[dict[str, Any]]:
    names = {OWNER: "Odile Perrin", FACILITATOR: "Fabien Roche", PARTICIPANT: "Paul Vidal", VOTER: "Vera Lind",
             ADMIN: "Aïcha Benali"}  # fmt: skip
    return [
        {"id": number, "email": f"{name.split()[0].lower()}@example.org", "name": name, "headline": "",
         "password_hash": password_hash, "locale": "en" if number == VOTER else "fr", "timezone": "Europe/Paris",
         "is_admin": number == ADMIN, "rules_accepted_at": START, "created_at": START}
        for number, name in names.items()
    ]  # fmt: skip


def campaigns() -> list[dict[str, Any]]:
    empty = dict.fromkeys(("opens_at", "closes_at", "debrief_due_at", "announced_at", "grouped_at", "debriefed_at",
                           "followed_through_at", "portrait"))  # fmt: skip
    words = {"challenge": "Que changer en premier ?", "brief": "Dites-nous **tout**.", "benefit": "Trois travaux.",
             "motivation": "Chacun est remercié.", "owner_word": "Je lis tout.", "owner_video_url": ""}  # fmt: skip
    closed = {"opens_at": START, "closes_at": at(500), "debrief_due_at": at(50_000), "announced_at": START}
    debriefed = closed | {"debriefed_at": at(1200)}
    dates = {
        SCHOOL: closed | {"grouped_at": at(600)},
        CANTEEN: debriefed | {"grouped_at": at(900)},
        DRAFT: {},
        OPEN: closed | {"closes_at": FAR, "debrief_due_at": FAR},
        UNGROUPED: debriefed,
    }
    titles = ["Une cour plus verte", "Midi à la cantine", "Pas encore écrite", "La rue de l’école", "Le hall d’entrée"]
    return [
        {"id": number, "owner_id": OWNER, "title": titles[number - 1], "created_at": START,
         "granularity": 1 if number == CANTEEN else 0} | words | empty | values
        for number, values in dates.items()
    ]  # fmt: skip


def ideas() -> list[dict[str, Any]]:
    def idea(number: int, campaign: int, body: str, **facts: Any) -> dict[str, Any]:
        return {
            "id": number, "campaign_id": campaign, "author_id": PARTICIPANT if number % 2 else VOTER,
            "author_name": "", "title": "", "body": body, "lang": "fr", "created_at": at(number),
            "updated_at": at(number), "submitted_at": at(number), "withdrawn_at": None, "import_key": None,
            "form_key": None, **facts,
        }  # fmt: skip

    texts = [(number, SCHOOL, SCHOOL_NEEDS[place // 4], place) for place, number in enumerate(SCHOOL_IDEAS)]
    texts += [(number, CANTEEN, CANTEEN_NEEDS[place // 4], place) for place, number in enumerate(CANTEEN_IDEAS)]
    rows = [idea(number, campaign, f"{need}, {PLACES[place % 4]}.") for number, campaign, need, place in texts]
    rows += [
        idea(number, SCHOOL if number < CANTEEN_IDEAS[0] else CANTEEN, f"Une idée à part, la {number}ᵉ.")
        for number in LEFT_OVER
    ]
    return [
        *rows,
        idea(WITHDRAWN, SCHOOL, "Un potager, mais non.", withdrawn_at=at(650)),
        idea(UNGROUPED_IDEA, UNGROUPED, "Une horloge dans le hall."),
        idea(DRAFTED, OPEN, "Pas encore…", submitted_at=None, form_key="f" * 32),
        idea(IMPORTED, OPEN, "Ralentir les voitures 🚗", author_id=None, author_name="Mme Ozan", import_key="12"),
    ]


def jobs() -> list[dict[str, Any]]:
    def job(number: int, kind: str, campaign: int, status: str, **facts: Any) -> dict[str, Any]:
        ended = status not in {"queued", "running"}
        return {
            "id": number, "kind": kind, "campaign_id": campaign, "key": None if ended else f"{kind}:{campaign}",
            "status": status, "created_at": at(1200 + number), "started_at": None if status == "queued" else at(1210),
            "finished_at": at(1211) if ended else None, "lease_until": None, "attempts": 1, "fence": 1, "stage": "",
            "progress": 0.0, "result": None, "error": "", **facts,
        }  # fmt: skip

    done = {"stage": "layout", "progress": 1.0, "result": {"run": SCHOOL_RUN, "ideas": 36, "themes": 8}}
    return [
        job(1, "find_themes", SCHOOL, "done", **done),
        job(2, "find_themes", CANTEEN, "failed", error="unexpected", stage="embed", progress=0.25),
        job(3, "place_ideas", SCHOOL, "cancelled", fence=2),
        job(4, "tell_contributors", CANTEEN, "queued", attempts=0, fence=0),
        job(5, "tell_contributors", UNGROUPED, "running", lease_until=at(1212), stage="tell"),
    ]


def first_version(password_hash: str) -> list[tuple[str, dict[str, Any]]]:
    """Every row, with its table, those that others point to first."""
    emotions = ("joy", "hope", "gratitude", "surprise", "worry", "anger")
    statuses = ("planned", "adopted", "declined")
    rows: dict[str, list[dict[str, Any]]] = {
        "person": people(password_hash),
        "sign_in": [{"id": 1, "person_id": OWNER, "token_hash": "a" * 64, "created_at": START, "expires_at": FAR,
                     "ended_at": None}],
        "campaign": campaigns(),
        "team_member": [{"id": number, "campaign_id": campaign, "person_id": FACILITATOR, "role": "facilitator"}
                        for number, campaign in enumerate((SCHOOL, CANTEEN), start=1)],
        "idea_import": [{"id": 1, "campaign_id": OPEN, "person_id": OWNER, "filename": "idées.csv", "content": None,
                         "created_at": at(70), "finished_at": at(71),
                         "report": {"added": 1, "known": 0, "refused_total": 0, "refused": []}}],
        "idea": ideas(),
        "comment": [{"id": 1, "idea_id": 1, "author_id": VOTER, "body": "Oui, *vite*.", "created_at": at(80),
                     "withdrawn_at": None},
                    {"id": 2, "idea_id": 1, "author_id": PARTICIPANT, "body": "", "created_at": at(81),
                     "withdrawn_at": at(82)}],
        "vote": [{"idea_id": idea, "person_id": VOTER, "created_at": at(90)} for idea in (1, 3, 41, IMPORTED)],
        "reaction": [{"idea_id": idea, "person_id": VOTER, "emotion": emotion, "created_at": at(91)}
                     for idea, emotion in enumerate(emotions, start=1)],
        "message": [{"id": 1, "person_id": VOTER, "address": "vera@example.org", "subject": "Old news", "body": "Hello",
                     "key": "debrief:9:4", "mail_id": "<1@localhost>", "created_at": at(95), "next_attempt_at": None,
                     "attempts": 1, "sent_at": at(96), "error": ""}],
        **theme_rows(),
        "decision": [{"id": number, "theme_id": 10 + number, "status": status, "reason": "C’est prévu.",
                      "respondent_id": OWNER, "decided_on": date(2026, 1, 6), "recorded_by_id": FACILITATOR,
                      "updated_at": at(1150)} for number, status in enumerate(statuses, start=1)],
        "action": [{"id": 1, "decision_id": 1, "title": "Semer", "impact": "Des radis.", "owner_id": FACILITATOR,
                    "due_on": date(2099, 1, 6), "progress": 40, "created_at": at(1151), "done_at": None},
                   {"id": 2, "decision_id": 1, "title": "Bêcher", "impact": "", "owner_id": OWNER,
                    "due_on": date(2026, 1, 9), "progress": 100, "created_at": at(1152), "done_at": at(1160)}],
        "debrief": [{"campaign_id": campaign, "body": "Vous êtes {{ people }}, voici **tout**.",
                     "updated_at": at(1199), "published_at": at(1200), "published_by_id": OWNER}
                    for campaign in (CANTEEN, UNGROUPED)],
        "job": jobs(),
        "text_vector": [{"digest": bytes(range(32)), "model": MODEL, "values": b"\x00\x01\xff\xfe"}],
    }  # fmt: skip
    return [(table, row) for table, found in rows.items() for row in found]
