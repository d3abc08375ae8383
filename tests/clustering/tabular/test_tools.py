"""Exports of more tools, after what they document: the columns are found without a word from anyone."""

import io

from clustering.table import read_table
from clustering.tabular.columns import guess
from clustering.tabular.states import is_off
from tests import exports
from tests.exports import IDEAS, WHY, csv_file, workbook

PEOPLE = ("Awa Diop", "Jean Martin", "Léa Roux", "Karim Benali", "Nora Petit", "Tom Blanc")
WORDED = ("March 1, 2026 9:00 AM", "March 2, 2026 10:12 PM", "April 4, 2026 9:01 AM") * 2
TEXT, WHY_, WHO, MAIL, WHEN, NUMBER = "text", "why", "who", "mail", "when", "number"


def table(header: str, *cells: object, above=(), sheet: str | None = None) -> bytes:
    """A file with six rows. A cell is the same on each row, or a tuple with that of each, or a word for ours."""
    ours = {
        TEXT: IDEAS, WHY_: WHY, WHO: PEOPLE, MAIL: tuple(f"p{n}@example.org" for n in range(6)), WHEN: WORDED,
        NUMBER: tuple(range(1, 7)),
    }  # fmt: skip
    columns = [ours.get(cell, (cell,) * 6) if isinstance(cell, str) else cell for cell in cells]
    rows = [*above, header.split(","), *zip(*columns, strict=True)]
    return workbook(**{sheet: rows}) if sheet else csv_file(*rows)


