"""Texts that are no proposal: those that say nothing, and those that only agree."""

import pytest

from clustering.pipeline import find_themes
from clustering.saved_run import as_json
from clustering.text.duplicates import dedupe_texts
from clustering.text.set_aside.residue import is_common_answer, residue_of
from clustering.tracking.placing import NewIdea, Placer
from clustering.types import Leftover
from tests.clustering.conftest import CAMPAIGN


@pytest.mark.parametrize(
    "text",
    [
        *("R.A.S.", "néant", "Rien de particulier pour le moment.", "Je n’ai pas d’avis", "non", "0", "cf. ci-dessus"),
        *("Bonjour, je ne sais pas. Merci", "n/a", "Nothing to add.", "I don't know", "see above", "nope"),
        *("Voir mes propositions ci-dessus", "Cf. réponse précédente", "See my previous answer", "voir plus haut"),
        *("Siehe meine Antwort oben", "Ver mi respuesta anterior", "Ce n’est pas mon cas", "I am not sure"),
        *("keine Angabe", "weiß nicht", "siehe oben", "sin comentarios", "No sé", "?", "...", "—"),
        *("Je n’ai pas de remarques à formuler", "Aucune suggestion particulière", "Rien à améliorer", "Tout va bien"),
        *("Nothing else to report, thanks", "I don’t have any other proposals right now", "Everything is perfect"),
        *("Keine weiteren Wünsche", "Ich habe momentan keine Anregungen", "Alles bestens so", "Nichts zu ändern"),
        *(
            "Sin más sugerencias",
            "No tengo nada más que comentar",
            "Todo está muy bien",
            "Nessun suggerimento",
            "Geen idee",
        ),
        *("特になし", "нет", "没有"),
    ],
)
def test_a_text_that_says_nothing(text):
    assert residue_of(text) is Leftover.NOTHING


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Tout à fait d’accord",
            "Très bonne idée !",
            "+1",
            "je soutiens",
            "I fully agree",
            "Great idea!",
        ),
        *("Ich bin dafür", "sehr gute Idee", "Totalmente de acuerdo", "Favor votad"),
        *("Oui, tout à fait d’accord !", "Je soutiens à 100 % ce projet", "Ich finde die Idee sehr gut"),
        *("Me encanta esta propuesta", "Absolutely, I fully support this idea", "I couldn’t agree more"),
    ],
)
def test_a_text_that_only_agrees(text):
    assert residue_of(text) is Leftover.AGREES


@pytest.mark.parametrize(
    "text",
    [
        *("Pas d'accord", "Je ne suis pas d’accord.", "Pas du tout d'accord !", "Absolument pas d'accord", "Contre"),
        *("Ce n’est pas une bonne idée", "Je n'approuve pas", "pas favorable", "Je suis contre"),
        *("I do not agree", "I don't agree", "not agree", "Not a good idea", "disagree", "I don’t like this idea"),
        *("nicht einverstanden", "Ich stimme nicht zu", "Keine gute Idee", "Ich bin dagegen", "Finde ich nicht gut"),
        *("Non à ce projet", "No to this proposal", "Nein zu diesem Vorschlag", "Non, je ne suis pas d’accord"),
        *("No estoy de acuerdo", "no me gusta", "No lo apoyo", "En contra", "No es una buena idea"),
    ],
)
def test_a_text_that_only_disagrees_does_not_agree(text):
    assert residue_of(text) is Leftover.DISAGREES


@pytest.mark.parametrize("text", ["Je ne suis pas contre", "I am not against", "Nicht dagegen", "No estoy en contra"])
def test_a_denied_disagreement_agrees(text):
    assert residue_of(text) is Leftover.AGREES


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Pas de voitures",
            "Contre le bruit",
            "Ne pas fermer la gare",
            "Do not close the pool",
            "Voir plus de bus",
            "Voir la mer d’en haut",
            "See the river from above the bridge",
            "Plus de temps",
            "Mettre en place",
            "plus de vélos",
            "Keine gute Luft",
            "No a la tala",
            "Rien à jeter à la cantine",
            "Non au parking",
            "Plus de bus",
            "Bonne idée mais il faut des bancs",
            "Rien à faire le soir",
            "Pas de réponse de la mairie",
            "Oui aux pistes cyclables",
            "Everything closes at noon",
            "Don't change the time",
            "A good project for young people",
            "des vélos",
        ),
        *("Nothing for teenagers on Sundays", "No cars", "Keine Autos", "Nada de coches", "wifi", "", "👍", "مرحبا"),
    ],
)
def test_a_proposal_is_one_however_short(text):
    assert residue_of(text) is None


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.3, 0.6])
def test_themes_are_the_same_at_any_share_of_answers_without_an_opinion(share, encoder):
    empty = ["RAS", "non", "Sans avis", "aucune idée", "Rien à dire", "je ne sais pas", "D’accord avec vous"]
    count = round(share * len(CAMPAIGN) / (1 - share))
    texts = [*CAMPAIGN, *(empty[row % len(empty)] for row in range(count))]
    alone = find_themes(CAMPAIGN, encoder=encoder)
    found = find_themes(texts, encoder=encoder)
    assert [idea.theme for idea in found.ideas[: len(CAMPAIGN)]] == [idea.theme for idea in alone.ideas]
    assert [theme.name for theme in found.themes] == [theme.name for theme in alone.themes]
    kinds = [idea.leftover for idea in found.ideas[len(CAMPAIGN) :]]
    assert set(kinds) <= {Leftover.NOTHING, Leftover.AGREES}
    written = as_json(found, [str(row) for row in range(len(texts))])["ideas"][len(CAMPAIGN) :]
    assert [idea["leftover"] for idea in written] == [kind.value for kind in kinds]


def test_a_new_idea_that_says_nothing_goes_nowhere(encoder):
    vectors = encoder.encode(CAMPAIGN)
    placer = Placer(vectors, CAMPAIGN, [1] * len(CAMPAIGN))
    assert placer.place(vectors[0], NewIdea("sans avis")).leftover is Leftover.NOTHING


def test_a_few_words_without_meaning_that_several_people_answer_say_nothing():
    said = ["Pas vraiment", "pas vraiment.", "Pas vraiment !", "Plus de temps", "Plus de temps", "plus de temps"]
    found = dedupe_texts([*said, "Plutôt jamais", *CAMPAIGN], ["fr"] * (7 + len(CAMPAIGN)), None)
    assert found.residue[:3] == [Leftover.NOTHING] * 3
    assert set(found.index_of[:3].tolist()) == {-1}
    assert found.residue[3:] == [None] * (4 + len(CAMPAIGN))  # an ask; what one person says
    assert [found.gists[at] for at in found.index_of[6:].tolist()] == ["Plutôt jamais", *CAMPAIGN]
    assert found.weights.sum() == 4 + len(CAMPAIGN)


def test_several_people_who_say_a_noun_ask_for_it():
    assert not is_common_answer("La gratuité", "fr", 40)
    assert not is_common_answer("Transport", "fr", 40)
    assert is_common_answer("Pas vraiment", "fr", 3)
    assert not is_common_answer("Pas vraiment", "fr", 2)
