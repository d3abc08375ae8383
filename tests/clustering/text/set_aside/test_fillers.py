"""Sentences that many repeat after an ask of their own are set aside; what a petition asks is not."""

import random

import pytest

from clustering.pipeline import find_themes
from clustering.text.set_aside.fillers import strip_fillers
from tests.petitions import BUS, LIBRARY, POOL, copies

EASY = "It would be easy to do, and would cost next to nothing."
ASKS = ("More trees in the yard.", "A nurse at school.", "Warm water in the gym.", "Longer lessons.")


def test_a_sentence_that_several_repeat_after_an_ask_of_their_own_is_set_aside():
    assert strip_fillers([f"{ask} {EASY}" for ask in ASKS]) == list(ASKS)


@pytest.mark.parametrize(
    "filler", ["N’hésitez pas à m’appeler si vous voulez plus de détails.", "Merci de bien vouloir y réfléchir."]
)
def test_an_offer_to_the_reader_asks_for_nothing(filler):
    assert strip_fillers([f"{ask} {filler}" for ask in ASKS]) == list(ASKS)


@pytest.mark.parametrize("writing", [EASY.upper(), EASY.replace(",", ""), EASY.removesuffix(".")])
def test_capitals_and_punctuation_make_no_other_sentence(writing):
    texts = [*(f"{ask} {EASY}" for ask in ASKS), f"A larger library. {writing}"]
    assert strip_fillers(texts)[-1] == "A larger library."


def test_the_rest_of_a_text_stays_as_it_is():
    texts = [f"{ask}  Really!  {EASY} For all." for ask in ASKS]
    assert strip_fillers(texts)[0] == "More trees in the yard. Really! For all."
    assert strip_fillers(["One.  Two.", *texts])[0] == "One.  Two."


@pytest.mark.parametrize(
    "texts",
    [
        [f"{ask} {EASY}" for ask in ASKS[:2]],  # too few
        [f"{ASKS[0]} {EASY}"] * 9,  # the same text
        [EASY, *(f"{ask} {EASY}" for ask in ASKS)],  # some say nothing else
        [f"{ask} Do it now." for ask in ASKS],  # too short
        [f"{ask} We ask for a new sports hall in the north." for ask in ASKS],
        [f"{ask} Il faut une nouvelle salle de sport au nord." for ask in ASKS],
        [f"{ask} Wir fordern eine neue Sporthalle im Norden." for ask in ASKS],
        [f"{ask} Pedimos un nuevo gimnasio en el norte." for ask in ASKS],
        ["", "One sentence without an end", "…"],
    ],
)
def test_nothing_else_is_a_filler(texts):
    assert strip_fillers(texts) == texts


@pytest.mark.parametrize(("text", "lang"), [(LIBRARY, "fr"), (BUS, "en"), (POOL, "de")])
def test_what_a_petition_asks_is_no_filler(text, lang):
    """A sentence of one's own that several add after it may be one."""
    texts = copies(text, 60, lang)
    for before, after in zip(texts, strip_fillers(texts), strict=True):
        assert len(after) > 0.6 * len(before)


def test_the_order_of_the_texts_does_not_matter():
    texts = [f"{ask} {EASY}" for ask in ASKS] + ["A larger library.", EASY.replace("easy", "hard")]
    shuffled = random.Random(1).sample(texts, len(texts))  # noqa: S311 - no secret
    assert dict(zip(texts, strip_fillers(texts), strict=True)) == dict(
        zip(shuffled, strip_fillers(shuffled), strict=True)
    )


NEEDS = (
    "A vegetable garden behind the school.", "Flower beds along the playground.", "A compost heap for the garden.",
    "Let pupils water the garden.", "Fruit trees beside the gate.", "A greenhouse for our flowers.",
    "A choir for every class.", "Lend instruments to pupils.", "A music room with a piano.",
    "Concerts at the end of term.", "Guitar lessons at lunch time.", "Drums and singing for everyone.",
    "Open the library at noon.", "More comics to borrow.", "A reading corner in each class.",
    "Swap used books.", "Borrow more than two novels.", "Quiet reading time every morning.",
)  # fmt: skip


@pytest.mark.model
def test_titles_alone_and_titles_with_a_body_are_grouped_by_what_they_say():
    bodies = (EASY, "Several of us think the same.", "It was announced last year, and nobody has heard of it since.")
    long = [f"{ask} {bodies[row // 2 % 3]}" if row % 2 else ask for row, ask in enumerate(NEEDS)]
    alone, mixed = find_themes(NEEDS), find_themes(long)
    assert len(alone.themes) >= 3
    assert [idea.theme for idea in mixed.ideas] == [idea.theme for idea in alone.ideas]
