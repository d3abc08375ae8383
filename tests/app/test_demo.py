"""The demo is believable: its themes hold together, and each answer is about the ideas of its theme.

The slow tests look at the themes that the real pipeline finds in the demo's own ideas.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import cache
from html import unescape

import pytest
from flask import current_app
from sqlalchemy import func, select

from app.clock import now as clock
from app.database import copy as database_copy
from app.database.sqlite import reading
from app.demo.answers.deciding import theme_about
from app.demo.loading import CAMPAIGNS, accounts, load_demo, read_facts
from app.extensions import database, db
from app.jobs import send_digests
from app.jobs.find_themes import group_ideas
from app.mail.notices import notify_due
from app.server.private_files import database_file
from clustering.text.cleaning import strip_accents
from clustering.text.grammar import is_function_word, lemma
from clustering.text.tokens import TOKEN
from ideas.accounts.sign_in import open_sign_in
from ideas.accounts.undeliverable import Undelivered, undeliverable_page
from ideas.activity.activity import Activity, Verb, first_broken
from ideas.answers import delivered
from ideas.answers.action import actions_in
from ideas.answers.approval import proposals_in
from ideas.answers.debriefs.blocks import BlockKind, blocks_of
from ideas.answers.debriefs.coverage import basis_of
from ideas.answers.debriefs.debrief import Answer, Debrief, answers
from ideas.answers.debriefs.figures import typed_figures
from ideas.answers.debriefs.material import check_numbers
from ideas.answers.decision import DecisionStatus, decisions_in
from ideas.answers.earlier import published_answers
from ideas.answers.scheduled import DebriefSchedule, confirmed_stamp, publish_scheduled
from ideas.answers.template import templates_for
from ideas.campaigns.campaign import Campaign
from ideas.campaigns.draft import count_deleted_drafts
from ideas.campaigns.form_field import FieldKind, FormField
from ideas.campaigns.people.team import Role
from ideas.campaigns.term import terms_of
from ideas.contributions.claim import ImportedAddress
from ideas.contributions.fields.value import FieldValue
from ideas.contributions.idea import Idea
from ideas.contributions.imports.importing import IdeaImport
from ideas.contributions.imports.undo import reason_of_withdrawal
from ideas.contributions.withheld import Outcome, Review, Withheld
from ideas.outreach.messages.message import Message
from ideas.outreach.newsletters.figures import aftermath
from ideas.outreach.newsletters.newsletter import Newsletter, NewsletterState, referent_of
from ideas.outreach.newsletters.readers import outcome
from ideas.outreach.notice import Notice, NoticeKind
from ideas.outreach.outbox import outbox_of
from ideas.people.person import Person
from ideas.people.sanction import Sanction, SanctionKind
from ideas.recognition.group_standing import group_standing
from ideas.search import count_unindexed
from ideas.themes.checks.agreement import Agreement, agreement_in
from ideas.themes.checks.sample import cards_of, stack_for
from ideas.themes.passage import load_passages
from ideas.themes.placement import Placement
from ideas.themes.runs.run import ThemeRun
from ideas.work.job import Job, JobKind
from tests.databases import named, own_database

# Typing mistakes, English words and "chief nap officers" are ideas too, and share no word with any answer.
MIN_ANSWERED_SHARE = 2 / 3


@pytest.fixture(scope="module")
def campaigns(settings, tmp_path_factory, migrated) -> Iterator[list[Campaign]]:
    """The demo's campaigns as loaded, all of them grouped, as a manager may group the open one at any time."""
    with own_database(settings, tmp_path_factory.mktemp("demo")) as app, app.app_context():
        migrated()
        session = database()
        load_demo(session)
        notify_due(clock())  # of what the demo made up; the groupings below are told
        # The large ones: those of spaces are too small to have themes.
        announced = select(Campaign).where(Campaign.announced_at.is_not(None)).order_by(Campaign.id)
        loaded = list(session.scalars(announced.limit(len(CAMPAIGNS))))
        for campaign_id in [campaign.id for campaign in loaded]:
            if _last_run(campaign_id) is None:
                session.commit()
                group_ideas(session, campaign_id)
                session.commit()
        yield loaded


