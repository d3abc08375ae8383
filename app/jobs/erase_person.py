"""Carry out the erasure of a person, once its waiting time is over.

First mails that are files; then the database, in one transaction; then files and what else is kept beside it, which can
all be deleted twice. An attempt that is interrupted is repeated from the start, or after the transaction where that one
was committed.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import chain
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from app.clock import now
from app.database.sqlite import erase_for_good, forget_deleted, reading
from app.extensions import database
from app.mail.letters.account import send_account_mail
from app.mail.transport import delete_mails
from app.sandbox.reading import ReadersBusy
from app.settings import Settings
from app.tables.faults import NoRows
from app.tables.idea_file import Choices, open_table
from app.web.pages.erased import note_erasure
from app.web.pages.language import gettext as _
from app.web.pages.language import read_by
from app.web.pages.site import site_of
from app.web.uploads import uploads
from app.worker.placement_cache import forget_placers
from app.worker.vector_store import forget_unused, loaded
from clustering.errors import ModelUnavailable
from ideas.contributions.imports.importing import IdeaImport, waiting_uploads
from ideas.errors import DomainError
from ideas.files import discard, discard_scratch
from ideas.organisation.organisation import the_organisation
from ideas.outreach.messages.message import AccountMail
from ideas.outreach.messages.queue import was_queued
from ideas.privacy.erase import Words, erase, own_files
from ideas.privacy.erasure import Erasure, ErasureOver, check_may_erase, try_again
from ideas.privacy.register import MAILS_ON_DISK
from ideas.privacy.wanted import mails_of, wanted_of
from ideas.work.job import Job

# How often the person is told that a rule still refuses the erasure. It is tried each day.
REMINDED_EVERY = timedelta(days=7)


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:
    """See app.worker.worker for the contract, but the erasure is committed before what follows from it.

    Where a rule refuses it, such as for whoever leads a campaign by now, it is tried again a day later, and the person
    is told why by mail.
    """
    try:
        return _run(job, report)
    except ErasureOver:
        raise
    except DomainError:
        session = database()
        session.rollback()
        erasure = session.get_one(Erasure, job.payload["erasure"])
        try_again(session, erasure, now=now())
        if not was_queued(session, AccountMail.ERASURE_REFUSED, to=erasure.person, since=now() - REMINDED_EVERY):
            send_account_mail(AccountMail.ERASURE_REFUSED, to=erasure.person)
        session.commit()  # the worker throws away what a failed attempt wrote
        raise


def _run(job: Job, report: Callable[[str, float], None]) -> dict[str, Any]:
    session, settings = database(), _settings()
    report("erase", 0.0)
    with reading(session):
        erasure = session.get(Erasure, job.payload["erasure"])
        if erasure is None or erasure.taken_back_at is not None:
            return {}
        done = erasure.done_at is not None
        if not done:
            check_may_erase(session, erasure.person)
            wanted = wanted_of(session, erasure.person)
            pattern, sent = wanted.addresses.pattern, mails_of(session, wanted)
    if not done:
        mails = delete_mails(settings.mail_folder, pattern, sent)
        waiting = _uploads_with(session, pattern)
        report("erase", 0.2)
        erase_for_good(session)
        erasure = session.get_one(Erasure, job.payload["erasure"])
        erase(session, erasure, words=_words(), now=now(), waiting_files=waiting)
        if mails:
            erasure.counts = (erasure.counts or {}) | {MAILS_ON_DISK: mails}
        session.commit()
        delete_mails(settings.mail_folder, pattern, sent)  # what was sent meanwhile
    report("erase", 0.8)
    with reading(session):
        files = own_files(session, session.get_one(Erasure, job.payload["erasure"]).person)
    for stored_as in files:
        discard(uploads(), stored_as)
    discard_scratch(uploads())
    forget_deleted(session)
    note_erasure(settings)
    forget_placers()
    try:
        forget_unused(loaded(settings.embedding_model).name)
    except ModelUnavailable:
        forget_unused(settings.embedding_model)
    return {}


def _uploads_with(session: Session, pattern: re.Pattern[str]) -> list[int]:
    """The files that wait to be imported and have an address of the person. One that can't be read may have it too."""
    with reading(session):
        waiting = waiting_uploads(session)
    found = []
    for upload_id in waiting:
        with reading(session):
            upload = session.get(IdeaImport, upload_id)
            content, name = (upload.content, upload.filename) if upload is not None else (None, "")
            how = Choices.from_json(upload.progress.columns).how if upload is not None and upload.progress else {}
        session.expunge_all()
        if content is not None and _holds(content, name, how, pattern):
            found.append(upload_id)
    return found


def _holds(content: bytes, filename: str, how: Mapping[str, Any], pattern: re.Pattern[str]) -> bool:
    """True where a cell of one of its sheets does."""
    sheets: list[str | None] = [None]
    try:
        while sheets:
            sheet = sheets.pop()
            with open_table(content, filename, how=dict(how) | ({"sheet": sheet} if sheet else {})) as table:
                names, cells = table.facts["columns"], (cell for _line, cells, *_ in table.lines() for cell in cells)
                if any(pattern.search(cell) for cell in chain(names, cells)):
                    return True
                if sheet is None:
                    sheets += [other for other in table.facts["sheets"] if other != table.facts["sheet"]]
    except ReadersBusy:  # the job is tried again
        raise
    except NoRows:
        return False
    except DomainError:
        return True
    return False


def _words() -> Words:
    """In the language of the site: they are read by everyone."""
    site = site_of(the_organisation(database()))
    with read_by(site.locale, site.timezone):
        return Words(name=_("Former member"), text=_("This text was erased at the request of its author."))


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
