"""Small campaigns as people run them: one need in several languages, a dozen ideas of which some stand alone."""

from collections import Counter

import pytest

from clustering.pipeline import find_themes
from clustering.types import Leftover

NEEDS = {
    "lifts": (
        "Réparer l’ascenseur du métro, il est toujours en panne.",
        "Les ascenseurs des stations devraient marcher tous les jours.",
        "Un ascenseur à chaque station pour les fauteuils roulants.",
        "Repair the lift at the metro station, it is always broken.",
        "The lifts in the stations should work every day.",
        "A lift in every station for people in wheelchairs.",
        "Den Aufzug der U-Bahn reparieren, er ist immer kaputt.",
        "Die Aufzüge in den Stationen sollten jeden Tag funktionieren.",
        "Ein Aufzug in jeder Station für Menschen im Rollstuhl.",
        "Reparar el ascensor del metro, siempre está averiado.",
        "Los ascensores de las estaciones deberían funcionar cada día.",
        "Un ascensor en cada estación para las sillas de ruedas.",
    ),
    "books": (
        "Ouvrir la bibliothèque le dimanche.",
        "La bibliothèque devrait rester ouverte le soir et le dimanche.",
        "Plus de livres pour enfants à la bibliothèque.",
        "Open the library on Sundays.",
        "The library should stay open in the evening and on Sundays.",
        "More books for children in the library.",
        "Die Bibliothek am Sonntag öffnen.",
        "Die Bibliothek sollte abends und am Sonntag offen bleiben.",
        "Mehr Kinderbücher in der Bibliothek.",
        "Abrir la biblioteca los domingos.",
        "La biblioteca debería quedar abierta por la noche y el domingo.",
        "Más libros para niños en la biblioteca.",
    ),
    "waste": (
        "Vider les poubelles du parc plus souvent.",
        "Les poubelles du parc débordent chaque week-end.",
        "Davantage de poubelles de tri dans le parc.",
        "Empty the bins in the park more often.",
        "The bins in the park overflow every weekend.",
        "More recycling bins in the park.",
        "Die Mülleimer im Park öfter leeren.",
        "Die Mülleimer im Park quellen jedes Wochenende über.",
        "Mehr Mülleimer mit Mülltrennung im Park.",
        "Vaciar las papeleras del parque más a menudo.",
        "Las papeleras del parque se desbordan cada fin de semana.",
        "Más papeleras de reciclaje en el parque.",
    ),
}
DOZEN = {
    "printer": (
        "L’imprimante du deuxième étage est toujours en panne.",
        "Remplacer l’imprimante du deuxième étage.",
        "Une imprimante qui marche, s’il vous plaît.",
        "Impossible d’imprimer le matin, l’imprimante est en panne.",
    ),
    "meetings": (
        "Moins de réunions le vendredi après-midi.",
        "Des réunions plus courtes, trente minutes au plus.",
        "Trop de réunions sans ordre du jour.",
        "Une matinée par semaine sans réunion.",
    ),
    "coffee": (
        "Un meilleur café dans la salle de pause.",
        "La machine à café de la salle de pause est trop chère.",
        "Du café gratuit en salle de pause.",
    ),
}
ODD = ("Planter un olivier devant l’entrée.", "Chanter ensemble une fois par an.")
MOST = 0.6  # of a need in one theme, and of that theme


def needs_found(found, needs):
    """The needs of which one theme holds most and is mostly made."""
    need_of = [need for need, texts in needs.items() for _ in texts]
    themes = [idea.theme for idea in found.ideas[: len(need_of)]]
    pairs = Counter(zip(need_of, themes, strict=True))
    sizes = Counter(idea.theme for idea in found.ideas)
    return {
        need
        for (need, theme), count in pairs.items()
        if theme is not None and count >= MOST * len(needs[need]) and count >= MOST * sizes[theme]
    }


@pytest.fixture(scope="module")
def many_languages(encoder):
    return find_themes([text for texts in NEEDS.values() for text in texts], encoder=encoder)


@pytest.mark.model
def test_a_need_is_one_theme_whatever_the_language_of_its_ideas(many_languages):
    """Two of three: the bins of the park are divided into small themes, none of which holds anything else."""
    assert needs_found(many_languages, NEEDS) >= {"lifts", "books"}
    need_of = [need for need, texts in NEEDS.items() for _ in texts]
    for theme in many_languages.themes:
        rows = [row for row, idea in enumerate(many_languages.ideas) if idea.theme == theme.id]
        assert len({need_of[row] for row in rows}) == 1
        if theme.size == len(NEEDS["lifts"]):
            assert {code for code, _ in theme.languages} == {"fr", "en", "de", "es"}


@pytest.mark.model
def test_of_thirteen_ideas_the_needs_are_found_and_one_that_stands_alone_is_left_over(encoder):
    found = find_themes([*(text for texts in DOZEN.values() for text in texts), *ODD], encoder=encoder)
    assert needs_found(found, DOZEN) == set(DOZEN)
    assert found.ideas[-2].leftover is Leftover.OUTLIER
    assert all(idea.theme is not None for idea in found.ideas[:-2])