@pytest.mark.model
def test_ideas_that_are_hidden_reworded_and_split_an_open_report_and_a_warning_are_shown(campaigns):
    hidden = database().scalars(select(Idea).where(Idea.withheld == Withheld.HIDDEN)).one()
    assert not hidden.is_public
    reviews = database().scalars(select(Review).order_by(Review.id)).all()
    assert [review.is_open for review in reviews] == [False, True, False]
    assert reviews[2].outcome is Outcome.REWORDED
    part = database().scalars(select(Idea).where(Idea.split_from_id.is_not(None))).one()
    assert part.is_public
    warning = database().scalars(select(Sanction)).one()
    assert (warning.kind, warning.person_id) == (SanctionKind.WARNING, hidden.author_id)


def test_of_what_the_demo_makes_up_two_people_are_told_and_two_mails_wait(campaigns):
    session = database()
    assert session.scalar(select(func.count()).where(Activity.verb == Verb.GRANTED)) > 0
    newly = select(Notice.kind).where(Notice.kind != NoticeKind.NEWSLETTER)
    told = session.scalars(newly.order_by(Notice.id)).all()
    assert told == [NoticeKind.DEBRIEF_PUBLISHED, NoticeKind.ACTION_DONE, NoticeKind.IDEA_COMMENTED]
    send_digests.run(Job(kind=JobKind.SEND_DIGESTS), report=lambda _stage, _share: None)
    mails = session.scalars(select(Message).where(Message.next_attempt_at > clock() + timedelta(days=1))).all()
    waiting = {mail.address: mail.digest is not None for mail in mails}
    assert waiting["sarah.mitchell@example.org"] is False
    assert waiting["emily.carter@example.org"] is True


def test_one_newsletter_of_the_demo_went_out_and_one_waits_for_the_referent(campaigns):
    session = database()
    sent, waiting = session.scalars(select(Newsletter).order_by(Newsletter.id)).all()
    assert (sent.state, waiting.state) == (NewsletterState.SENDING, NewsletterState.PROPOSED)
    found = outcome(session, sent)
    assert found.told == found.sent > found.read > 0
    assert sum(aftermath(session, sent).clicks.values()) > 0
    assert referent_of(session, waiting.space).email == "beatrice.lemoine@example.org"


def test_the_demo_shows_a_glossary_a_cover_groups_and_addresses_that_take_no_mail(campaigns):
    session, (mobility, health, _jobs) = database(), campaigns
    assert "VAE" in {term.abbreviation for term in terms_of(session, mobility)}
    assert mobility.cover is not None
    assert len(group_standing(session, health, since=None, until=clock())) >= 2
    assert {row.why for row in undeliverable_page(session)[0]} == set(Undelivered)


def test_the_demo_shows_what_a_debrief_can_hold_and_what_a_team_works_with(campaigns):
    session, (_mobility, health, jobs) = database(), campaigns
    debrief = session.scalars(select(Debrief).where(Debrief.campaign_id == jobs.id)).one()
    kinds = {block.kind for block in blocks_of(debrief.body)}
    assert kinds >= {
        BlockKind.CHART, BlockKind.MAP, BlockKind.IMAGE, BlockKind.FILE, BlockKind.VIDEO, BlockKind.QUOTATION,
        BlockKind.ANSWERS, BlockKind.DECLINED, BlockKind.NEXT, BlockKind.THANKS,
    }  # fmt: skip
    check_numbers(session, jobs, debrief.body)
    assert sum(bool(one.community_impact) for one in decisions_in(session, jobs).values()) >= 5
    assert len(templates_for(session, health)) == 2
    outbox = outbox_of(session, health, by=health.owner, now=clock())
    [author] = outbox.imported
    assert "texte trop petit" in author.name
    assert author in [one.recipient for one in outbox.drawn]


@pytest.mark.model
def test_an_answer_of_the_demo_came_late_and_an_answer_and_a_debrief_wait(campaigns):
    session, (_mobility, _health, jobs) = database(), campaigns
    promised = delivered.promises_of(session, [jobs], now=clock())
    [late] = [promise for promise in promised if promise.kind is delivered.PromiseKind.ANSWER]
    assert late.outcome is delivered.Outcome.LATE
    assert late.ended_at.date() > late.due
    assert jobs.answers_reviewed
    [proposal] = proposals_in(session, jobs.id).values()
    assert proposal.proposed_by is not jobs.owner, "who may approve it is the lead"
    schedule = session.scalars(select(DebriefSchedule)).one()
    assert schedule.refused_at is None
    assert timedelta(hours=20) < schedule.publish_at - clock() < timedelta(hours=25)
    campaign = session.get_one(Campaign, schedule.campaign_id)
    assert confirmed_stamp(session, campaign) == schedule.stamp
    publish_scheduled(session, now=schedule.publish_at)
    assert campaign.debriefed_at == schedule.publish_at
    session.rollback()


