"""The legal documents: pages for everyone, forms for administrators, and the page where members accept new rules."""

from itertools import pairwise

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.wrappers import Response

from app.access.needs import Platform, requires
from app.access.roles import member
from app.clock import now
from app.extensions import database
from app.forms.organisation.legal_document import AcceptRulesForm, PublishDocumentForm
from app.settings import LOCALES
from app.text.differences import around_changes, differences
from app.web.conflicts import compare
from app.web.csv_file import csv_response
from app.web.errors import show_refusals
from app.web.pages.language import gettext as _
from app.web.pages.language import language
from app.web.pages.links import local_address
from app.web.pages.site import site
from ideas.activity.version import ReasonNeeded
from ideas.errors import DomainError
from ideas.organisation.consent import accept_rules, accepted_version
from ideas.organisation.legal_document import (
    DocumentKind,
    DocumentVersion,
    LegalDocument,
    all_documents,
    document_of,
    document_versions,
    export_documents,
    publish_document,
    text_in,
)

views = Blueprint("legal_document", __name__)

COLUMNS = ("document", "version", "language", "published_at", "by", "reason", "in_substance", "accepted_by", "text")


@views.get("/documents/<name>")
@requires(Platform.EVERYONE)
def show(name: str) -> ResponseReturnValue:
    document = _published(name)
    text, locale = text_in(document.texts, language())
    return render_template("organisation/legal_document/show.html", document=document, text=text, locale=locale)


@views.get("/documents/<name>/versions")
@requires(Platform.EVERYONE)
def versions(name: str) -> ResponseReturnValue:
    """The text of today with all that it was before, and what changed each time."""
    document = _published(name)
    found = document_versions(database(), document)
    changes = {newer.number: _changes(older, newer, language()) for newer, older in pairwise(found)}
    texts = {version.number: text_in(version.texts, language()) for version in found}
    return render_template(
        "organisation/legal_document/versions.html", document=document, versions=found, texts=texts, changes=changes
    )


@views.get("/organisation/documents")
@requires(Platform.ADMIN)
def index() -> ResponseReturnValue:
    return render_template("organisation/legal_document/index.html", documents=all_documents(database()))


@views.post("/organisation/documents/export")
@requires(Platform.ADMIN)
def export() -> ResponseReturnValue:
    """Every version in each language, as a file. A POST, since the activity log says who took it."""
    rows = [
        (
            *(document.kind.value, version.number, locale, version.at.isoformat(timespec="seconds"), version.by),
            *(version.reason, int(version.substantive), accepted, text),
        )
        for document, version, accepted in export_documents(database(), by=member(), now=now())
        for locale, text in sorted(version.texts.items())
    ]
    database().commit()
    return csv_response(f"documents-{now():%Y-%m-%d}.csv", COLUMNS, rows)


@views.route("/organisation/documents/<name>", methods=["GET", "POST"])
@requires(Platform.ADMIN)
def edit(name: str) -> ResponseReturnValue:
    document = document_of(database(), _kind(name))
    stored = document.texts if document.version else {locale: _template(document.kind, locale) for locale in LOCALES}
    form = PublishDocumentForm(data=stored | {"version": document.version})
    is_preview = request.form.get("then") == "preview"
    if form.validate_on_submit() and not is_preview:
        with show_refusals(form, {ReasonNeeded: form.change_reason, DomainError: form[LOCALES[0]]}):
            publish_document(
                database(),
                document.kind,
                texts={locale: form[locale].data or "" for locale in LOCALES},
                substantive=form.substantive.data,
                reason=form.change_reason.data or "",
                by=member(),
                now=now(),
                seen=form.seen,
            )
            database().commit()
            flash(_("Published. Everyone can read it."), "success")
            return redirect(url_for("legal_document.show", name=name), 303)
    return _edit_page(form, name, is_preview=is_preview)


@views.route("/rules/accept", methods=["GET", "POST"])
@requires(Platform.MEMBER)
def accept() -> ResponseReturnValue:
    """What changed since the rules that the member accepted, and the way on: accept them, or sign out."""
    document = document_of(database(), DocumentKind.RULES)
    form = AcceptRulesForm(data={"version": document.version})
    if form.validate_on_submit():
        with show_refusals(form):
            accept_rules(database(), member(), seen=form.seen, now=now())
            database().commit()
            flash(_("Thank you. You have accepted the rules."), "success")
            return _go_on()
        document = document_of(database(), DocumentKind.RULES)
        form.version.data, form.version.raw_data = document.version, None
    if not form.errors and current_user.accepted_rules >= site().rules_from:
        return _go_on()
    known = accepted_version(database(), member())
    found = document_versions(database(), document)
    before = next((version for version in found if version.number <= known), found[-1])
    text, locale = text_in(document.texts, language())
    page = render_template(
        "organisation/legal_document/accept.html",
        form=form,
        text=text,
        locale=locale,
        news=[version for version in found if version.number > known and version.reason],
        changes=_changes(before, found[0], language()),
        next=local_address(request.values.get("next")),
    )
    return page, form.http_status


def _edit_page(form: PublishDocumentForm, name: str, *, is_preview: bool) -> ResponseReturnValue:
    document = document_of(database(), _kind(name))
    saved = {locale: document.texts.get(locale, "") for locale in LOCALES}
    latest = next(iter(document_versions(database(), document)), None)
    conflict = compare(
        form,
        saved,
        version=document.version,
        by=latest.by if latest else "",
        at=document.published_at,
    )
    page = render_template(
        "organisation/legal_document/edit.html", document=document, form=form, conflict=conflict, is_preview=is_preview
    )
    return page, form.http_status


def _kind(name: str) -> DocumentKind:
    return DocumentKind(name) if name in set(DocumentKind) else abort(404)


def _published(name: str) -> LegalDocument:
    """The document with this name, or 404 where it is not published."""
    document = document_of(database(), _kind(name))
    if not document.version:
        abort(404)
    return document


def _template(kind: DocumentKind, locale: str) -> str:
    """The text to start from."""
    return render_template(f"organisation/legal_document/{kind}.{locale}.md", contact=site().contact_email)


def _changes(older: DocumentVersion, newer: DocumentVersion, locale: str) -> list[tuple[str, str]]:
    """What differs between two versions in the reader's language, word by word."""
    text, found = text_in(newer.texts, locale)
    return around_changes(differences(older.texts.get(found, ""), text))


def _go_on() -> Response:
    return redirect(local_address(request.values.get("next")) or url_for("campaign.index"), 303)
