import time

import pytest

from benchmarks.personal_data.measure import FORMATS, MAX_FALSE_ALARMS, MIN_FORMATS, MIN_PATIENTS, measure, share
from ideas.contributions.comment import add_comment
from ideas.contributions.draft import submit_idea
from ideas.contributions.idea import revise_idea
from ideas.personal_data.personal_data import (
    Kind,
    PersonalDataFound,
    find_personal_data,
    keeping,
    without,
)

PHONE = "Appelez-moi au 06 12 34 56 78."


def found(text, *, health=True):
    return [(span.kind, text[span.start : span.end]) for span in find_personal_data(text, health=health)]


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        ("Écrivez à Jean.DUPONT+avis@exemple.fr.", Kind.EMAIL, "Jean.DUPONT+avis@exemple.fr"),
        ("jeanne (at) exemple point org", Kind.EMAIL, "jeanne (at) exemple point org"),
        (PHONE, Kind.PHONE, "06 12 34 56 78"),
        ("tel.: +41 79 123 45 67", Kind.PHONE, "+41 79 123 45 67"),
        ("ring 020 7946 0958 after six", Kind.PHONE, "020 7946 0958"),
        ("NIR 1 84 12 76 451 089 46", Kind.NIR, "1 84 12 76 451 089 46"),
        ("fr76 3000 6000 0112 3456 7890 189 pour le virement", Kind.IBAN, "fr76 3000 6000 0112 3456 7890 189"),
        ("carte 4111-1111-1111-1111 12/27", Kind.CARD, "4111-1111-1111-1111"),
        ("née le 1er mars 1984 à Lyon", Kind.BIRTH_DATE, "1er mars 1984"),
        ("born on March 12, 1984", Kind.BIRTH_DATE, "March 12, 1984"),
        ("Mme Durand, 82 ans, est diabétique.", Kind.PATIENT, "Durand"),
        ("ma mere josette perrin a ete operee", Kind.PATIENT, "josette perrin"),
        ("Le patient DUPONT Jean est sorti trop tôt.", Kind.PATIENT, "DUPONT Jean"),
        ("My husband Peter Wallace had a stroke.", Kind.PATIENT, "Peter Wallace"),
    ],
)
def test_what_is_personal_is_found_with_its_place(text, kind, place):
    assert found(text) == [(kind, place)]


@pytest.mark.parametrize(
    "text",
    [
        "12 500 patients en 2023, SIRET 732 829 320 00074, EAN 3017620422003, 75013 Paris",
        "Le Dr Jean Martin opère à l’hôpital Georges Pompidou, rue Jean Jaurès.",
        "La maladie de Parkinson, de Crohn ou de Charcot",
        "Merci à Nadia Benali pour l’organisation du dépistage du cancer.",
        "La patiente, Mme D., est rentrée. Le traitement du patient X aussi.",
        "Commande 5512-8840-1937-6604, jamais reçue.",
        "Fondée le 12/03/1984, @cantine_lyon, https://exemple.fr/page?id=0678451290",
        "Mesdames, Messieurs, Madame la directrice, prescrire moins.",
    ],
)
def test_what_only_looks_personal_is_left_alone(text):
    assert found(text) == []


def test_patients_are_looked_for_in_campaigns_about_health_only():
    text = "Mme Durand, 82 ans, est diabétique."
    assert found(text, health=False) == []


def test_targets_are_met_on_texts_that_the_rules_were_not_made_on():
    hits, there, alarms, clean = measure("held_out")
    assert share(hits, there, FORMATS) >= MIN_FORMATS
    assert share(hits, there, {Kind.PATIENT}) >= MIN_PATIENTS
    assert alarms / clean <= MAX_FALSE_ALARMS


def test_the_text_without_it_shows_that_something_was_left_out():
    text = "Appelez le 06 12 34 56 78 ou écrivez à a@exemple.fr."
    assert without(text, find_personal_data(text, health=False)) == "Appelez le […] ou écrivez à […]."
    assert without("06 12 34 56 78.", find_personal_data("06 12 34 56 78.", health=False)) == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "1 ",
        "06 ",
        "a.a",
        "a@",
        "FR76",
        "né le ",
        "(at) ",
        "naissance ",
        "Mme ",
        "Jean ",
        "JEAN-",
        "0",
        "cinq ",
        "4111 ",
        "l'",
        "é",
    ],
)
def test_the_longest_text_is_read_in_no_time(piece):
    started = time.thread_time()
    find_personal_data((piece * 5_000)[:5_000], health=True)
    assert time.thread_time() - started < 1


def test_an_idea_is_published_once_its_author_decided(session, campaign, bob, now):
    with pytest.raises(PersonalDataFound) as refused:
        submit_idea(session, campaign, author=bob, title="", body=PHONE, now=now)
    assert refused.value.kinds == [Kind.PHONE]
    kept = keeping(["", PHONE], health=False)
    idea = submit_idea(session, campaign, author=bob, title="", body=PHONE, now=now, kept=kept)
    assert idea.submitted_at == now
    with pytest.raises(PersonalDataFound):
        revise_idea(session, idea, by=bob, title="", body=f"{PHONE} Ou au 01 44 55 66 77.", now=now, kept=kept)
    revise_idea(session, idea, by=bob, title="Un titre", body=PHONE, now=now, kept=kept)
    assert idea.title == "Un titre"


def test_a_draft_is_never_asked_about(session, campaign, bob):
    early = campaign.opens_at.replace(year=campaign.opens_at.year - 1)
    idea = submit_idea(session, campaign, author=bob, title="", body=PHONE, now=early)
    assert idea.submitted_at is None


def test_a_comment_is_published_once_its_author_decided(session, idea, bob, now):
    idea.campaign.is_health = True
    text = "Ma patiente Josiane Morel attend aussi une place."
    with pytest.raises(PersonalDataFound):
        add_comment(session, idea, author=bob, body=text, now=now)
    add_comment(session, idea, author=bob, body=text, now=now, kept=keeping([text], health=True))


def test_what_an_author_agreed_to_keep_is_no_leave_for_other_words(session, idea, bob, now):
    kept = keeping([PHONE], health=False)
    with pytest.raises(PersonalDataFound):
        add_comment(session, idea, author=bob, body="Ou au 06 99 88 77 66.", now=now, kept=kept)
    assert keeping(["Rien de tel."], health=True) == ""