@pytest.mark.model
def test_the_activity_log_of_the_demo_is_whole(campaigns):
    assert first_broken(database()) is None


@pytest.mark.model
def test_the_demo_has_ideas_that_count_in_several_themes(campaigns):
    session = database()
    for campaign in campaigns:
        passages = load_passages(session, campaign)
        assert passages, f"no idea of “{campaign.title}” asks for two things"
        texts = {idea.id: idea.text for idea in session.scalars(select(Idea).where(Idea.id.in_(passages)))}
        assert all(texts[number][row.start : row.end].strip() for number, rows in passages.items() for row in rows)


@pytest.mark.model
@pytest.mark.slow
def test_every_answer_and_every_action_has_a_word_in_common_with_the_ideas_of_its_theme(campaigns):
    for given, ideas, usual in _answered(campaigns):
        said = _words(" ".join(idea.text for idea in ideas)) - usual
        for text in _texts(given):
            assert said & _words(text), f"{given.card.theme.name}: {text}"


@pytest.mark.model
@pytest.mark.slow
def test_every_reason_uses_a_word_that_the_ideas_of_its_theme_use_most(campaigns):
    for given, ideas, usual in _answered(campaigns):
        uses = Counter(word for idea in ideas for word in _words(idea.text) - usual)
        third = sorted(uses.values())[-3]
        most_used = {word for word, count in uses.items() if count >= third}
        assert most_used & _words(given.decision.reason), f"{given.card.theme.name}: {sorted(most_used)}"


@pytest.mark.model
@pytest.mark.slow
def test_every_answer_speaks_of_most_ideas_of_its_theme(campaigns):
    for given, ideas, usual in _answered(campaigns):
        answer = _words(" ".join(_texts(given))) - usual
        french = [idea for idea in ideas if idea.lang == "fr"]
        missed = [idea.text for idea in french if not _words(idea.text) & answer]
        assert len(missed) <= (1 - MIN_ANSWERED_SHARE) * len(french), f"{given.card.theme.name}: {missed}"


@pytest.mark.model
@pytest.mark.slow
def test_every_answer_of_the_demo_finds_its_theme(campaigns):
    written = sum(len(read_facts(name)["decisions"]) for name in CAMPAIGNS)
    assert len(list(_answered(campaigns))) == written


@pytest.mark.model
@pytest.mark.slow
def test_every_theme_of_the_published_debrief_has_an_answer(campaigns):
    published = [campaign for campaign in campaigns if campaign.debriefed_at is not None]
    assert published
    for campaign in published:
        assert [given.card.theme.name for given in _answers(campaign) if not _is_answered(given)] == []


@pytest.mark.model
@pytest.mark.slow
def test_no_family_holds_more_than_half_of_the_themes(campaigns):
    for campaign in campaigns:
        themes = [given.card.theme for given in _answers(campaign)]
        family, held = Counter(theme.family for theme in themes).most_common(1)[0]
        name = _last_run(campaign.id).families[family]
        assert 2 * held <= len(themes), f"{campaign.title}: “{name}” holds {held} of {len(themes)} themes"


@pytest.mark.model
@pytest.mark.slow
def test_the_demo_shows_an_action_abandoned_with_a_reason_and_an_answer_changed_after_the_debrief(campaigns):
    published = [given for campaign in campaigns if campaign.debriefed_at is not None for given in _answers(campaign)]
    assert any(action.abandoned_reason for given in published for action in given.actions)
    earlier = [version for given in published for version in published_answers(database(), given.decision)]
    assert any(version.change_reason for version in earlier)


def test_an_answer_goes_to_the_theme_whose_ideas_it_is_about(session, campaign, charlie, make_idea, make_theme):
    about = [make_idea(campaign, charlie, body) for body in ("A drone.", "A pilot.", "A drone pilot.", "Another.")]
    other = make_idea(campaign, charlie, "A lighthouse keeper.")
    make_theme(campaign, ideas=about[:1])
    theme = make_theme(campaign, ideas=[*about[1:], other])
    assert theme_about(session, about) is theme


def test_an_answer_goes_to_no_theme_that_holds_mostly_other_ideas(session, campaign, charlie, make_idea, make_theme):
    about = [make_idea(campaign, charlie, body) for body in ("A drone.", "A drone pilot.")]
    others = [make_idea(campaign, charlie, body) for body in ("A lighthouse keeper.", "A dam keeper.")]
    make_theme(campaign, ideas=[*about, *others])
    assert theme_about(session, about) is None


