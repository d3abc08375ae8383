"""The register: each column that refers to a person, with what it is, why it is kept, how long, and what becomes of it.

Export, erasure, its rehearsal and docs/personal-data.md all follow from these lines. Tables are named by their names:
a test compares them with the tables that there are. A column that is missing here fails that test.
"""

from dataclasses import dataclass
from enum import StrEnum

from ideas.errors import message_id


class Fate(StrEnum):
    """What an erasure does with the rows. Where they stay, the account that they name has no name any more."""

    DELETED = "deleted"
    EMPTIED = "emptied"  # what the person wrote or what is said about them is deleted, the row stays
    NAMELESS = "nameless"  # the row stays
    CHOSEN = "chosen"  # the person chooses: without their name, or without its content too


class By(StrEnum):
    """How the column refers to a person."""

    PERSON = "person"  # by the number of the account
    ADDRESS = "address"
    ADDRESS_HASH = "address_hash"
    SUBJECT = "subject"  # by the number of the account, in a text


@dataclass(frozen=True, slots=True)
class Holding:
    """One column that refers to a person. `what`, `why` and `kept_for` are sentences to translate.

    `empties`: the columns that an erasure empties. `hidden`: columns that an export leaves out, since they are
    secrets, or about others.
    """

    table: str
    column: str
    what: str
    why: str
    kept_for: str
    fate: Fate
    empties: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    by: By = By.PERSON

    @property
    def name(self) -> str:
        """Its name in an export, in counts and in a certificate."""
        return f"{self.table}.{self.column}"


ACCOUNT = message_id("To have an account and to sign in.")
PROTECT = message_id("To protect the account.")
TAKE_PART = message_id("To know who took part, and to let results be checked.")
ANSWERABLE = message_id("To show who acted for the organisation, and when.")
RULES = message_id("To apply the rules of the community and answer appeals.")
NOTIFY = message_id("To tell people what concerns them.")
INVITE = message_id("To invite people and let them in.")
INVITE_AND_TELL = message_id(
    "To invite authors of imported ideas who agreed to it, and to tell them what becomes of these."
)
FLOOD = message_id("To refuse a flood of requests.")
PROOF = message_id("To prove that a request about personal data was answered.")

AS_ACCOUNT = message_id("As long as the account.")
AS_CAMPAIGN = message_id("As long as the campaign.")
AS_SITE = message_id("As long as the site.")
AS_SET = message_id("As long as administrators chose.")
AS_SPACE = message_id("As long as the person is in the space.")
TWO_DAYS = message_id("Two days.")
SEVEN_DAYS = message_id("Seven days after an export is made; other files as long as they are used.")
UNTIL_CLAIMED = message_id("Until the author claims the idea.")

_DELETED, _EMPTIED, _NAMELESS, _CHOSEN = Fate.DELETED, Fate.EMPTIED, Fate.NAMELESS, Fate.CHOSEN


def _line(
    place: str,
    what: str,
    why: str,
    kept_for: str,
    fate: Fate,
    *,
    empties: tuple[str, ...] = (),
    hidden: tuple[str, ...] = (),
    by: By = By.PERSON,
) -> Holding:
    table, column = place.split(".")
    return Holding(table, column, what, why, kept_for, fate, empties, hidden, by)


