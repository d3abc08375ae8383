"""Carry out the erasure of a person, once its waiting time is over.

First mails that are files; then the database, in one transaction; then files and what else is kept beside it, which can
all be deleted twice. An attempt that is interrupted is repeated from the start, or after the transaction where that one
was committed.
"""

from collections.abc import Callable
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from app.clock import now
from app.extensions import database
from app.mail.transport import delete_mails
from app.settings import Settings
from app.sqlite import erase_for_good, forget_deleted, reading
from app.web.erased import note_erasure
from app.web.language import read_by
from app.web.site import site_of
from app.web.uploads import uploads
from app.worker.placement_cache import forget_placers
from app.worker.vector_store import forget_unused, loaded
from clustering.errors import ModelUnavailable
from ideas.errors import DomainError
from ideas.files import discard
from ideas.organisation.organisation import the_organisation
from ideas.privacy.erase import Words, erase, own_files
from ideas.privacy.erasure import Erasure, ErasureOver, check_may_erase, try_again
from ideas.privacy.register import MAILS_ON_DISK
from ideas.privacy.wanted import mails_of, wanted_of
from ideas.work.job import Job


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:
    """See app.worker.worker for the contract, but the erasure is committed before what follows from it.

    Where a rule refuses it, such as for whoever leads a campaign by now, it is tried again a day later.
    """
    try:
        return _run(job, report)
    except ErasureOver:
        raise
    except DomainError:
        session = database()
        session.rollback()
        try_again(session, session.get_one(Erasure, job.payload["erasure"]), now=now())
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
        report("erase", 0.2)
        erase_for_good(session)
        erasure = session.get_one(Erasure, job.payload["erasure"])
        erase(session, erasure, words=_words(), now=now())
        if mails:
            erasure.counts = (erasure.counts or {}) | {MAILS_ON_DISK: mails}
        session.commit()
        delete_mails(settings.mail_folder, pattern, sent)  # what was sent meanwhile
    report("erase", 0.8)
    with reading(session):
        files = own_files(session, session.get_one(Erasure, job.payload["erasure"]).person)
    for stored_as in files:
        discard(uploads(), stored_as)
    forget_deleted(session)
    note_erasure(settings)
    forget_placers()
    try:
        forget_unused(loaded(settings.embedding_model).name)
    except ModelUnavailable:
        forget_unused(settings.embedding_model)
    return {}


def _words() -> Words:
    """In the language of the site: they are read by everyone."""
    site = site_of(the_organisation(database()))
    with read_by(site.locale, site.timezone):
        return Words(name=_("Former member"), text=_("This text was erased at the request of its author."))


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
