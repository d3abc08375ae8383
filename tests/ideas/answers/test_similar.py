from ideas.answers.similar import answered_among, answered_by_words, answered_texts, answers_stamp
from ideas.spaces.audience import Audience


def test_a_theme_with_a_published_answer_is_found_by_the_words_of_its_name(
    session, make_campaign, make_theme, give_answer, charlie, now
):
    campaign = make_campaign(debriefed_at=now)
    theme, other = make_theme(campaign, "Shorter waiting times"), make_theme(campaign, "Parking near the door")
    decision = give_answer(theme)
    text = "Waiting takes too long: shorter times in the waiting room, please"
    found = answered_by_words(session, text, reader=charlie)
    assert [(one.theme, one.decision) for one in found] == [(theme, decision)]
    assert not answered_by_words(session, "Parking is far from the door", reader=charlie)  # it has no answer
    assert [one.theme for one in answered_among(session, [other.id, theme.id], reader=charlie)] == [theme]


def test_an_answer_is_shown_only_to_who_finds_it_published(
    session, make_campaign, make_theme, give_answer, charlie, alice, now
):
    private = make_campaign(debriefed_at=now, audience=Audience.INVITED)
    early, secret = make_theme(make_campaign(), "Shorter waiting times"), make_theme(private, "Shorter waiting times")
    give_answer(early).published_at = now
    give_answer(secret)
    ids = [early.id, secret.id]
    assert not answered_among(session, ids, reader=charlie)
    assert not answered_by_words(session, "shorter waiting times", reader=charlie)
    assert [one.theme for one in answered_among(session, ids, reader=alice)] == [secret]  # she leads that campaign


def test_the_worker_reads_the_names_and_typical_ideas_of_answered_themes(
    session, make_campaign, make_theme, make_idea, give_answer, bob, now
):
    campaign = make_campaign(debriefed_at=now)
    theme = make_theme(campaign, "Shorter waiting times")
    theme.exemplars = [make_idea(campaign, bob, "I waited two hours.").id]
    before = answers_stamp(session)
    assert answered_texts(session) == {}
    give_answer(theme)
    assert answered_texts(session) == {theme.id: ["Shorter waiting times", "I waited two hours."]}
    assert answers_stamp(session) != before
