"""Files as other tools export them: columns as such files usually have them, the ideas our own."""

import csv
import io
import zipfile
from collections.abc import Sequence

import openpyxl

IDEAS = (
    "Planter des arbres le long de l’avenue de la Gare",
    "Ouvrir la bibliothèque le samedi matin, même en été",
    "Une navette entre le lycée et la piscine",
    "Réparer les trottoirs devant l’école maternelle",
    "Des jardins partagés derrière la mairie",
    "Installer des lampadaires au stade",
)
WHY = (
    "Il fait trop chaud quand on attend le bus",
    "Les étudiants travaillent en semaine, et la salle est vide",
    "Les parents passent leur temps à conduire",
    "Deux personnes sont tombées cet hiver",
    "Ce terrain ne sert à rien depuis dix ans",
    "On ne voit plus le ballon après dix-sept heures",
)


def csv_file(*rows: Sequence[object], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode(encoding)


def workbook(**sheets: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods(**sheets: Sequence[Sequence[str]]) -> bytes:
    """As LibreOffice writes it: each row ends with many blank cells, each sheet with many blank rows."""
    tables = ""
    for name, rows in sheets.items():
        tables += f'<table:table table:name="{name}">'
        for row in rows:
            cells = "".join(
                f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" if cell else "<table:table-cell/>"
                for cell in row
            )
            tables += (
                f'<table:table-row>{cells}<table:table-cell table:number-columns-repeated="1016"/></table:table-row>'
            )
        tables += (
            '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row></table:table>'
        )
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"<office:document-content{names}>{tables}</office:document-content>")
    return out.getvalue()


def typeform() -> bytes:
    header = ["#", "Quelle est votre idée ?", "Response Type", "Start Date (UTC)", "Stage Date (UTC)"]
    header += ["Submit Date (UTC)", "Network ID", "Tags", "Ending"]
    when = "2026-03-01 09:00:00"
    return csv_file(
        header,
        *(
            [f"k3j{n}zq8w", idea, "completed", when, "", when, f"fe1d{n}c0a9", "", "Merci"]
            for n, idea in enumerate(IDEAS)
        ),
    )


def surveymonkey() -> bytes:
    """The question on the first line, the form of the answer or the option below it."""
    first = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address", "First Name"]
    first += [
        "Last Name",
        "Custom Data 1",
        "Que changer dans votre quartier ?",
        "Comment venez-vous ?",
        "",
        "Votre âge",
    ]
    second = [*[""] * 9, "Open-Ended Response", "À pied", "À vélo", "Response"]
    rows = [
        [11800000 + n, 4200, "03/01/2026 09:00:00", "03/01/2026 09:04:00", "192.0.2.7", "", "", "", "", idea]
        + (["À pied", "", "18-30"] if n % 2 else ["", "À vélo", "31-50"])
        for n, idea in enumerate(IDEAS)
    ]
    return csv_file(first, second, *rows)


def microsoft_forms() -> bytes:
    header = ["ID", "Heure de début", "Heure de fin", "Adresse de messagerie", "Nom", "Quelle idée proposez-vous ?"]
    header += ["Pourquoi est-ce utile ?"]
    rows = [
        [n + 1, "2026-03-01 09:00:00", "2026-03-01 09:04:00", "anonymous", "", idea, why]
        for n, (idea, why) in enumerate(zip(IDEAS, WHY, strict=True))
    ]
    return workbook(Sheet1=[header, *rows])


def uservoice() -> bytes:
    header = ["Suggestion ID", "Title", "Description", "Forum", "Category", "Status", "Votes", "Creator Name"]
    header += ["Creator Email", "Created At", "Admin Response"]
    states = ["under review", "planned", "declined", "completed", "duplicate", ""]
    rows = [
        [900 + n, idea, why, "General", "", states[n], n, f"Person {n}", f"person{n}@example.org", "2026-03-01", ""]
        for n, (idea, why) in enumerate(zip(IDEAS, WHY, strict=True))
    ]
    return csv_file(header, *rows)


def polis() -> bytes:
    header = ["timestamp", "datetime", "comment-id", "author-id", "agrees", "disagrees", "moderated", "comment-body"]
    moderated = [1, 1, 0, -1, 1, -1]
    rows = [
        [1772352000 + n, "Sun Mar 01 09:00:00 UTC 2026", n, n % 3, 4, 2, moderated[n], idea]
        for n, idea in enumerate(IDEAS)
    ]
    return csv_file(header, *rows)


def go_vocal() -> bytes:
    """CitizenLab until 2024: a sheet of inputs and one of their comments; bodies in HTML."""
    header = [
        "ID",
        "Title",
        "Description",
        "Author name",
        "Author email",
        "Submitted at",
        "Status",
        "Likes",
        "Comments",
    ]
    header += ["URL", "Tags"]
    rest = ["2026-03-01 09:00", "proposed", 3, 0, "https://example.org/ideas/1", "Mobilité"]
    rows = [
        [f"6f1a-{n}", idea, f"<p>{idea}.</p><p>{why}&nbsp;!</p>", f"Personne {n}", f"p{n}@example.org", *rest]
        for n, (idea, why) in enumerate(zip(IDEAS, WHY, strict=True))
    ]
    return workbook(Inputs=[header, *rows], Comments=[["ID", "Input", "Comment"], ["1", IDEAS[0], "Oui"]])


def consul() -> bytes:
    header = ["id", "title", "summary", "description", "author", "cached_votes_up", "created_at", "hidden_at"]
    rows = [
        [
            40 + n,
            idea,
            "",
            f"<p>{why}</p>",
            f"Persona {n}",
            n,
            "2026-03-01 09:00:00 UTC",
            "2026-03-02" if n == 1 else "",
        ]
        for n, (idea, why) in enumerate(zip(IDEAS, WHY, strict=True))
    ]
    return csv_file(header, *rows)


def cap_collectif() -> bytes:
    """A row for each vote below its proposal, which is repeated there."""
    names = (
        "proposal_id,proposal_reference,proposal_title,proposal_summary,proposal_bodyText,proposal_createdAt,"
        "proposal_author_id,proposal_author_username,proposal_status_name,proposal_votes_totalCount,proposal_votes_id,"
        "proposal_votes_author_username"
    )
    rows = [
        [
            *(
                f"P{n}",
                f"1-{n}",
                idea,
                "",
                f"<p>{why}</p>",
                "2026-03-01 09:00:00",
                f"u{n}",
                f"Personne {n}",
                "Retenu",
                4,
            ),
            *(f"V{n}{vote}", f"Personne {vote}"),
        ]
        for n, (idea, why) in enumerate(zip(IDEAS, WHY, strict=True))
        for vote in range(4)
    ]
    return csv_file(names.split(","), *rows)


def discourse() -> bytes:
    header = ["topic_title", "categories", "is_pm", "post_raw", "post_cooked", "like_count", "reply_count", "url"]
    header += ["created_at"]
    rows = [
        [
            idea,
            "Idées",
            "No",
            f"{idea}. {why}.",
            f"<p>{idea}. {why}.</p>",
            n,
            0,
            "https://example.org/t/1",
            "2026-03-01",
        ]
        for n, (idea, why) in enumerate(zip(IDEAS, WHY, strict=True))
    ]
    return csv_file(header, *rows)


def qualtrics() -> bytes:
    """Three lines of header: short names, the questions, the tool's own identifiers."""
    note = '{{"ImportId":"{}"}}'
    header = ["StartDate", "EndDate", "Status", "IPAddress", "ResponseId", "UserLanguage", "Q1"]
    asked = ["Start Date", "End Date", "Response Type", "IP Address", "Response ID", "User Language"]
    asked += ["What should change in your district?"]
    rows = [
        ["2026-03-01 09:00:00", "2026-03-01 09:04:00", "IP Address", "192.0.2.7", f"R_{n}xYz", "FR", idea]
        for n, idea in enumerate(IDEAS)
    ]
    return csv_file(header, asked, [note.format(name) for name in header], *rows)


def workshop() -> bytes:
    """Notes of a workshop: a title, who led it, a blank row, then the table; another sheet explains."""
    rows = [["Atelier du 3 mars, salle Molière"], ["Animation : C. D."], [], ["N°", "Table", "Idée notée"]]
    rows += [[n + 1, f"Table {n % 2}", idea] for n, idea in enumerate(IDEAS)]
    return workbook(Consignes=[["Une idée par ligne, merci à toutes et à tous."]], Notes=rows)