def test_answers_are_about_ideas_of_their_campaign_and_no_idea_has_two_answers():
    for name in CAMPAIGNS:
        facts = read_facts(name)
        about = [key for answer in facts["decisions"] for key in answer["about"]]
        assert len(about) == len(set(about))
        assert set(about) <= {idea["key"] for idea in facts["ideas"]}


def test_the_demo_has_an_account_of_every_role():
    kinds = {who.partition(" of ")[0] for who in accounts()}
    assert {*Role, "admin"} - {Role.READER, Role.VISITOR} <= kinds


def test_observers_jurors_and_moderators_of_the_demo_write_nothing():
    for name in CAMPAIGNS:
        facts = read_facts(name)
        silent = {key for role in ("observer", "jury", "moderator") for key in facts["team"][role]}
        written = [*facts["ideas"], *(comment for idea in facts["ideas"] for comment in idea["comments"])]
        assert not silent & {text["by"] for text in written}


def _last_run(campaign_id: int) -> ThemeRun | None:
    newest = select(ThemeRun).where(ThemeRun.campaign_id == campaign_id).order_by(ThemeRun.id.desc()).limit(1)
    return database().scalar(newest)


def _answered(campaigns: list[Campaign]) -> Iterator[tuple[Answer, list[Idea], set[str]]]:
    """Each answer, the ideas of its theme, and the words that most themes of the campaign use: they tell none apart."""
    for campaign in campaigns:
        ideas_of: dict[int, list[Idea]] = {}
        placed = select(Placement.theme_id, Idea).join(Idea, Idea.id == Placement.idea_id)
        for theme_id, idea in database().execute(placed.where(Idea.campaign_id == campaign.id)):
            ideas_of.setdefault(theme_id, []).append(idea)
        found = [(given, ideas_of[given.card.theme.id]) for given in _answers(campaign)]
        uses = Counter(word for _, ideas in found for word in _words(" ".join(idea.text for idea in ideas)))
        usual = {word for word, themes in uses.items() if 2 * themes > len(found)}
        yield from ((given, ideas, usual) for given, ideas in found if _is_answered(given))


def _is_answered(given: Answer) -> bool:
    return given.decision is not None and given.decision.status is not DecisionStatus.PENDING


def _answers(campaign: Campaign) -> list[Answer]:
    return answers(database(), campaign, actions=actions_in(database(), campaign))


def _texts(given: Answer) -> list[str]:
    """The reason, and each action with its impact."""
    return [given.decision.reason, *(f"{action.title} {action.impact}" for action in given.actions)]


def _words(text: str) -> set[str]:
    """The content words of a text, in their dictionary form and without accents."""
    words = {word.lower() for _, word in TOKEN.findall(text) if word}
    return {strip_accents(lemma(word, "fr")) for word in words if not _says_nothing(word)}


def _says_nothing(word: str) -> bool:
    return any(is_function_word(word, lang) for lang in ("fr", "en"))


@pytest.mark.model
def test_the_demo_has_an_undone_import_and_a_deleted_draft_to_look_at(campaigns):
    session = database()
    upload = session.scalars(select(IdeaImport).where(IdeaImport.undone_at.is_not(None))).one()
    assert upload.undone_at is not None
    assert upload.report["added"] == 5
    assert reason_of_withdrawal(session, upload)
    assert session.scalar(select(func.count(Job.id)).where(Job.kind == JobKind.IMPORT_IDEAS)) == 0
    campaign = session.get_one(Campaign, upload.campaign_id)
    assert count_deleted_drafts(session, campaign.owner, now=clock()) == 1


@pytest.mark.model
def test_a_debrief_of_the_demo_shows_how_often_people_agreed_and_a_check_waits_to_be_continued(campaigns):
    session = database()
    found = {}
    for campaign in campaigns:
        run = session.scalars(select(ThemeRun).where(ThemeRun.campaign_id == campaign.id).order_by(ThemeRun.id)).first()
        cards = cards_of(session, run)
        found[campaign.debriefed_at is not None, bool(cards)] = (agreement_in(cards), stack_for(campaign.owner, cards))
    agreement, complete = found[True, True]
    assert (agreement, complete.open) == (Agreement(15, 13), [])
    agreement, begun = found[False, True]
    assert (agreement, begun.checked) == (None, 12)
    assert begun.open


