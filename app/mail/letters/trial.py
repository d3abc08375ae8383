"""A test mail, sent while its sender waits, to see what the mail server answers."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import make_msgid

from app.mail.delivery import sender_of
from app.mail.transport import MailServer, reason_of, transport
from app.settings import Settings
from app.web.pages.language import gettext as _


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a test mail. `answer`: the server's own words; empty where the mail became a file."""

    accepted: bool
    answer: str


def send_trial(settings: Settings, *, name: str, address: str, site: str, now: datetime) -> Trial:
    """Send a test mail to an administrator, and wait for the answer. It makes no query; call it without a transaction.

    `name`, `address`: of who gets it; `site`: the name of the site.
    """
    try:
        mail = _mail(settings, name=name, address=address, site=site, now=now)
        with transport(settings) as way:
            way.hand_over(mail, name=f"test-{now:%Y%m%d%H%M%S}")
            return Trial(accepted=True, answer=way.answered if isinstance(way, MailServer) else "")
    except (OSError, ValueError) as error:
        return Trial(accepted=False, answer=reason_of(error))


def _mail(settings: Settings, *, name: str, address: str, site: str, now: datetime) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = sender_of(site, settings.mail_from)
    mailbox, _at, domain = address.rpartition("@")
    mail["To"] = Address(name, addr_spec=f"{mailbox}@{domain.encode('idna').decode()}")
    mail["Subject"] = _("%(site)s: test email", site=site)
    mail["Date"] = now
    mail["Message-ID"] = make_msgid(domain=settings.mail_domain)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_("This email shows that %(site)s can write to you. You asked for it yourself.", site=site) + "\n")
    return mail