_OF_ACCOUNTS = (
    _line("person.id", message_id("Name, email address, headline, language, time zone, rights, choices"), ACCOUNT,
          AS_ACCOUNT, _EMPTIED, empties=("name", "email", "headline")),
    _line("identity.person_id", message_id("Ways to sign in"), ACCOUNT, AS_ACCOUNT, _DELETED, hidden=("secret",)),
    _line("sign_in.person_id", message_id("Sign-ins: when, browser and system"), PROTECT, AS_SET, _DELETED,
          hidden=("token_hash",)),
    _line("link.person_id", message_id("Links sent by email to prove an address"), PROTECT, AS_ACCOUNT, _DELETED,
          hidden=("salt",)),
    _line("link.email", message_id("Addresses that links prove"), PROTECT, AS_ACCOUNT, _DELETED, hidden=("salt",),
          by=By.ADDRESS),
    _line("second_factor.person_id", message_id("The app that makes codes"), PROTECT, AS_ACCOUNT, _DELETED,
          hidden=("salt", "sealed", "last_step")),
    _line("host_entry.person_id", message_id("Links of the organisation’s applications that signed the person in"),
          PROTECT, TWO_DAYS, _DELETED, hidden=("nonce",)),
    _line("recovery_code.person_id", message_id("Recovery codes"), PROTECT, AS_ACCOUNT, _DELETED,
          hidden=("code_hash",)),
    _line("consent.person_id", message_id("Rules accepted, by version"), RULES, AS_ACCOUNT, _DELETED),
    _line("person_value.person_id", message_id("Answers of the profile, such as a specialty"), TAKE_PART, AS_ACCOUNT,
          _DELETED),
    _line("limit_count.subject", message_id("How often an account did something lately"), FLOOD, TWO_DAYS, _DELETED,
          by=By.SUBJECT),
    _line("erasure.person_id", message_id("Requests for erasure"), PROOF, AS_SITE, _NAMELESS, hidden=("salt",)),
    _line("erasure.asked_by_id", message_id("Who asked for an erasure"), PROOF, AS_SITE, _NAMELESS, hidden=("salt",)),
)  # fmt: skip
_OF_MAIL = (
    _line("notice.person_id", message_id("Notifications"), NOTIFY, AS_ACCOUNT, _DELETED),
    _line("notice_preference.person_id", message_id("Choices of emails"), NOTIFY, AS_ACCOUNT, _DELETED),
    _line("journey_step.person_id",
          message_id("Messages to new members that the person was sent, and visits after them"), NOTIFY, AS_ACCOUNT,
          _DELETED),
    _line("mail_choice.person_id",
          message_id("Hours of emails, quiet days, country of holidays, and how often a digest"), NOTIFY, AS_ACCOUNT,
          _DELETED),
    _line("push_device.person_id", message_id("Devices that show notifications"), NOTIFY, AS_ACCOUNT, _DELETED,
          hidden=("endpoint", "public_key", "secret")),
    _line("follow.person_id", message_id("Ideas, campaigns and spaces that the person follows"), NOTIFY, AS_ACCOUNT,
          _DELETED),
    _line("message.person_id", message_id("Emails sent"), NOTIFY, AS_SET, _DELETED),
    _line("message.address", message_id("Addresses that emails were sent to"), NOTIFY, AS_SET, _DELETED,
          by=By.ADDRESS),
    _line("undeliverable_address.person_id", message_id("Addresses of the person that emails did not reach"), NOTIFY,
          AS_ACCOUNT, _DELETED),
    _line("undeliverable_address.address", message_id("Addresses that emails do not reach"), NOTIFY, AS_SET, _DELETED,
          by=By.ADDRESS),
    _line("undeliverable_address.noted_by_id", message_id("Addresses noted as not reached"), ANSWERABLE, AS_SITE,
          _NAMELESS, hidden=("address", "detail")),
)  # fmt: skip
_OF_CONTRIBUTIONS = (
    _line("idea.author_id", message_id("Ideas and drafts, with the fields filled in"), TAKE_PART, AS_CAMPAIGN, _CHOSEN,
          empties=("author_name",)),
    _line("imported_address.email", message_id("Addresses of the authors of imported ideas"), INVITE_AND_TELL,
          UNTIL_CLAIMED, _DELETED, by=By.ADDRESS),
    _line("co_author.person_id", message_id("Invitations to be a co-author, and what became of them"), TAKE_PART,
          AS_CAMPAIGN, _DELETED),
    _line("idea.written_by_id", message_id("Ideas written for people without an account"), ANSWERABLE, AS_CAMPAIGN,
          _NAMELESS, hidden=("author_name",)),
    _line("anonymous_author.person_id", message_id("Ideas sent anonymously"), TAKE_PART, AS_CAMPAIGN, _DELETED),
    _line("objection.person_id", message_id("What the person said of the places of their ideas"), TAKE_PART,
          AS_CAMPAIGN, _DELETED),
    _line("objection.email", message_id("What authors of imported ideas said of the places of these"), TAKE_PART,
          UNTIL_CLAIMED, _DELETED, by=By.ADDRESS),
    _line("objection.kept_by_id", message_id("Answers to what authors said of the places of their ideas"), ANSWERABLE,
          AS_CAMPAIGN, _NAMELESS, hidden=("reason",)),
    _line("clarification.person_id", message_id("Questions of the team about the person’s ideas, and the answers"),
          TAKE_PART, AS_CAMPAIGN, _DELETED),
    _line("answer_approval.approved_by_id", message_id("Answers of campaigns that the person approved"), ANSWERABLE,
          AS_CAMPAIGN, _NAMELESS),
    _line("answer_proposal.proposed_by_id", message_id("Answers of campaigns that wait for a second person"),
          ANSWERABLE, AS_CAMPAIGN, _NAMELESS),
    _line("debrief_schedule.set_by_id", message_id("Debriefs that the person scheduled"), ANSWERABLE, AS_CAMPAIGN,
          _NAMELESS),
    _line("clarification.asked_by_id", message_id("Questions to authors of ideas"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS,
          hidden=("answer",)),
    _line("fairness.person_id", message_id("What the person said of debriefs: whether they are fair"), TAKE_PART,
          AS_CAMPAIGN, _DELETED),
    _line("thanks_consent.person_id", message_id("Campaigns whose debrief may thank the person by name"), TAKE_PART,
          AS_CAMPAIGN, _DELETED),
    _line("comment.author_id", message_id("Comments"), TAKE_PART, AS_CAMPAIGN, _CHOSEN),
    _line("closed_talk.closed_by_id", message_id("Debriefs whose comments the person closed"), ANSWERABLE, AS_CAMPAIGN,
          _NAMELESS),
    _line("mention.person_id", message_id("Comments of others that name the person with an @"), NOTIFY, AS_CAMPAIGN,
          _EMPTIED, empties=("name",)),
    _line("pinned_comment.pinned_by_id", message_id("Comments of the month chosen"), ANSWERABLE, AS_CAMPAIGN,
          _NAMELESS),
    _line("vote.person_id", message_id("Support for ideas"), TAKE_PART, AS_CAMPAIGN, _CHOSEN),
    _line("badge_told.person_id", message_id("Badges that the person was told of"), NOTIFY, AS_ACCOUNT, _DELETED),
    _line("reaction.person_id", message_id("Reactions to ideas"), TAKE_PART, AS_CAMPAIGN, _CHOSEN),
    _line("version.by_id", message_id("Earlier versions of texts"), ANSWERABLE, AS_CAMPAIGN, _CHOSEN),
    _line("file.uploaded_by_id",
          message_id("Files: portraits, supporting files, photos and documents of ideas, exports"), TAKE_PART,
          SEVEN_DAYS, _EMPTIED, hidden=("stored_as",)),
    _line("idea_import.person_id", message_id("Files of ideas that were imported"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS,
          hidden=("content", "preview", "report")),
)  # fmt: skip
_OF_PLACES = (
    _line("membership.person_id", message_id("Places in spaces"), INVITE, AS_SPACE, _DELETED),
    _line("space.referent_id", message_id("Spaces whose newsletters the person approves"), ANSWERABLE, AS_SITE,
          _NAMELESS),
    _line("newsletter.written_by_id", message_id("Newsletters written"), ANSWERABLE, AS_SITE, _NAMELESS),
    _line("newsletter.decided_by_id", message_id("Newsletters approved or refused"), ANSWERABLE, AS_SITE, _NAMELESS),
    _line("silent_space.person_id", message_id("Spaces whose emails the person stopped"), NOTIFY, AS_ACCOUNT, _DELETED),
    _line("space.created_by_id", message_id("Spaces created"), ANSWERABLE, AS_SITE, _NAMELESS),
    _line("buddy.person_id", message_id("Who welcomed the person when they were new"), TAKE_PART, AS_ACCOUNT, _DELETED),
    _line("buddy.buddy_id", message_id("New members whom the person welcomes"), TAKE_PART, AS_ACCOUNT, _DELETED),
    _line("pioneer.person_id", message_id("Invitations to be a pioneer, and what became of them"), INVITE, AS_ACCOUNT,
          _DELETED),
    _line("pioneer.invited_by_id", message_id("Pioneers invited"), ANSWERABLE, AS_SITE, _NAMELESS,
          hidden=("reasons", "words", "thanks")),
    _line("workshop.announced_by_id", message_id("Workshops announced"), ANSWERABLE, AS_SITE, _NAMELESS),
    _line("workshop_answer.person_id", message_id("Workshops that the person goes to, or declined"), INVITE,
          AS_ACCOUNT, _DELETED),
    _line("guest.person_id", message_id("Campaigns that the person was let into"), INVITE, AS_CAMPAIGN, _DELETED),
    _line("invitation.email", message_id("Invitations received"), INVITE, AS_CAMPAIGN, _DELETED, by=By.ADDRESS),
    _line("invitation.created_by_id", message_id("Invitations sent"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS,
          hidden=("email", "serial")),
    _line("invitation_use.person_id", message_id("Invitations accepted"), INVITE, AS_CAMPAIGN, _DELETED),
    _line("unwanted_invitation.address_hash",
          message_id("Addresses that want no invitation, and no email about imported ideas, as a hash"),
          INVITE_AND_TELL, AS_SITE, _DELETED, by=By.ADDRESS_HASH),
    _line("team_member.person_id", message_id("Roles in teams of campaigns"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS),
    _line("campaign.owner_id", message_id("Campaigns led, with a portrait and a message"), ANSWERABLE, AS_CAMPAIGN,
          _EMPTIED, empties=("owner_word", "owner_video_url")),
)  # fmt: skip
_OF_MODERATION = (
    _line("idea_merge.made_by_id", message_id("Merges of ideas made or proposed"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS),
    _line("idea_merge.changed_by_id", message_id("Merges of ideas agreed to, refused or taken back"), ANSWERABLE,
          AS_CAMPAIGN, _NAMELESS),
    _line("review.author_id", message_id("Texts that moderators dealt with"), RULES, AS_CAMPAIGN, _EMPTIED,
          empties=("text", "span")),
    _line("review.assignee_id", message_id("Cases assigned to a moderator"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS,
          hidden=("text", "span", "note")),
    _line("review.acted_by_id", message_id("Cases that a moderator decided"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS,
          hidden=("text", "span")),
    _line("report.reporter_id", message_id("Reports sent"), RULES, AS_CAMPAIGN, _EMPTIED, empties=("note",)),
    _line("sanction.person_id", message_id("Warnings and sanctions, with appeals"), RULES, AS_SITE, _EMPTIED,
          empties=("quote", "words", "appeal", "answer")),
    _line("sanction.given_by_id", message_id("Sanctions given"), ANSWERABLE, AS_SITE, _NAMELESS,
          hidden=("quote", "appeal")),
    _line("sanction.answered_by_id", message_id("Appeals answered"), ANSWERABLE, AS_SITE, _NAMELESS,
          hidden=("quote", "appeal")),
    _line("sanction.lifted_by_id", message_id("Sanctions lifted"), ANSWERABLE, AS_SITE, _NAMELESS,
          hidden=("quote", "appeal")),
)  # fmt: skip
_OF_THE_TEAM = (
    _line("activity.actor_id", message_id("Acts in the activity"), ANSWERABLE, AS_SITE, _NAMELESS,
          hidden=("before", "after", "hash")),
    _line("debrief.published_by_id", message_id("Debriefs published"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS),
    _line("debrief.written_by_id", message_id("Debriefs written"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS),
    _line("decision.respondent_id", message_id("Answers given in the name of the person"), ANSWERABLE, AS_CAMPAIGN,
          _NAMELESS),
    _line("decision.recorded_by_id", message_id("Answers written"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS),
    _line("idea_answer.respondent_id", message_id("Answers to single ideas given in the name of the person"),
          ANSWERABLE, AS_CAMPAIGN, _NAMELESS),
    _line("idea_answer.recorded_by_id", message_id("Answers to single ideas written"), ANSWERABLE, AS_CAMPAIGN,
          _NAMELESS),
    _line("idea_answer.approved_by_id", message_id("Answers to single ideas approved"), ANSWERABLE, AS_CAMPAIGN,
          _NAMELESS),
    _line("action.owner_id", message_id("Actions the person was in charge of"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS),
    _line("evidence.added_by_id", message_id("Evidence added to actions"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS),
    _line("evidence.removed_by_id", message_id("Evidence taken off actions"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS,
          hidden=("body", "link")),
    _line("theme_edit.person_id", message_id("Edits of themes"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS,
          hidden=("before", "after", "summary")),
    _line("theme_edit.undone_by_id", message_id("Edits of themes undone"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS,
          hidden=("before", "after", "summary")),
    _line("proposal.closed_by_id", message_id("Groupings accepted or declined"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS,
          hidden=("themes",)),
    _line("forbidden.person_id", message_id("Ideas kept out of a theme"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS),
    _line("idea_check.person_id", message_id("Ideas checked against their theme"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS),
    _line("theme_work.assignee_id", message_id("Themes the person was to take care of"), ANSWERABLE, AS_CAMPAIGN,
          _NAMELESS),
    _line("theme_note.author_id", message_id("Notes to the team on themes"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS),
    _line("table_view.person_id", message_id("Saved views of the table of themes"), ANSWERABLE, AS_CAMPAIGN, _DELETED),
    _line("idea_reading.person_id", message_id("Ideas read and starred for a campaign"), ANSWERABLE, AS_CAMPAIGN,
          _NAMELESS),
    _line("idea_tag.added_by_id", message_id("Tags put on ideas, for the team"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS),
    _line("contest_entry.added_by_id", message_id("Ideas put on the shortlist of a contest"), ANSWERABLE, AS_CAMPAIGN,
          _NAMELESS),
    _line("judgement.person_id", message_id("Scores given in a jury, and conflicts of interest declared"), ANSWERABLE,
          AS_CAMPAIGN, _EMPTIED, empties=("interest",)),
    _line("jury_note.person_id", message_id("Notes written in a jury"), ANSWERABLE, AS_CAMPAIGN, _EMPTIED,
          empties=("body",)),
    _line("pair.person_id", message_id("Pairs of ideas or themes compared, and what was chosen"), TAKE_PART,
          AS_CAMPAIGN, _NAMELESS),
    _line("practice_tick.by_id", message_id("Lines ticked in the checklist of a campaign"), ANSWERABLE, AS_CAMPAIGN,
          _NAMELESS),
    _line("ballot.person_id", message_id("Votes in public votes of contests"), TAKE_PART, AS_CAMPAIGN, _NAMELESS),
    _line("contest_result.published_by_id", message_id("Winners of contests announced"), ANSWERABLE, AS_CAMPAIGN,
          _NAMELESS),
    _line("placement.placed_by_id", message_id("Ideas moved to a theme"), ANSWERABLE, AS_CAMPAIGN, _NAMELESS,
          hidden=("nearest", "neighbours", "shared")),
)  # fmt: skip
REGISTER = _OF_ACCOUNTS + _OF_MAIL + _OF_CONTRIBUTIONS + _OF_PLACES + _OF_MODERATION + _OF_THE_TEAM

# What else an erasure looks through: the name of the person in texts of others, and the files on disk.
MENTIONS = "mentions"
# Files of ideas that were not imported and have the address of the person: an erasure deletes them.
WAITING_FILES = "waiting_files"
MAILS_ON_DISK = "mails_on_disk"

# Columns with such a name that hold nothing about a person, and why.
NOT_PERSONAL = {
    "organisation.contact_email": "the address of the organisation",
    "message.account_mail": "a kind of mail",
    "message.mail_id": "the number of a mail",
    "notice_preference.by_mail": "yes or no",
    "person.wants_no_mail": "yes or no",
    "digest_run.last_person_id": "how far a job came, whoever that is",
    "organisation.weekly_mails": "a limit for everyone",
    "journey_text.subject": "the title of a mail to all newcomers",
    "message.subject": "the title of a mail; names in it are found as mentions",
    "idea.author_name": "emptied with the line of idea.author_id; of others, found as mentions",
    "identity.subject": "deleted with the line of identity.person_id",
    "person.email": "emptied with the line of person.id",
}