@pytest.mark.model
def test_the_demo_moves_to_postgresql_and_a_copy_that_was_interrupted_goes_on(
    campaigns, settings, postgresql_url, tmp_path, monkeypatch
):
    with own_database(replace(settings, database_url=named(postgresql_url, "none")), tmp_path) as target:
        url = target.extensions["settings"].database_url
        run = current_app.test_cli_runner().invoke
        source = database_file(current_app.extensions["settings"].database_url)
        chunks = database_copy._chunks  # noqa: SLF001 -- the power fails within a table

        def half_way(connection, rows):
            for number, part in enumerate(chunks(connection, rows)):
                with closing(sqlite3.connect(source, timeout=0)) as other, pytest.raises(sqlite3.OperationalError):
                    other.execute("BEGIN IMMEDIATE")  # what it wrote would be in no copy and in no comparison
                if number == 3:
                    raise OSError
                yield part

        monkeypatch.setattr(database_copy, "CHUNK", 100)
        monkeypatch.setattr(database_copy, "_chunks", half_way)
        assert isinstance(run(args=["db", "copy", url, "--yes"]).exception, OSError)
        monkeypatch.setattr(database_copy, "_chunks", chunks)
        assert "Copied and compared" in run(args=["db", "copy", url, "--yes"]).output
        seen = [select(*table.columns.values()[:8]) for table in (Idea.__table__, ThemeRun.__table__)]
        # Of each column, what is not NULL: null of JSON would count.
        filled = [select(*map(func.count, table.columns)) for table in db.metadata.sorted_tables]
        with reading(database()) as session:
            there = [sorted(session.execute(each).all(), key=repr) for each in [*seen, *filled]]
        with target.app_context():
            session = database()
            assert [sorted(session.execute(each).all(), key=repr) for each in [*seen, *filled]] == there
            highest = session.scalar(select(func.max(Person.id)))
            assert (first_broken(session), count_unindexed(session)) == (None, 0)
            newest = Person(email="new@example.org", name="New", created_at=clock())
            session.add(newest)
            session.commit()
            assert newest.id == highest + 1
        for address, refusal in ((url, "There is a site in that database already."), ("sqlite:///x", "PostgreSQL")):
            assert refusal in run(args=["db", "copy", address, "--yes"]).output


# The page of each part of the demo, who reads it, and what is on it.
SHOWN = (
    ("ellen.marsh", "/campaigns/1/ideas/130", "welcomes you here"),
    ("tom.barlow", "/campaigns/1/ideas/20", "www.deepl.com"),
    ("tom.barlow", "/campaigns/1/ideas/43", "crossing-times.csv"),
    ("rose.ndiaye", "/campaigns/1", "comptages-de-mars.csv"),
    ("rose.ndiaye", "/campaigns/1/standing?board=activity", "Élise Bouvier"),
    ("rose.ndiaye", "/campaigns/1/standing?board=support", "Catherine Joly"),
    ("rose.ndiaye", "/campaigns/1/standing?board=mentions", "Colette Renard"),
    ("rose.ndiaye", "/campaigns/1/standing?board=newcomers", "Quentin Rolland"),
    ("rose.ndiaye", "/campaigns/2/standing?board=groups", "Médecin"),
    ("rose.ndiaye", "/campaigns/1/comments/best", "Mon père y passait"),
    ("rose.ndiaye", "/campaigns/3/winners", "La camionnette"),
    ("rose.ndiaye", "/campaigns/3/compare/results", "La camionnette"),
    ("rose.ndiaye", "/campaigns/3/public-vote", "Apicultrice"),
    ("rose.ndiaye", "/early-briefs", "Un seul billet pour tout"),
    ("rose.ndiaye", "/me/follows", "Accueil des nouveaux membres"),
    ("claire.morel", "/spaces/4/standing", "Marc Roussel"),
    ("emily.carter", "/campaigns/7", "Étienne Vallier"),
    ("emily.carter", "/spaces/5", "Dessiner l’arrêt de bus de demain"),
    ("sophie.lacombe", "/campaigns/2/reading", "À citer dans la restitution"),
    ("nadege.kouassi", "/campaigns/3/contest/ranking", "La camionnette"),
    ("etienne.vallier", "/campaigns/9/debrief/write", "La restitution sera publiée le"),
    ("etienne.vallier", "/campaigns/1/team", "Odile Pasquier"),
    ("etienne.vallier", "/campaigns/1/first-ideas", "Signage"),
    ("etienne.vallier", "/campaigns/1/moderation/support", "LE PONT SAINT AUBIN"),
    ("benedicte.arnoux", "/pioneers", "Emily Carter"),
)


