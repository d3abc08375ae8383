from clustering.measuring import measure_themes

PARKING = [f"Build a larger car park near the railway station, number {n}" for n in range(6)]
TREES = [f"Plant shady trees along the sunny avenue, number {n}" for n in range(6)]
TEXTS = [*PARKING, *TREES, "", "12 34"]


def test_groups_are_measured_in_any_order_of_their_rows(encoder):
    groups = [[0, 1, 2, 3, 4, 5], [11, 7, 9], [*range(12)]]
    parking, trees, both = measure_themes(TEXTS, groups, encoder=encoder)
    assert "car park" in " ".join(parking.phrases)
    assert any("trees" in phrase for phrase in trees.phrases)
    assert set(trees.exemplars) <= {7, 9, 11}
    assert both.cohesion < parking.cohesion
    assert parking.languages == (("en", 1.0),)
    assert measure_themes(TEXTS, [[7, 9, 11]], encoder=encoder) == [trees]


def test_rows_without_words_have_nothing_in_common(encoder):
    empty, wordless = measure_themes(TEXTS, [[], [12]], encoder=encoder)
    assert empty == wordless
    assert (empty.phrases, empty.exemplars, empty.languages) == ((), (), ())


def test_a_campaign_without_words_can_be_measured(encoder):
    (found,) = measure_themes(["", ""], [[0, 1]], encoder=encoder)
    assert found.phrases == ()
