"""Legal documents are published in versions; people accept the rules, and again when these change in substance."""

import pytest
from sqlalchemy import select

from ideas.accounts.identity import sign_up
from ideas.activity.activity import Activity, Verb
from ideas.activity.version import ChangedMeanwhile, ReasonNeeded
from ideas.errors import EmptyText, TooLong
from ideas.organisation.consent import Consent, accept_rules, accepted_version, latest_rules
from ideas.organisation.legal_document import (
    BlankLeft,
    DocumentKind,
    all_documents,
    document_of,
    document_versions,
    publish_document,
    text_in,
)
from ideas.organisation.organisation import the_organisation


@pytest.fixture
def ada(make_person):
    return make_person("Ada", is_admin=True)


@pytest.fixture
def publish(session, ada, now):
    def publish(kind=DocumentKind.RULES, texts=None, *, seen=1, substantive=False, reason="Clearer words."):
        texts = texts or {"fr": "Soyez polis.", "en": "Be polite."}
        facts = {"texts": texts, "substantive": substantive, "reason": reason}
        document = publish_document(session, kind, **facts, by=ada, now=now, seen=seen)
        session.commit()
        return document

    return publish


def test_a_new_site_has_rules_in_both_languages_and_three_documents_to_write(session):
    rules, *others = all_documents(session)
    assert (rules.kind, rules.version) == (DocumentKind.RULES, 1)
    assert "Respectez-vous" in rules.texts["fr"]
    assert "Respect each other" in rules.texts["en"]
    assert [document.version for document in others] == [0, 0, 0]
    assert the_organisation(session).documents == ["rules"]


def test_what_is_published_stays_readable_with_who_changed_it_and_why(session, publish, ada):
    document = publish(texts={"fr": "Un", "en": " "})
    publish(texts={"fr": "Deux", "en": "Two"}, seen=2, reason="A second time.")
    latest, before, first = document_versions(session, document)
    assert (latest.texts, latest.reason, latest.by) == ({"fr": "Deux", "en": "Two"}, "A second time.", "Ada")
    assert before.texts == {"fr": "Un"}
    assert first.by == ""
    acts = session.scalars(select(Activity).where(Activity.object_kind == "legal_document")).all()
    assert [(act.verb, act.actor_id, act.after["version"]) for act in acts] == [
        (Verb.PUBLISHED, ada.id, 2),
        (Verb.PUBLISHED, ada.id, 3),
    ]


def test_the_first_publication_needs_no_reason_and_puts_the_document_in_the_footer(session, publish):
    publish(DocumentKind.ACCESSIBILITY, seen=0, reason="")
    publish(DocumentKind.PRIVACY, seen=0, reason="")
    assert the_organisation(session).documents == ["rules", "privacy", "accessibility"]
    with pytest.raises(ReasonNeeded):
        publish(DocumentKind.PRIVACY, seen=1, reason=" ")


@pytest.mark.parametrize(
    ("texts", "error"),
    [
        ({"fr": " ", "en": "\u200b"}, EmptyText),
        ({"fr": "x" * 40_001}, TooLong),
        ({"fr": "Par [à compléter : nom]", "en": "By us"}, BlankLeft),
        ({"fr": "Par nous", "en": "By [To fill in: name]"}, BlankLeft),
    ],
)
def test_a_text_that_is_empty_or_unfinished_is_not_published(session, publish, texts, error):
    with pytest.raises(error):
        publish(DocumentKind.PRIVACY, texts, seen=0)
    session.rollback()
    assert document_of(session, DocumentKind.PRIVACY).version == 0


def test_other_brackets_are_no_blanks(publish):
    assert publish(texts={"en": "A [link](https://example.org) and [1]."}).version == 2


def test_of_two_publications_at_once_the_second_is_refused(session, publish):
    publish()
    with pytest.raises(ChangedMeanwhile):
        publish(texts={"en": "Other"})
    session.rollback()
    assert document_of(session, DocumentKind.RULES).texts["en"] == "Be polite."


def test_a_new_account_accepts_the_rules_of_today(session, publish, now):
    publish()
    facts = {"email": "dana@example.org", "name": "Dana", "password": "a long enough one", "rules_accepted": True}
    dana = sign_up(session, **facts, now=now)
    session.commit()
    consent = session.scalars(select(Consent).where(Consent.person_id == dana.id)).one()
    assert (consent.version, consent.at) == (2, now)


def test_only_rules_that_change_in_substance_are_to_be_accepted_again(session, publish, ada):
    publish()
    assert the_organisation(session).rules_from == 0
    publish(DocumentKind.PRIVACY, seen=0, substantive=True)
    assert the_organisation(session).rules_from == 0
    publish(seen=2, substantive=True)
    assert the_organisation(session).rules_from == 3
    assert accepted_version(session, ada) == 3, "who publishes them has accepted them"


def test_rules_are_accepted_once_and_as_they_are_now(session, publish, charlie, now):
    publish(substantive=True)
    with pytest.raises(ChangedMeanwhile):
        accept_rules(session, charlie, seen=1, now=now)
    session.rollback()
    for _ in range(2):
        accept_rules(session, charlie, seen=2, now=now)
        session.commit()
    assert accepted_version(session, charlie) == latest_rules(session) == 2
    assert session.scalars(select(Consent.version).where(Consent.person_id == charlie.id)).all() == [2]


def test_a_reader_gets_the_text_of_their_language_or_another():
    assert text_in({"fr": "Oui", "en": "Yes"}, "en") == ("Yes", "en")
    assert text_in({"fr": "Oui"}, "en") == ("Oui", "fr")
    assert text_in({}, "en") == ("", "en")