def test_the_demo_shows_every_part_of_taking_part(campaigns):
    session, missing = database(), []
    people = {
        name: session.scalars(select(Person).where(Person.email == f"{name}@example.org")).one()
        for name, _path, _words in SHOWN
    }
    clients = {name: current_app.test_client() for name in people}
    for name, person in people.items():
        token = open_sign_in(session, person, now=clock())
        with clients[name].session_transaction() as cookie:
            cookie["sign_in"], cookie["_user_id"], cookie["_fresh"] = token, str(person.id), True
    session.commit()
    with ThreadPoolExecutor(1) as apart:  # a request has a context of its own: the one that is open here is not used
        for name, path, words in SHOWN:
            answer = apart.submit(clients[name].get, path).result()
            if words not in answer.text.partition("<main")[2]:
                missing.append((path, words))
    assert missing == []
    assert session.get_one(Campaign, 5).supports_each == 3
    claimable = session.execute(select(ImportedAddress.email, ImportedAddress.agreed).order_by(ImportedAddress.idea_id))
    assert set(claimable.all()) == {("yvonne.pasquier@example.org", False), ("ginette.barthe@example.org", True)}
    assert {field.kind for field in session.scalars(select(FormField))} == set(FieldKind)
    given = session.scalars(select(FieldValue.text).where(FieldValue.text != "")).all()
    assert "Pont Saint-Aubin" in given


def test_a_sceptical_contributor_can_check_each_statement_of_the_debrief(campaigns):
    """As a visitor: every figure leads to as many ideas, every quotation to its idea, every theme to its ideas."""
    session, campaign = database(), campaigns[2]
    body = session.scalars(select(Debrief.body).where(Debrief.campaign_id == campaign.id)).one()
    assert typed_figures(body) == []
    assert basis_of(session, campaign, body).unknown == []
    session.commit()
    visitor, here = current_app.test_client(), f"/campaigns/{campaign.id}"
    with ThreadPoolExecutor(1) as apart:  # a request has a context of its own: the one that is open here is not used

        @cache
        def text_of(address: str) -> str:
            answer = apart.submit(visitor.get, address, headers={"Accept-Language": "fr"}).result()
            assert answer.status_code == 200, address
            return _spoken(answer.text.partition("<main")[2])

        html = apart.submit(visitor.get, f"{here}/debrief", headers={"Accept-Language": "fr"}).result().text
        page = html[html.index('<article class="debrief"') : html.rindex("</article>")]
        figures = re.findall(r'<a(?: class="checked")? href="([^"]+)">(\d+)(?: idées)?(?:</a>|, dont )', page)
        assert len(figures) >= 30
        for address, count in ((unescape(link), count) for link, count in figures):
            if address.startswith("#"):  # counted on the page itself, where it is said how
                assert f'id="{address[1:]}"' in page
            elif "order=" not in address:  # supports and comments are listed with their ideas, not counted there
                said = rf"\b{count} idées?\b|thèmes {count}\b"
                assert re.search(said, text_of(address)), (address, count)
        counted = re.findall(r'<a href="([^"]+/themes/\d+)">[^<]+</a></th><td class="number">(\d+)</td>', page)
        assert len(counted) > 20  # of the chart and of the map
        for address, count in counted:
            assert re.search(rf"\b{count} idées\b", text_of(address)), (address, count)
        quoted = r'<(?:blockquote|li class="verbatim")[^>]*>(.*?)<a[^>]* href="([^"]*/ideas/\d+)"'
        quotations = re.findall(quoted, page, re.DOTALL)
        assert len(quotations) > 20
        for words, address in quotations:
            said = _spoken(words).removesuffix("…").strip()
            for sentence in re.split(r"(?<=[.!?…])\s", said):  # a title is the first of them
                assert sentence.rstrip(".…") in text_of(address), (address, sentence)
        for address, name in re.findall(r'<h4 class="answer__name"><a href="([^"]+)">([^<]+)</a>', page):
            assert _spoken(name) in text_of(address)
        for action in re.findall(r'<div class="bar__line"><span>([^<]+)</span>', page):
            assert _spoken(action) in text_of(f"{here}/promises"), action


def _spoken(html: str) -> str:
    """The words of a piece of a page, without its tags, each space as one."""
    return " ".join(unescape(re.sub(r"<[^<>]+>", " ", html)).split())
