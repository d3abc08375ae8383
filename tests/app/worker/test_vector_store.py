import pytest
from sqlalchemy import func, select

from app.extensions import database
from app.jobs.find_themes import group_ideas
from app.worker.vector_store import kept_encoder
from clustering.text.cleaning import clean_text, gist
from clustering.vectors.cache import digest
from ideas.work.vector import TextVector


def said(text):
    return gist(clean_text(text))


@pytest.mark.model
def test_a_second_run_embeds_only_what_is_new_and_forgets_what_is_gone(
    app, session, closed_campaign, charlie, make_idea, now
):
    texts = [f"A bus to stop number {number} at night" for number in range(20)]
    ideas = [make_idea(closed_campaign, charlie, text) for text in texts]
    with app.app_context():
        group_ideas(database(), closed_campaign.id)
        database().commit()
        encoder = kept_encoder()
        encoder.encode([said(text) for text in texts])
        assert (encoder.asked, encoder.embedded) == (20, 0)
        encoder.encode([said(texts[0]), "Something new"])
        assert (encoder.asked, encoder.embedded) == (2, 1)
        name = encoder.name
    ideas[0].withdrawn_at = now
    session.commit()
    with app.app_context():
        group_ideas(database(), closed_campaign.id)
        database().commit()
    kept = set(session.scalars(select(TextVector.digest)))
    assert digest(name, said(texts[1])) in kept
    assert not kept & {digest(name, text) for text in (said(texts[0]), "Something new")}
    assert session.scalar(select(func.count()).select_from(TextVector)) == len(kept)


@pytest.mark.model
def test_passages_are_embedded_once_too(app, session, closed_campaign, charlie, make_idea):
    texts = [f"A bus to stop number {number} at night. Benches at stop {number}." for number in range(12)]
    for text in texts:
        make_idea(closed_campaign, charlie, text)
    with app.app_context():
        group_ideas(database(), closed_campaign.id)
        database().commit()
        encoder = kept_encoder()
        encoder.encode([*map(said, texts), "A bus to stop number 3 at night.", "Benches at stop 5."])
        assert (encoder.asked, encoder.embedded) == (14, 0)
