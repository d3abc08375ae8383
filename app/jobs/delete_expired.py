"""Delete what is kept for a time only: drafts of closed campaigns, ended sign-ins, finished jobs, sent mails, links of
account mails and of hosts, what hosts were told, counts of limits, portraits and files of ideas that wait for their
form, exports after seven days, bytes of no file. Administrators choose the periods of the first four.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app.clock import now
from app.database.sqlite import reading
from app.extensions import database
from app.web.uploads import uploads
from ideas.accounts.link import delete_old_links
from ideas.accounts.sign_in import delete_ended_sign_ins
from ideas.accounts.undeliverable import delete_old_undeliverable
from ideas.campaigns.people.portrait import delete_waiting
from ideas.contributions.draft import delete_stale_drafts
from ideas.contributions.files.idea_file import delete_waiting_files
from ideas.exports.export import remove_old_campaign_exports
from ideas.files import discard, sweep
from ideas.organisation.organisation import the_organisation
from ideas.outreach.hosts.entry import delete_old_entries
from ideas.outreach.hosts.webhook import delete_old_deliveries
from ideas.outreach.messages.kept import delete_old_messages, empty_private_texts
from ideas.people.limit import delete_old_counts
from ideas.privacy.export import remove_old_exports
from ideas.work.job import Job, delete_finished_jobs


def run(job: Job, *, report: Callable[[str, float], None]) -> dict[str, Any]:  # noqa: ARG001 -- the signature of every kind of job
    """See app.worker.worker for the contract."""
    instant = now()
    with reading(database()) as session:  # no lock is held while files are looked at
        files = sweep(session, uploads(), now=instant)
    _delete_exports()
    chosen = the_organisation(database())
    drafts, messages = timedelta(days=chosen.keep_drafts), timedelta(days=chosen.keep_messages)
    sign_ins, jobs = timedelta(days=chosen.keep_sign_ins), timedelta(days=chosen.keep_jobs)
    return {
        "drafts": delete_stale_drafts(database(), now=instant, kept=drafts),
        "messages": delete_old_messages(database(), now=instant, kept=messages),
        "undeliverable": delete_old_undeliverable(database(), now=instant, kept=messages),
        "private_texts": empty_private_texts(database()),
        "sign_ins": delete_ended_sign_ins(database(), now=instant, kept=sign_ins),
        "links": delete_old_links(database(), now=instant),
        "host_entries": delete_old_entries(database(), now=instant),
        "webhooks": delete_old_deliveries(database(), now=instant, kept=messages),
        "jobs": delete_finished_jobs(database(), now=instant, kept=jobs),
        "files": files,
        "portraits": delete_waiting(database(), now=instant),
        "idea_files": delete_waiting_files(database(), now=instant),
        "limits": delete_old_counts(database(), now=instant),
    }


def _delete_exports() -> None:
    """Delete exports that are seven days old: first their rows, then their bytes."""
    old = [*remove_old_exports(database(), now=now()), *remove_old_campaign_exports(database(), now=now())]
    database().commit()
    for stored_as in old:
        discard(uploads(), stored_as)
