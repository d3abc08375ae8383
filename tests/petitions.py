"""Lightly edited copies of one text, as petitions bring them: people change a few words, or add a sentence."""

import random

GREETINGS = {
    "fr": ("", "", "Bonjour, ", "Madame la Maire, ", "Bonjour à toute l'équipe, ", "Chère Madame, "),
    "en": ("", "", "Hello, ", "Dear all, "),
    "de": ("", "", "Guten Tag, ", "Sehr geehrte Damen und Herren, "),
}
FAREWELLS = {
    "fr": ("", "", " Cordialement.", " Bien à vous, Jeanne R.", " Merci d'avance.", " Un habitant des Tilleuls."),
    "en": ("", "", " Kind regards", " Thank you in advance.", " A nurse of the hospital."),
    "de": ("", "", " Mit freundlichen Grüßen", " Vielen Dank!", " Eine Mutter aus dem Viertel."),
}
PERSONAL = {
    "fr": (
        "J'y emmène mes deux filles chaque mercredi.",
        "Je suis né ici et je n'imagine pas ce lieu fermé.",
        "Vous aviez promis le contraire avant les élections !",
        "On compte sur vous.",
        "Ma mère, qui a 80 ans, y lit le journal tous les matins.",
    ),
    "en": (
        "I have been taking it for eleven years now.",
        "You promised this before the last election!",
        "We are counting on you.",
        "My daughter had to walk home at midnight last week.",
    ),
    "de": (
        "Meine Kinder haben dort schwimmen gelernt.",
        "Das wurde uns vor der Wahl versprochen!",
        "Wir zählen auf Sie.",
        "Meine Mutter geht dort seit dreißig Jahren jeden Morgen hin.",
    ),
}
# Of each pair of braces one wording is taken.
LIBRARY = (
    "{Nous demandons|Je demande|Je vous demande} le maintien de la bibliothèque des Tilleuls {dans ses murs|là où "
    "elle est} et {l'abandon|l'arrêt|le retrait} de la vente du bâtiment à un promoteur, "
    "{qui priverait|ce qui priverait} {1 200|1200} {enfants|écoliers} du seul lieu de lecture du {quartier|secteur}."
)
QUARRY = (
    "{Nous soussignés, habitants|Nous, riverains|Les habitants} du hameau des Érables, demandons {l'arrêt|la "
    "suspension} du chantier de la carrière. Les camions passent dès cinq heures du matin {sous nos fenêtres|devant "
    "nos maisons}, la poussière {couvre|recouvre} les jardins et la source du {village|bourg} a {baissé|diminué} d'un "
    "tiers. Une étude indépendante doit être {menée|conduite} avant toute {reprise|nouvelle autorisation}."
)
BUS = (
    "{We ask|I ask|I urge} the council to keep the number 9 bus running {after 8 pm|in the evening} between the "
    "hospital and the station, {because|since} nurses and {cleaners|cleaning staff} on late shifts have no other "
    "{way|means} to get home safely."
)
POOL = (
    "{Wir fordern|Ich fordere|Ich bitte um} den Erhalt des Freibads am Mühlenweg und {einen Stopp|den Abbruch} der "
    "geplanten Parkplätze, {weil|da} {Familien|Kinder} aus dem {Viertel|Stadtteil} sonst im Sommer keinen {kühlen "
    "Ort|Platz} mehr hätten."
)
PETITIONS = ((LIBRARY, "fr"), (QUARRY, "fr"), (BUS, "en"), (POOL, "de"))


def copies(text: str, count: int, lang: str = "fr", seed: int = 0) -> list[str]:
    """Returns `count` copies of a text, some of them with a greeting, a farewell, a sentence of one's own or a slip."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    found = []
    for _ in range(count):
        copy = _worded(text, chance)
        if chance.random() < 0.2:  # a letter is left out
            at = chance.randrange(len(copy))
            copy = copy[:at] + copy[at + 1 :]
        if chance.random() < 0.6:
            own = chance.choice(PERSONAL[lang])
            copy = f"{copy} {own}" if chance.random() < 0.7 else f"{own} {copy}"
        found.append(chance.choice(GREETINGS[lang]) + copy + chance.choice(FAREWELLS[lang]))
    return found


def _worded(text: str, chance: random.Random) -> str:
    before, *slots = text.split("{")
    words = [before]
    for slot in slots:
        choices, after = slot.split("}")
        words += [chance.choice(choices.split("|")), after]
    return "".join(words)