FRAMAFORMS = [["Détails de soumission"], ["", "", "", "", "", "", "Vos idées"]]
STATES = ("Active", "Off Topic", "Active", "Archived", "Active", "Duplicate")
ZOOM = [
    ["Report Generated:", "03/01/2026 10:00"], ["Topic", "Webinar ID", "Actual Start Time", "Question Count"],
    ["Quartier", "812 3456 7890", "03/01/2026 09:00", "6"], ["Question Details"],
]  # fmt: skip
MENTIMETER = [[f"Voter {n}", idea] for n, idea in enumerate(IDEAS)]
# Of each tool: its file, the columns that must be found (None: none), the rows that are left out.
TOOLS = {
    "Notion": (
        table("Name,Status,Votes,Created by,Created time,Text", TEXT, "Not started", 3 * (1, 2), WHO, WHEN, ""),
        {"text": "Name", "title": None, "author": "Created by", "date": "Created time"},
        [],
    ),
    "Notion, with a page for some": (
        table("Name,Tags,Created time,Text", TEXT, "x", WHEN, ("Because.", *[""] * 5)),
        {"text": "Text", "title": "Name", "author": None},
        [],
    ),
    "Notion, short names": (
        table("Name,Created by,Created time", ("Night bus", "Benches", "Bike racks") * 2, WHO, WHEN),
        {"text": "Name", "author": "Created by"},
        [],
    ),
    "A list of persons": (
        table("Username,Name,Idea", ("awa", "jm", "lea", "kb", "np", "tom"), WHO, TEXT),
        {"text": "Idea", "title": None, "author": "Username"},
        [],
    ),
    "Mentimeter": (
        table("Session,Voter,Response", 6 * (1,), tuple(f"Voter {n}" for n in range(6)), TEXT),
        {"text": "Response", "title": None, "author": None},
        [],
    ),
    "Mentimeter, by question": (
        table("Voters,What should we do?", tuple(f"Voter {n}" for n in range(6)), TEXT),
        {"text": "What should we do?"},
        [],
    ),
    "Mentimeter, below its question": (
        csv_file(["Results"], ["Question", "What should we do?"], [], ["Voter", "Response"], *MENTIMETER),
        {"text": "Response"},
        [],
    ),
    "Cap Collectif": (
        exports.cap_collectif(),
        {"text": "proposal_bodyText", "title": "proposal_title", "key": "proposal_id", "state": "proposal_status_name"},
        [],
    ),
    "IdeaScale": (
        table(
            "Idea Number,Idea Title,Idea Description,Idea Author,Author Email,Creation Date,Campaign,Status,Kudos",
            NUMBER, TEXT, WHY_, WHO, MAIL, "Mar 1, 2026 10:00 AM", "Parks", STATES, 6 * (1,),
        ),
        {"text": "Idea Description", "title": "Idea Title", "author": "Idea Author", "key": "Idea Number",
         "state": "Status", "email": "Author Email"},
        [1, 3, 5],
    ),
    "Canny": (
        table(
            "Board,Post Title,Post Details,Author Name,Author Email,Created,Status,Score,Comment Count,Tags,URL",
            "Feedback", TEXT, WHY_, WHO, MAIL, WHEN, ("open", "planned", "complete") * 2, NUMBER, 3 * (0, 2), "",
            "https://feedback.example.org/p/a-post",
        ),
        {"text": "Post Details", "title": "Post Title", "author": "Author Name", "email": "Author Email",
         "state": "Status", "more": ()},
        [],
    ),
    "Framaforms": (
        table(
            "N°,SID,Heure,Brouillon,Adresse IP,Nom d'utilisateur,Que manque-t-il dans la cour de l'école ?",
            NUMBER, tuple(range(812, 818)), "14/04/2026 - 17:40", "Non", "198.51.100.7", "Anonyme", TEXT,
            above=FRAMAFORMS,
        ),
        {"text": "Que manque-t-il dans la cour de l'école ?", "title": None, "author": None, "more": ()},
        [],
    ),
    "LimeSurvey": (
        table(
            "ID de la réponse,Date de soumission,Dernière page,Langue de départ,Tête de série,"
            "Que manque-t-il dans la cour de l'école ?,Vous êtes [Parent],Vous êtes [Autre]",
            NUMBER, "2026-04-14 17:40:00", 6 * (3,), "fr", tuple(range(55_120, 55_126)), TEXT, ("Oui", "") * 3, "",
        ),
        {"text": "Que manque-t-il dans la cour de l'école ?", "title": None, "author": None,
         "key": "ID de la réponse", "more": ()},
        [],
    ),
    "Slido": (
        table("Question,Author,Score,Status,Created at", TEXT, WHO, NUMBER, ("Live", "Dismissed") * 3, WHEN, sheet="Q"),
        {"text": "Question", "author": "Author", "state": "Status"},
        [1, 3, 5],
    ),
    "Padlet": (
        table("Post ID,Subject,Body,Author,Section,Attachment,Likes", NUMBER, TEXT, WHY_, WHO, "Idées", "", NUMBER),
        {"text": "Body", "title": "Subject", "author": "Author", "key": "Post ID"},
        [],
    ),
    "Google Forms": (
        table(
            "Horodateur,Nom d'utilisateur,Votre quartier ?,Que faut-il améliorer ?,Pourquoi est-ce important ?",
            "01/03/2026 10:00:00", MAIL, ("Centre", "Nord") * 3, TEXT, WHY_,
        ),
        {"author": None, "email": "Nom d'utilisateur", "apart": True},
        [],
    ),
    "Questions about the person": (
        table(
            "Date,Quels sont vos nom et prénom ?,Quelle est votre adresse ?,Votre idée de nom du parc ?,Pourquoi ?",
            WHEN, WHO, tuple(f"{n} rue de la Paix, Lyon" for n in range(6)), TEXT, WHY_,
        ),
        {"text": "Votre idée de nom du parc ?", "more": (4,), "apart": True},
        [],
    ),
    "A participatory budget": (
        table("N°,Nom du projet,Descriptif,Montant,Statut", NUMBER, TEXT, WHY_, "900 €", ("Retenu", "Irrecevable") * 3),
        {"text": "Descriptif", "title": "Nom du projet", "key": "N°", "state": "Statut"},
        [1, 3, 5],
    ),
    "Airtable": (
        table("Name,Notes,Assignee,Status,Hidden", TEXT, WHY_, "", "Todo", ("", "checked", *[""] * 4)),
        {"text": "Notes", "title": "Name", "author": None, "state": "Hidden"},
        [1],
    ),
    "Your Priorities": (
        table("Nr,Post id,email,User Name,Post Name,Description", NUMBER, NUMBER, MAIL, WHO, TEXT, WHY_),
        {"text": "Description", "title": "Post Name", "author": "User Name", "key": "Post id"},
        [],
    ),
    "Zoom": (
        table(
            "#,Question,Asker Name,Asker Email,Answer(s),Answer Time",
            NUMBER, TEXT, WHO, MAIL, "Merci pour votre question, nous l’étudions avec la mairie.", "", above=ZOOM,
        ),
        {"text": "Question", "author": "Asker Name", "email": "Asker Email", "more": ()},
        [],
    ),
    "Jira": (
        table(
            "Summary,Issue key,Issue Type,Status,Reporter,Created,Description",
            TEXT, tuple(f"ID-{n}" for n in range(6)), "Idea", ("To Do", "Won't Do", "Duplicate") * 2, WHO,
            "01/Mar/26 9:00 AM", WHY_,
        ),
        {"text": "Description", "title": "Summary", "key": "Issue key", "state": "Status"},
        [2, 5],
    ),
    "Liquid democracy": (
        table("Name,Beschreibung,Autor/in,Erstellt am,Moderationsstatus", TEXT, WHY_, WHO, WHEN, ("", "Abgelehnt") * 3),
        {"text": "Beschreibung", "title": "Name", "state": "Moderationsstatus"},
        [1, 3, 5],
    ),
    "Decidim in Spanish": (
        table("id,author/name,title/es,body/es,estado", NUMBER, WHO, TEXT, WHY_, ("Aceptada", "Retirada") * 3),
        {"text": "body/es", "title": "title/es", "author": "author/name", "key": "id", "state": "estado"},
        [1, 3, 5],
    ),
}  # fmt: skip


def test_the_columns_of_more_exports_are_found():
    wrong = []
    for tool, (content, expected, off) in TOOLS.items():
        read = read_table(io.BytesIO(content), "export")
        rows = [list(row.cells.values()) for row in read.rows]
        found = guess(read.columns, rows)
        named = {
            part: read.columns[place] if type(place := getattr(found, part)) is int else place for part in expected
        }
        state = found.state
        left_out = [n for n, row in enumerate(rows) if state is not None and is_off(read.columns[state], row[state])]
        if (named, left_out) != (expected, off):
            wrong.append((tool, named, left_out))
    assert not wrong
