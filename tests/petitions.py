"""Lightly edited copies of one text, as petitions bring them: people change a few words, or add a sentence."""

import random
from collections.abc import Sequence

GREETINGS = ("", "", "Bonjour, ", "Madame la Maire, ", "Bonjour à toute l'équipe, ", "Chère Madame, ")
FAREWELLS = ("", "", " Cordialement.", " Bien à vous, Jeanne R.", " Merci d'avance.", " Un habitant des Tilleuls.")
PERSONAL = (
    "",
    "",
    "",
    "J'y emmène mes deux filles chaque mercredi.",
    "Je suis né ici et je n'imagine pas ce lieu fermé.",
    "Vous aviez promis le contraire avant les élections !",
    "On compte sur vous.",
    "Ma mère, qui a 80 ans, y lit le journal tous les matins.",
)
# Of each pair of braces one wording is taken.
LIBRARY = (
    "{Nous demandons|Je demande|Je vous demande} le maintien de la bibliothèque des Tilleuls {dans ses murs|là où "
    "elle est} et {l'abandon|l'arrêt|le retrait} de la vente du bâtiment à un promoteur, {qui priverait|ce qui priverait} "
    "{1 200|1200} {enfants|écoliers} du seul lieu de lecture du {quartier|secteur}."
)
BUS_EN = (
    "{We ask|I ask|I urge} the council to keep the number 9 bus running {after 8 pm|in the evening} between the "
    "hospital and the station, {because|since} nurses and {cleaners|cleaning staff} on late shifts have no other "
    "{way|means} to get home safely."
)


def copies(text: str, count: int, seed: int = 0, greetings: Sequence[str] = GREETINGS) -> list[str]:
    """Returns `count` copies of a text, some of them with a greeting, a farewell, a sentence of one's own or a slip."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    found = []
    for _ in range(count):
        copy = _worded(text, chance)
        own = chance.choice(PERSONAL)
        if chance.random() < 0.2:  # a letter is left out
            at = chance.randrange(len(copy))
            copy = copy[:at] + copy[at + 1 :]
        parts = [copy, own] if chance.random() < 0.7 else [own, copy]
        found.append(chance.choice(greetings) + " ".join(filter(None, parts)) + chance.choice(FAREWELLS))
    return found


def _worded(text: str, chance: random.Random) -> str:
    before, *slots = text.split("{")
    words = [before]
    for slot in slots:
        choices, after = slot.split("}")
        words += [chance.choice(choices.split("|")), after]
    return "".join(words)
