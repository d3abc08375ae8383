"""Every route is called in every role, in a campaign of every state. Who may is written here a second time, by hand."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from sqlalchemy import event, func, select, update

from app.access.needs import Platform
from app.extensions import db
from app.mail.invitation import invitation_token
from app.mail.letters.newsletter import LINK_PURPOSE, picture_token
from app.mail.receipt import imported_token, receipt_token
from app.mail.report import report_token
from app.mail.unsubscribe import unsubscribe_token
from app.signing.keys import signer
from app.views.outreach.feed import feed_token
from app.views.outreach.sharing import calendar_token
from clustering.types import Leftover
from ideas.accounts.sign_in import SignIn, open_sign_in
from ideas.accounts.undeliverable import Undelivered, note_undeliverable
from ideas.activity.activity import Activity
from ideas.answers.action import commit_to
from ideas.answers.actions.evidence_change import add_evidence
from ideas.answers.actions.milestone_change import add_milestone
from ideas.answers.debriefs.debrief import Debrief
from ideas.answers.debriefs.material import add_debrief_file
from ideas.answers.debriefs.objection import Objection
from ideas.answers.decision import DecisionStatus, decide
from ideas.answers.single.idea_answer import IdeaAnswer
from ideas.answers.template import add_template
from ideas.campaigns.audience import AudienceChoice, Stage, choose_audience
from ideas.campaigns.form_field import FieldKind, FieldText, add_field
from ideas.campaigns.people.inviting import make_link
from ideas.campaigns.people.team import Act, Role, add_to_team, member_of, remove_from_team
from ideas.campaigns.term import add_term
from ideas.contest.contest import start_contest
from ideas.contributions.claim import ImportedAddress
from ideas.contributions.comment import Comment
from ideas.contributions.files.idea_file import keep_waiting
from ideas.contributions.idea import Idea
from ideas.contributions.imports.importing import IdeaImport
from ideas.contributions.merged import IdeaMerge, MergeState
from ideas.contributions.talk.clarification import Clarification
from ideas.desk.note import ThemeNote
from ideas.desk.table import TableView
from ideas.exports.export import ExportFormat, ask_for_export
from ideas.exports.export import keep_export as keep_campaign_export
from ideas.files import File, Purpose, Upload, add_file, kept
from ideas.media_type import TEXT, WEBP
from ideas.moderation.review import review_for
from ideas.organisation.appearance import set_logo
from ideas.organisation.organisation import the_organisation
from ideas.outreach.hosts.host import add_host
from ideas.outreach.hosts.webhook import WebhookDelivery
from ideas.outreach.messages.queue import write_message
from ideas.outreach.newsletters.newsletter import NewsletterText, write_newsletter
from ideas.outreach.newsletters.pictures import NewsletterPicture
from ideas.outreach.notice import NoticeKind
from ideas.people.platform_role import PlatformRole
from ideas.people.sanction import Reason, SanctionKind, give_sanction
from ideas.privacy.erasure import Contents, Erasure, certificate_token
from ideas.privacy.export import keep_export
from ideas.spaces.audience import Audience
from ideas.spaces.edit import SpaceText, create_space
from ideas.spaces.guest import admit
from ideas.spaces.invitation import Offer
from ideas.spaces.inviting import make_space_link
from ideas.spaces.membership import add_person
from ideas.spaces.segment import Attribute, AttributeValue
from ideas.spaces.space import Entry, SpaceKind, SpaceRole
from ideas.spaces.workshops.workshop import WorkshopText, announce_workshop
from ideas.store import Folder
from ideas.themes.edits.edit import rename_theme
from ideas.themes.edits.history import edit_history
from ideas.themes.placement import Placement
from ideas.themes.theme import Theme
from ideas.work.job import JobKind, JobStatus, enqueue

READ_ALL = {Act.READ, Act.READ_THEMES}
MANAGE = {Act.MANAGE, Act.GROUP, Act.DECIDE, Act.PUBLISH, Act.MODERATE, Act.EXPORT, Act.AUDIT}
TAKE_PART = {Act.CONTRIBUTE, Act.COMMENT, Act.SUPPORT, Act.COMPARE, Act.REPORT}

# What each role may do in a campaign, once it is announced and before its debrief.
MAY = {
    "visitor": {Act.READ},
    "participant": {Act.READ} | TAKE_PART,
    "observer": READ_ALL,
    "jury": READ_ALL | {Act.JUDGE, Act.COMPARE, Act.REPORT},
    "moderator": READ_ALL | {Act.MODERATE, Act.REPORT},
    "facilitator": READ_ALL | TAKE_PART | MANAGE | {Act.JUDGE},
    "owner": set(Act),
    "admin": READ_ALL | TAKE_PART | MANAGE | {Act.INVITE, Act.DELETE},
    "admin who observes": READ_ALL | MANAGE | {Act.INVITE, Act.DELETE},
}
NO_TEAM = {"visitor", "participant"}
# PostgreSQL sees each way to a right once: none, an account, the campaign itself, the platform, a row of its team.
ON_BOTH = {"visitor", "participant", "owner", "admin", "observer"}
ROLES = [role if role in ON_BOTH else pytest.param(role, marks=pytest.mark.one_database) for role in MAY]
# Routes whose rule asks for more than the act: a copy is a campaign that this person starts.
ALSO_NEEDED = {"draft.duplicate": Platform.CAMPAIGN_AUTHOR}
# Routes whose rule asks who wrote the idea: a visitor signs in first.
SIGN_IN_FIRST = {"receipt.objects", "receipt.thank", "fairness.say"}
# Routes for who may decide, and for one more person whom the rule knows: here the owner of the action is the lead.
ALSO_FOR_ITS_OWNER = {"evidence.add"}
# Pages of a site that has no administrator yet.
ONCE = {"set_up.show"}
# Without a setting that the site of the tests lacks: an address to write to, figures.
NOT_SET = {"home.security", "watching.metrics"}
# Every route in every role takes a while: `make check` tries one state, `make test` all of them. The rules tell states
# apart, not the database: PostgreSQL sees each route in an open campaign.
SLOW_ON_SQLITE = (pytest.mark.slow, pytest.mark.one_database)
OTHER_STATES = ("draft", "under review", "debriefed")
STATES = ["open", *(pytest.param(state, marks=SLOW_ON_SQLITE) for state in OTHER_STATES)]


def expected(app, role, endpoint, state):
    """What a route answers: "in", "sign in", 403 or 404."""
    if endpoint in ONCE | NOT_SET:
        return 404
    need = Act.DECIDE if endpoint in ALSO_FOR_ITS_OWNER else app.extensions["needs"][endpoint]
    answer = expected_for(role, need, state)
    if answer == "in" and role == "visitor" and endpoint in SIGN_IN_FIRST:
        return "sign in"
    if answer == "in" and endpoint in ALSO_NEEDED:
        return expected_for(role, ALSO_NEEDED[endpoint], state)
    return answer


def expected_for(role, need, state):
    """What meets, or does not meet, this need."""
    if isinstance(need, Platform):
        meets = {
            "visitor": {Platform.EVERYONE},
            # Who owns a campaign started it; here they also run the space.
            "owner": {Platform.EVERYONE, Platform.MEMBER, Platform.CAMPAIGN_AUTHOR, Platform.SPACE_MODERATOR},
            "admin": set(Platform),
            "admin who observes": set(Platform),
        }
        if need in meets.get(role, {Platform.EVERYONE, Platform.MEMBER}):
            return "in"
        return "sign in" if role == "visitor" else 403
    if state == "draft" and role in NO_TEAM:
        return 404
    if need in MAY[role] or (need is Act.READ_THEMES and state == "debriefed"):
        return "in"
    if need is Act.READ_THEMES:
        return 404
    return "sign in" if role == "visitor" else 403


@pytest.fixture
def cast(alice, bob, charlie, make_person):
    """One person for each role, and two administrators. Charlie is a participant."""
    return {
        "visitor": None,
        "participant": charlie,
        "observer": make_person("Olga"),
        "jury": make_person("June"),
        "moderator": make_person("Milo"),
        "facilitator": bob,
        "owner": alice,
        "admin": make_person("Ada", is_admin=True),
        "admin who observes": make_person("Odin", is_admin=True),
    }


@pytest.fixture
def campaign_in(make_campaign, cast, session, now, uploads):
    """Make a campaign in this state, with the file of its portrait."""
    facts = {
        "draft": {"announced_at": None},
        "open": {},
        "under review": {"closes_at": now - timedelta(days=1), "grouped_at": now},
        "debriefed": {"closes_at": now - timedelta(days=1), "grouped_at": now, "debriefed_at": now},
    }

    def make(state):
        campaign = make_campaign(**facts[state])
        for role in (Role.OBSERVER, Role.JURY, Role.MODERATOR):
            add_to_team(session, campaign, cast[role.value], role=role, by=cast["owner"], now=now)
        add_to_team(session, campaign, cast["admin who observes"], role=Role.OBSERVER, by=cast["owner"], now=now)
        if campaign.debriefed_at:
            session.add(Debrief(campaign=campaign, body="Thanks.", updated_at=now, published_at=now))
        session.commit()
        portrait = uploads / campaign.portrait.stored_as
        portrait.parent.mkdir(parents=True, exist_ok=True)
        portrait.write_bytes(b"RIFF")
        return campaign

    return make


@pytest.fixture
def fill(app, session, make_idea, make_person, alice, bob, uploads, now):
    """Make one of each object that an address can name in this campaign; idea and comment by this person."""

    def make(campaign, author):
        idea = make_idea(campaign, author, "One click to confirm.")
        comment = Comment(idea=idea, author=author, body="Gladly", created_at=now)
        theme = Theme(campaign=campaign, found_name="Clicks", created_at=now)
        upload = IdeaImport(
            campaign_id=campaign.id, person_id=alice.id, filename="a.csv", content=b"text\nOne", created_at=now
        )
        start_contest(session, campaign, several_winners=True)
        session.add_all([comment, _own_answer(idea, alice, now), theme, upload])
        session.flush()
        session.add(Placement(idea_id=idea.id, campaign_id=campaign.id, theme_id=theme.id))
        rename_theme(session, theme, name="Fewer clicks", by=alice, now=now)
        answer = {"status": DecisionStatus.PLANNED, "reason": "Soon.", "respondent": alice, "decided_on": now.date()}
        decision = decide(session, theme, **answer, by=alice, now=now)
        action = commit_to(
            session, decision, title="Build it", impact="", owner=alice, due_on=now.date(), by=alice, now=now
        )
        decision.published_at = now
        mail = {"subject": "Hello", "body": "Hello", "reason": f"test:{campaign.id}", "domain": "localhost"}
        message = write_message(session, to=alice, **mail, now=now)
        job = enqueue(session, JobKind.FIND_THEMES, campaign_id=campaign.id, now=now)
        space = create_space(session, text=SpaceText(f"Space {campaign.id}"), by=alice, now=now)
        member = add_person(session, space, bob, role=SpaceRole.OBSERVER, by=alice, now=now)
        objection = Objection(
            campaign_id=campaign.id,
            idea_id=idea.id,
            theme_id=theme.id,
            person_id=author.id,
            reason="No",
            created_at=now,
        )
        session.add_all([objection, asked := _clarification(idea, author, bob, now)])
        guest = admit(session, campaign_id=campaign.id, person=bob, by=alice, now=now)
        attribute = Attribute(name=f"Region {campaign.id}")
        session.add(attribute)
        session.flush()
        named = {
            "sign_in_id": _sign_in(session, author, now),
            "attribute_id": attribute.id,
            "space_id": space.id,
            "membership_id": member.id,
            "workshop_id": _workshop(session, space, alice, now).id,
            "newsletter_id": _newsletter(session, space, alice, now).id,
            "guest_id": guest.id,
            "campaign_id": campaign.id,
            "idea_id": idea.id,
            "comment_id": comment.id,
            "debrief_comment_id": _on_debrief(session, campaign, author, now).id,
            "theme_id": theme.id,
            "note_id": _note(session, theme, author, now).id,
            "view_id": _view(session, campaign, author).id,
            "edit_id": edit_history(session, campaign)[0].id,
            "upload_id": upload.id,
            "field_id": _field(session, campaign, alice, now).id,
            "term_id": add_term(session, campaign, abbreviation="EV", meaning="electric vehicle", by=alice, now=now).id,
            "template_id": _template(session, campaign, alice, now).id,
            "shared_template_id": _template(session, None, alice, now, f"For {campaign.id}").id,
            "action_id": action.id,
            **_on_the_way(session, action, alice, now),
            "decision_id": decision.id,
            "message_id": message.id,
            **_host(session, campaign, alice, now),
            "undeliverable_id": _undeliverable(session, campaign, alice, now).id,
            "job_id": job.id,
            "objection_id": objection.id,
            "clarification_id": asked.id,
            "person_id": author.id,
            "member_id": member_of(session, campaign, bob).id,
            "role": PlatformRole.CAMPAIGN_AUTHOR.value,
            "file_id": campaign.portrait_id,
            "idea_file_id": _idea_file(session, idea, author, now).file_id,
            "attachment_id": _attachment(session, campaign, alice, now).id,
            "debrief_file_id": _debrief_file(session, campaign, alice, now).id,
            "export_id": _export(session, uploads, campaign, alice, now).id,
            "kind": Leftover.OUTLIER.value,
            "place": 0,
            "chart": "themes",
            "step": "day_0",
            "locale": "fr",
            "draft_id": campaign.id,
            "stamp": _logo(session, uploads, alice, now, space).id,
            "light": "0b6066",
            "dark": "7fcfce",
            "name": "rules",
        }
        until = now + timedelta(days=9)
        review = review_for(session, campaign, idea, by=alice if author is not alice else bob, now=now)
        giver = make_person(f"Giver {campaign.id}", is_admin=True)
        warning = give_sanction(
            session, author, SanctionKind.WARNING,
            reason=Reason.INSULT, quote="", words="", by=giver, now=now, campaign_id=campaign.id,
        )  # fmt: skip
        session.flush()
        named |= {"review_id": review.id, "sanction_id": warning.id}
        named["merge_id"] = _proposal(session, make_idea(campaign, giver, "Confirm with a click."), idea, now).id
        invitation = make_link(session, campaign, offer=Offer(), max_uses=9, expires_at=until, by=alice, now=now)
        named["invitation_id"] = invitation.id
        offer = Offer(role=SpaceRole.MEMBER)
        to_space = make_space_link(session, space, offer=offer, max_uses=9, expires_at=until, by=alice, now=now)
        named["space_invitation_id"] = to_space.id
        erasure = Erasure(person_id=bob.id, asked_by_id=bob.id, contents=Contents.DELETE, salt="s", asked_at=now,
                          due_at=now, done_at=now, counts={})  # fmt: skip
        session.add(erasure)
        _export_of(session, uploads, author)
        session.flush()
        named["erasure_id"] = erasure.id
        with app.app_context():
            named["token"] = unsubscribe_token(alice.id, NoticeKind.DEBRIEF_PUBLISHED)
            named |= {
                "receipt": receipt_token(author.id, campaign.id),
                "calendar": calendar_token(author),
                "feed": feed_token(author, space),
                "imported": imported_token(_imported(session, campaign, now)),
                "link": signer(LINK_PURPOSE).dumps([named["newsletter_id"], 0]),
                "picture": picture_token(named["stamp"]),
                "hook": report_token(),
            }

            named["invite"] = invitation_token(invitation)
            named["proof"] = certificate_token(erasure, key=app.config["SECRET_KEY"])
        session.commit()
        return named

    return make


def _imported(session, campaign, now):
    """The id of an imported idea whose author agreed to be told what becomes of it."""
    times = dict.fromkeys(("created_at", "updated_at", "submitted_at"), now)
    idea = Idea(campaign=campaign, body="From a file.", **times)
    session.add(idea)
    session.flush()
    session.add(ImportedAddress(idea_id=idea.id, email="ann@example.org", agreed=True))
    session.flush()
    return idea.id


def _on_debrief(session, campaign, author, now):
    """A comment on the debrief."""
    comment = Comment(debriefed=campaign, author=author, body="Fair", created_at=now)
    session.add(comment)
    session.flush()
    return comment


def _own_answer(idea, person, now):
    """The published answer to the idea alone."""
    facts = {"status": DecisionStatus.PLANNED, "reason": "Soon.", "respondent": person, "decided_on": now.date()}
    recorded = {"recorded_by": person, "recorded_at": now, "published_at": now}
    return IdeaAnswer(idea=idea, number=1, is_current=True, **facts, **recorded)


def _on_the_way(session, action, person, now):
    """A milestone and a piece of evidence of the action, which is published now unless it is."""
    if action.published_at is None:
        action.publish(session, by=person, now=now)
    due = now.date() + timedelta(days=3)
    milestone = add_milestone(session, action, title="Sketch it", due_on=due, by=person, now=now)
    evidence = add_evidence(session, action, body="Sketched.", by=person, now=now)
    return {"milestone_id": milestone.id, "evidence_id": evidence.id}


def _sign_in(session, person, now):
    open_sign_in(session, person, now=now)
    return session.scalar(select(func.max(SignIn.id)).where(SignIn.person_id == person.id))


def _host(session, campaign, person, now):
    """An application, and something that it was told."""
    host = add_host(session, name="Portal", origin=f"https://app{campaign.id}.example.org", by=person, now=now)
    session.commit()
    act = session.scalar(select(func.max(Activity.id)))
    delivery = WebhookDelivery(host_id=host.id, activity_id=act, created_at=now)
    session.add(delivery)
    session.flush()
    return {"host_id": host.id, "delivery_id": delivery.id}


def _undeliverable(session, campaign, person, now):
    address = f"gone.{campaign.id}@example.org"
    return note_undeliverable(session, address, why=Undelivered.BOUNCED, detail="", by=person, now=now)


def _note(session, theme, person, now):
    note = ThemeNote(campaign_id=theme.campaign_id, theme=theme, author=person, body="Call them.", written_at=now)
    session.add(note)
    session.flush()
    return note


def _workshop(session, space, person, now):
    starts_at = now + timedelta(days=3)
    text = WorkshopText("Sketching", "Room 4", starts_at, starts_at + timedelta(hours=2))
    return announce_workshop(session, space, text=text, by=person, now=now)


def _newsletter(session, space, person, now):
    """A draft with a link."""
    text = NewsletterText("In June", "[Hello](https://example.org/)")
    return write_newsletter(session, space, text=text, by=person, now=now)


def _template(session, campaign, person, now, name="Later"):
    return add_template(session, campaign, name=name, body="We will see.", by=person, now=now)


def _view(session, campaign, person):
    view = TableView(campaign_id=campaign.id, person_id=person.id, name="Mine", query="")
    session.add(view)
    session.flush()
    return view


def _field(session, campaign, person, now):
    """A field of the form, also of a campaign whose form no longer changes."""
    debriefed_at, campaign.debriefed_at = campaign.debriefed_at, None
    text = FieldText(label="Site")
    field = add_field(session, campaign, kind=FieldKind.PLACE, text=text, by=person, now=now)
    campaign.debriefed_at = debriefed_at
    session.flush()
    return field


def _attachment(session, campaign, person, now):
    upload = Upload("notes.txt", TEXT, b"Notes")
    about = {"stored_as": f"notes-{campaign.id}", "purpose": Purpose.ATTACHMENT, "campaign_id": campaign.id}
    return add_file(session, upload, **about, by=person, now=now)


def _idea_file(session, idea, person, now):
    upload = Upload("notes.txt", TEXT, b"Notes")
    file = keep_waiting(session, upload, stored_as=f"idea-{idea.id}", by=person, now=now)
    file.idea_id, file.file.campaign_id = idea.id, idea.campaign_id
    return file


def _debrief_file(session, campaign, person, now):
    upload = Upload("notes.txt", TEXT, b"Notes")
    return add_debrief_file(session, campaign, upload, stored_as=f"debrief-{campaign.id}", by=person, now=now)


def _export(session, uploads, campaign, person, now):
    job = ask_for_export(session, campaign, format_=ExportFormat.JSON, named=False, by=person, now=now)
    with kept(Folder(uploads), b"{}") as stored_as:
        file = keep_campaign_export(session, job, stored_as=stored_as, size=2, digest="0" * 64, now=now)
    job.status, job.finished_at, job.result = JobStatus.DONE, now, {"file": file.id}
    return file


def _proposal(session, idea, into, now):
    """To merge an idea into the other one, whose author may answer."""
    asked = {"made_by_id": idea.author_id, "made_at": now, "by_consent": True, "reason": "They say the same."}
    merge = IdeaMerge(
        campaign_id=idea.campaign_id, idea_id=idea.id, into_id=into.id, state=MergeState.PROPOSED, **asked
    )  # fmt: skip
    session.add(merge)
    session.flush()
    return merge


def _export_of(session, uploads, person):
    with kept(Folder(uploads), b"PK") as stored_as:
        keep_export(session, person, stored_as=stored_as, size=2, digest="0" * 64, now=datetime.now(UTC))


def _clarification(idea, author, asks, now):
    facts = {"campaign_id": idea.campaign_id, "person_id": author.id, "asked_by_id": asks.id}
    return Clarification(idea=idea, question="Which door?", asked_at=now, **facts)


def _logo(session, uploads, person, now, space):
    """The logo, which newsletters of the space show as well."""
    content = b"RIFF"
    with kept(Folder(uploads), content) as stored_as:
        set_logo(session, Upload("logo.webp", WEBP, content), stored_as=stored_as, by=person, now=now)
        session.flush()
    logo = session.get_one(File, the_organisation(session).logo_id)
    session.add(NewsletterPicture(file_id=logo.id, space_id=space.id))
    return logo


@pytest.fixture
def call(app, connection, client, signed_in):
    """Call a route as a person, then roll back what it wrote."""
    cookies = {}

    def cookie_of(person):
        if person not in cookies:
            cookies[person] = signed_in(person).get_cookie("session").value
        return cookies[person]

    def send(person, method, address, **options):
        browser = app.test_client()
        if person is not None:
            browser.set_cookie("session", cookie_of(person))
        before = connection.begin_nested()
        try:
            return browser.open(address, method=method, buffered=True, **options)
        finally:
            before.rollback()

    return send


def routes(app, named, *, method=None, state="open", role=None):
    """(endpoint, method, address) of every route, with these values in its address.

    In a campaign that is not open, the routes of campaigns only: the others know no state of a campaign. With a role, a
    third of them: over the three other states each role meets each route once, and each state each route three times.
    """
    urls, needs = app.url_map.bind("localhost"), app.extensions["needs"]
    found = [
        (rule.endpoint, verb, urls.build(rule.endpoint, _arguments(rule, named), method=verb))
        for rule in sorted(app.url_map.iter_rules(), key=str)
        for verb in sorted(rule.methods & {"GET", "POST"})
        if method in {None, verb} and (state == "open" or isinstance(needs[rule.endpoint], Act))
    ]
    if state == "open" or role is None:
        return found
    return found[(list(MAY).index(role) + OTHER_STATES.index(state)) % 3 :: 3]


def _arguments(rule, named):
    """An invitation is to a campaign or to a space."""
    if {"space_id", "invitation_id"} <= rule.arguments:
        named = named | {"invitation_id": named["space_invitation_id"]}
    return {name: named[name] for name in rule.arguments}


def outcome(answer):
    """The status of a refusal, or "sign in", or "in" for any response of the view itself."""
    if answer.status_code == 303 and answer.location.startswith("/sign-in"):
        return "sign in"
    return answer.status_code if answer.status_code in {400, 401, 403, 404, 405} or answer.status_code >= 500 else "in"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_each_route_admits_exactly_the_roles_that_may_do_its_act(app, campaign_in, fill, call, cast, role, state):
    person = cast[role]
    named = fill(campaign_in(state), person or cast["participant"])
    wrong = {}
    for endpoint, method, address in routes(app, named, state=state, role=role):
        right = expected(app, role, endpoint, state)
        answer = call(person, method, address)
        if outcome(answer) != right:
            wrong[f"{method} {endpoint}"] = (answer.status_code, right)
    assert wrong == {}


# Routes whose rule asks for the author: here the owner is.
AUTHOR_ONLY = {"idea.edit", "idea.withdraw", "idea.restore", "idea_draft.discard", "comment.withdraw"} | {
    "comment.edit", "debrief_comment.edit", "debrief_comment.withdraw",
    "change.debrief_comment", "change.debrief_comment_without",
    "change.idea", "change.idea_without", "change.comment", "change.comment_without", "sanction.appeal_against",
    "merge.propose", "merge.accept", "merge.decline", "merge.leave",
    "clarification.answer", "clarification.take_own_off",
    "co_author.write", "co_author.remove", "theme_work.remove_note", "theme_table.drop_view",
}  # fmt: skip
# Whom each audience holds, of the roles that are not in the team.
AUDIENCES = {
    Audience.PUBLIC: {"participant", "reader", "guest"},
    Audience.MEMBERS: {"participant", "reader", "guest"},
    Audience.SPACES: {"reader", "guest"},
    Audience.SEGMENTS: {"guest"},
    Audience.INVITED: {"guest"},
}


@pytest.fixture
def audience_cast(cast, make_person):
    """Those whom an audience decides about, and the owner. The reader observes a space; the guest was invited."""
    return {name: cast[name] for name in ("visitor", "participant", "observer", "owner", "admin")} | {
        "reader": make_person("Ravi"),
        "guest": make_person("Gina"),
    }


@pytest.fixture
def open_to(session, audience_cast, alice, now):
    """Open a campaign to an audience that holds nobody but a space that the reader observes, and its guest."""

    def choose(campaign, audience):
        space = create_space(
            session, text=SpaceText("Board", kind=SpaceKind.BOARD, entry=Entry.PRIVATE, seats=12), by=alice, now=now
        )
        add_person(session, space, audience_cast["reader"], role=SpaceRole.OBSERVER, by=alice, now=now)
        attribute = Attribute(name="Region")
        session.add(attribute)
        session.flush()
        value = AttributeValue(attribute_id=attribute.id, name="Brittany")
        session.add(value)
        session.flush()
        stage = Stage(audience, spaces=[space.id], values=[value.id])
        choice = AudienceChoice(stage)
        choose_audience(session, campaign, choice=choice, by=alice, change_reason="Start small", now=now)
        admit(session, campaign_id=campaign.id, person=audience_cast["guest"], by=alice, now=now)
        session.commit()

    return choose


# Those about whom an audience decides nothing are tried in the narrowest one only.
NARROWEST = Audience.INVITED


def expected_in(audience, app, role, endpoint):
    """What a route of a campaign answers to whom an audience decides about."""
    need = Act.DECIDE if endpoint in ALSO_FOR_ITS_OWNER else app.extensions["needs"][endpoint]
    if role == "visitor":
        return "sign in" if audience is Audience.PUBLIC else 404
    if role in {"observer", "owner", "admin"}:
        return expected(app, role, endpoint, "open")
    if role not in AUDIENCES[audience]:
        return 404
    if role == "reader" and audience is Audience.SPACES:
        return {Act.READ: "in", Act.READ_THEMES: 404}.get(need, 403)
    return expected(app, "participant", endpoint, "open")


@pytest.mark.parametrize(
    "audience", [each if each is Audience.SPACES else pytest.param(each, marks=SLOW_ON_SQLITE) for each in Audience]
)
def test_each_route_of_a_campaign_admits_exactly_its_audience(
    app, campaign_in, fill, call, audience_cast, open_to, cast, audience
):
    """Role × act × audience. Outside the audience every address of the campaign, and its files, is as of a draft."""
    campaign = campaign_in("open")
    named = fill(campaign, cast["owner"])
    open_to(campaign, audience)
    wrong = {}
    for endpoint, method, address in routes(app, named):
        if not isinstance(app.extensions["needs"][endpoint], Act):
            continue
        for role, person in audience_cast.items():
            if role in {"observer", "owner", "admin"} and audience is not NARROWEST:
                continue
            right = expected_in(audience, app, role, endpoint)
            if right == "in" and endpoint in AUTHOR_ONLY and role != "owner":
                right = 403
            answer = call(person, method, address)
            if outcome(answer) != right:
                wrong[f"{role}: {method} {endpoint}"] = (answer.status_code, right)
    assert wrong == {}


# Their answers are bytes, no text.
PICTURES = {"file.show", "cover.card"}
PICTURES |= {f"installing.{name}" for name in ("icon", "large_icon", "maskable_icon", "touch_icon")}


@pytest.mark.one_database
def test_no_list_search_or_preview_names_a_campaign_to_whom_it_is_not_open(
    app, campaign_in, fill, call, audience_cast, open_to, cast
):
    """Of what each role reads outside of campaigns, and in another one, nothing names it or its idea."""
    campaign, other = campaign_in("debriefed"), campaign_in("open")
    other.title = "Another one"
    named, elsewhere = fill(campaign, cast["owner"]), fill(other, cast["participant"])
    campaign.title = "Secret drawer"
    open_to(campaign, Audience.SPACES)
    searches = ["/search?containing=drawer", "/search?containing=clicks", "/search?containing=confirm&kind=idea"]
    for role, person in audience_cast.items():
        sees = role not in {"visitor", "participant"}
        pages = [address for name, _, address in routes(app, elsewhere, method="GET") if name not in PICTURES]
        shown = "".join(call(person, "GET", address).text for address in [*pages, *searches])
        assert ("Secret drawer" in shown) == sees, role
        assert (f"/campaigns/{campaign.id}/ideas/{named['idea_id']}" in shown) == sees, role


@pytest.mark.parametrize("role", ["observer", "jury", "moderator"])
def test_who_only_reads_or_judges_is_refused_with_a_sentence_when_writing(app, campaign_in, fill, call, cast, role):
    """An observer, a juror and a moderator used to submit, comment and vote."""
    named = fill(campaign_in("open"), cast["participant"])
    for endpoint in ("idea_draft.new", "comment.add", "vote.cast", "vote.react"):
        address = next(address for name, method, address in routes(app, named, method="POST") if name == endpoint)
        answer = call(cast[role], "POST", address, data={"body": "Please", "emotion": "joy"})
        assert answer.status_code == 403
        assert "Your role in this campaign does not allow this." in answer.text


# What a page shows, and what a GET asks the database to do, is the same before both.
@pytest.mark.slow
@pytest.mark.one_database
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", [role for role in ROLES if role != "visitor"])
def test_no_page_shows_a_button_that_its_reader_may_not_press(app, campaign_in, fill, call, cast, role, state):
    """Each form and link of each page that a role may read is allowed to that role, or at least not refused."""
    person = cast[role]
    named = fill(campaign_in(state), cast["participant"])
    refused = set()
    for endpoint, _, address in routes(app, named, method="GET", state=state, role=role):
        page = call(person, "GET", address)
        if outcome(page) != "in" or page.mimetype != "text/html":
            continue
        for target, method in pressable(app, page.text):
            if expected(app, role, target, state) != "in":
                refused.add((endpoint, method, target))
    assert refused == set()


class Pressable(HTMLParser):
    """(address, method) of each link and form of a page."""

    def __init__(self, text):
        super().__init__()
        self.found = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        assert tag.isalnum(), f"an attribute sticks to the name of a tag: {tag}"
        given = dict(attrs)
        if tag == "a":
            self.found.add((given.get("href"), "GET"))
        elif tag == "form":
            self.found.add((given.get("action"), given.get("method", "get").upper()))
        elif "formaction" in given:
            self.found.add((given["formaction"], "POST"))


def pressable(app, text):
    """(endpoint, method) of each link and form of a page that leads to a page of this site."""
    urls = app.url_map.bind("localhost")
    for address, method in Pressable(text).found:
        path = urlsplit(address or "")
        if not path.netloc and path.path.startswith("/"):
            yield urls.match(path.path, method)[0], method


def test_an_object_of_another_campaign_is_not_found_and_a_post_is_logged(app, campaign_in, fill, call, alice, caplog):
    """Alice owns both campaigns: only the address is wrong."""
    here, there = fill(campaign_in("under review"), alice), fill(campaign_in("under review"), alice)
    of_none = {
        "message_id",
        "undeliverable_id",
        "host_id",
        "delivery_id",
        "shared_template_id",
        "person_id",
        "role",
        "kind",
        "place",
        "token",
        "invite",
        "receipt",
        "calendar",
        "feed",
        "link",
        "picture",
        "hook",
        "chart",
        "step",
        "locale",
    }
    of_campaign = set(here) - {"campaign_id", "file_id"} - of_none
    for name in of_campaign:
        # Only one id is of the other campaign.
        for endpoint, method, address in routes(app, here | {name: there[name]}):
            if not {name, "campaign_id"} <= next(app.url_map.iter_rules(endpoint)).arguments:
                continue
            caplog.clear()
            assert call(alice, method, address).status_code == 404, (endpoint, method)
            if method == "POST":
                assert address in caplog.text


# Acts of power whose form asks for the password each time, and what else it takes to be complete.
ASKED_IN_FORM = {
    "address.change": {"email": "new@example.org"},
    "erasure.ask": {"contents": "delete"},
    "erasure.ask_for": {"contents": "delete", "reason": "They asked for it."},
    "my_data.export": {},
    "password.change": {"password": "nine quiet rivers"},
    "second_factor.renew": {},
    "second_factor.switch_off": {},
}
# The others, written here a second time: a page asks where the last password was given a while ago.
POWERS = {
    *("platform_role.grant", "platform_role.revoke", "team.lead", "draft.delete", "sign_up.edit", "retention.edit"),
    *("host.index", "host.renew", "host.remove", "webhook.edit", "second_factor.edit"),
    *("platform_role.export", "activity.export", "message.export", "sanction_list.export"),
    *("export.show", "export.download", "my_data.download"),
}


@pytest.mark.one_database
def test_every_act_of_power_asks_for_the_password_and_does_nothing_before(
    app, session, campaign_in, fill, call, cast, now
):
    assert set(app.extensions["powers"]) == POWERS | set(ASKED_IN_FORM)
    owner = cast["owner"]
    owner.is_admin = True
    named = fill(campaign_in("open"), owner)
    call(owner, "GET", "/me")
    session.execute(update(SignIn).values(confirmed_at=now - timedelta(minutes=11)))
    session.commit()
    before, tried = rows(session), set()
    for endpoint, method, address in routes(app, named):
        if endpoint in POWERS and (method == "POST" or "POST" not in next(app.url_map.iter_rules(endpoint)).methods):
            answer = call(owner, method, address, data={"reason": "Kept, with\nits lines"}, follow_redirects=True)
            assert 'name="confirm_password"' in answer.text, endpoint
            assert answer.status_code == (403 if method == "POST" else 200)
            assert method == "GET" or 'value="Kept, with\nits lines"' in answer.text
        elif endpoint in ASKED_IN_FORM and method == "POST":
            answer = call(owner, method, address, data=ASKED_IN_FORM[endpoint] | {"present_password": "wrong"})
            # Without an app for codes, there is nothing to change.
            assert answer.status_code == (303 if endpoint.startswith("second_factor") else 422), endpoint
        else:
            continue
        tried.add(endpoint)
        assert rows(session) == before, endpoint
    assert tried == set(app.extensions["powers"])


# A mail program and another application have no token: their link or their own token is signed.
WITHOUT_TOKEN = {"notice.unsubscribe", "invitation.never", "host.notice", "mail_report.take", "imported_receipt.stop"}


@pytest.mark.one_database
def test_every_write_without_a_token_is_refused(app, campaign_in, fill, call, cast):
    """Each object is there, and this person may do all: nothing but the missing token refuses them."""
    owner = cast["owner"]
    owner.is_admin = True
    named = fill(campaign_in("open"), owner)
    call(owner, "GET", "/me")
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        for endpoint, _, address in routes(app, named, method="POST"):
            answer = call(owner, "POST", address)
            assert (answer.status_code == 400) == (endpoint not in WITHOUT_TOKEN), (endpoint, answer.status_code)
            refused = outcome(call(None, "POST", address))
            assert endpoint in WITHOUT_TOKEN or refused in {400, "sign in"}, (endpoint, refused)
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


@contextmanager
def no_write(connection):
    written = []

    def note(_connection, _cursor, statement, *_rest):
        if statement.lstrip().split(None, 1)[0].upper() in {"INSERT", "UPDATE", "DELETE"}:
            written.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", note)
    assert written == []


@cache
def counts_of_tables():
    """One number for each. Made when first asked for: not all are known before there is an application."""
    tables = db.metadata.sorted_tables
    return select(*(select(func.count()).select_from(each).scalar_subquery().label(each.name) for each in tables))


def rows(session):
    """How many each table holds, in one statement: it is asked after each of many requests."""
    return dict(session.execute(counts_of_tables()).mappings().one())


@pytest.mark.slow
@pytest.mark.one_database
@pytest.mark.parametrize("state", STATES)
def test_get_requests_write_nothing(app, connection, session, campaign_in, fill, signed_in, cast, state):
    owner, admin = cast["owner"], cast["admin"]
    named = fill(campaign_in(state), owner)
    browsers = [app.test_client(), signed_in(owner), signed_in(admin)]
    before = rows(session)
    for endpoint, _, address in routes(app, named, method="GET", state=state, role="owner"):
        for browser in browsers:
            for headers in ({}, {"HX-Request": "true"}):
                with no_write(connection):
                    assert browser.get(address, headers=headers, buffered=True).status_code < 500, endpoint
    assert rows(session) == before


def test_a_withdrawn_role_is_refused_at_the_next_request(session, signed_in, closed_campaign, alice, bob, now):
    browser = signed_in(bob)
    themes = f"/campaigns/{closed_campaign.id}/themes"
    assert browser.get(themes).status_code == 200
    remove_from_team(session, closed_campaign, bob, by=alice, now=now)
    session.commit()
    assert browser.get(themes).status_code == 404
    assert browser.post(f"{themes}/group").status_code == 403


def test_form_fields_cannot_give_a_role(session, signed_in, campaign, closed_campaign, charlie, bob):
    browser = signed_in(charlie)
    profile = {"name": "Charlie", "headline": "", "locale": "en", "timezone": "Europe/Paris"}
    asked = {"role": "owner", "is_admin": "1", "admin": "1", "id": bob.id, "email": "alice@example.org"}
    assert browser.post("/me/profile", data=profile | asked).status_code == 303
    session.expire_all()
    assert not charlie.is_admin
    assert charlie.email == "charlie@example.org"
    assert browser.post(f"/campaigns/{campaign.id}/close", data=asked).status_code == 403
    idea = {"body": "A bus", "campaign_id": closed_campaign.id, "author_id": bob.id, "is_anonymous": "", "id": 1}
    assert browser.post(f"/campaigns/{campaign.id}/ideas/new", data=asked | idea).status_code == 303
    [sent] = session.execute(select(Idea.campaign_id, Idea.author_id)).all()
    assert sent == (campaign.id, charlie.id)
