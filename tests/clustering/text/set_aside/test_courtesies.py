"""Greetings, signatures, mail headers and quoted replies are set aside."""

import pytest

from clustering.text.cleaning import gist
from clustering.text.set_aside.courtesies import strip_courtesies, strip_mail


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Bonjour je voudrais des bancs", "je voudrais des bancs"),
        ("Bonjour Madame Dupont, des bancs à l’ombre. Cordialement, J. Martin", "des bancs à l’ombre."),
        ("Madame, Monsieur, gardez le kiosque. Merci d’avance.", "gardez le kiosque."),
        ("Monsieur le Maire, gardez le kiosque. Bien à vous, un voisin", "gardez le kiosque."),
        ("Je me permets de vous écrire : gardez le kiosque.", "gardez le kiosque."),
        (
            "Gardez le kiosque. Dans l’attente de votre réponse, veuillez agréer mes salutations distinguées.",
            "Gardez le kiosque.",
        ),
        ("Hi there! Fix the lift. Best, Tom", "Fix the lift."),
        ("Dear all, fix the lift. Thanks in advance, kind regards, Jo 06.11.22.33.44", "fix the lift."),
        ("Sehr geehrte Damen und Herren, mehr Bänke bitte. Mit freundlichen Grüßen Hans", "mehr Bänke bitte."),
        ("Hola a todos, más bancos. Saludos cordiales, Ana", "más bancos."),
        ("Monsieur le Maire. Gardez le kiosque. Bises, Léa", "Gardez le kiosque."),
        ("À l’attention de Madame Roy, gardez le kiosque", "gardez le kiosque"),
        ("Estimados señores: más bancos. Atentamente, Ana", "más bancos."),
        ("Buongiorno, più panchine", "più panchine"),
        ("Olá, mais bancos", "mais bancos"),
        ("Mehr Bänke. Mit freundlichen Grüßen, Hans Müller, Hauptstr. 3, 12345 Berlin", "Mehr Bänke."),
    ],
)
def test_greetings_and_closings_are_set_aside(text, left):
    assert strip_courtesies(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "Bonjour",
        "Merci",
        "« Un banc », disait-elle",
        "Merci de remettre les bancs",
        "Le maire, il faut le voir plus souvent",
        "Team: more outings",
        "Buenas prácticas en la oficina",
        "Regards croisés sur la ville",
        "Wi-fi : bonne réception partout",
        "Thanks to better signs people would find us",
        "Une journée des voisins, à toi de choisir la date",
    ],
)
def test_what_only_begins_or_ends_alike_stays(text):
    assert strip_courtesies(text) == text


@pytest.mark.parametrize(
    "introduced",
    [
        "Le lun. 2 mai 2026 à 10:00, Léa Roy <lea@example.org> a écrit :",
        "Am Mo., 2. Mai 2026 um 10:00 Uhr schrieb Hans Müller <hans@example.org>:",
        "El lun, 2 may 2026 a las 10:00, Ana (<ana@example.org>) escribió:",
        "On Mon, May 2, 2026 at 10:00 AM Léa Roy <lea@example.org>\nwrote:",
    ],
)
def test_a_quoted_reply_with_an_address_is_set_aside(introduced):
    assert gist(f"Plus de bancs\nBonjour,\n\n{introduced}\n> Quels bancs ?") == "Plus de bancs"


def test_headers_quotes_and_signature_of_a_mail_are_set_aside():
    mail = """\
De : Jo Martin
Envoyé : lundi 3 mai
À : la mairie
Objet : TR: Un kiosque au parc

Bonjour,
Il faudrait un kiosque pour la musique.
Le 2 mai 2025, Ana a écrit :
> Que voulez-vous au parc ?
--
Jo Martin
12, rue des Acacias"""
    assert gist(mail) == "Un kiosque au parc Il faudrait un kiosque pour la musique."


def test_a_mail_of_quotes_alone_stays():
    assert strip_mail("> Que voulez-vous ?\n> Des bancs") == "> Que voulez-vous ?\n> Des bancs"


@pytest.mark.parametrize("text", ["Objet : un banc\nau soleil", "De la lumière\nÀ la gare", "un\n\ndeux"])
def test_lines_of_a_text_stay(text):
    assert strip_mail(text).split() == text.split()
