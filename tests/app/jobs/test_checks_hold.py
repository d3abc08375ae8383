"""What people say of ideas in themes holds when the ideas are really grouped again."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.extensions import database
from app.jobs.find_themes import group_ideas
from ideas.contributions.idea import Idea
from ideas.themes.checks.check import Belongs, check_idea
from ideas.themes.passage import counted
from ideas.themes.placement import Placement
from ideas.themes.runs.accept import accept
from ideas.themes.runs.proposal import open_proposal
from ideas.themes.theme import Theme

BUSES = [
    "Des bus plus tard le soir, jusqu'à minuit.", "Il faut un bus de nuit le samedi.",
    "Le dernier bus part trop tôt le soir.", "Un bus tous les quarts d'heure, même le soir.",
    "Ajouter un bus le dimanche soir.", "Que le bus roule encore après 22 heures.", "Plus de bus en soirée.",
]  # fmt: skip
TREES = [
    "Planter des arbres dans la cour de l'école.", "Des arbres pour avoir de l'ombre dans la cour.",
    "La cour manque d'arbres et d'ombre.", "Remplacer le bitume de la cour par des arbres.",
    "De grands arbres au milieu de la cour.", "Un arbre par classe, planté dans la cour.",
    "Verdir la cour avec des arbres.",
]  # fmt: skip
MEALS = [
    "Des repas végétariens à la cantine.", "La cantine devrait servir des légumes de saison.",
    "Moins de gaspillage à la cantine.", "Cuisiner sur place les repas de la cantine.",
    "Des produits locaux dans les assiettes de la cantine.", "Un menu de cantine plus varié.",
    "De plus petites portions à la cantine.",
]  # fmt: skip
BOTH = [f"{BUSES[n]} {TREES[n]}" for n in range(4)]


def commonest(themes):
    return Counter(theme for theme in themes if theme is not None).most_common(1)[0][0]


@pytest.mark.model
def test_yes_no_and_elsewhere_hold_in_the_next_grouping(app, session, make_ideas, closed_campaign, charlie, alice, now):
    closed_campaign.challenge = "Que changer pour nos enfants ?"
    texts = [{"body": text} for text in (*BUSES, *TREES, *MEALS, *BOTH)]
    made = make_ideas(closed_campaign, charlie, texts)
    session.commit()

    def group():
        with app.app_context():
            group_ideas(database(), closed_campaign.id)
            database().commit()
        session.expire_all()

    def counts():
        pairs = counted(campaign_id=closed_campaign.id).subquery()
        return {(row.idea_id, row.theme_id): row.main for row in session.execute(select(pairs))}

    def say(pair, belongs, to=None):
        idea, theme = session.get(Idea, pair[0]), session.get(Theme, pair[1])
        check_idea(session, closed_campaign, idea, theme=theme, belongs=belongs, to=to, by=alice, now=now)

    group()
    mains = {idea.id: session.get(Placement, idea.id).theme_id for idea in made}
    buses, trees, meals = (commonest(mains[idea.id] for idea in made[at : at + 7]) for at in (0, 7, 14))
    kept, taken_out, moved = [idea.id for idea in made[4:7] if mains[idea.id] == buses][:3]
    guests = sorted(pair for pair, main in counts().items() if not main and meals not in {pair[1], mains[pair[0]]})
    assert len({buses, trees, meals}) == 3
    assert len(guests) >= 3
    say(guests[0], Belongs.YES)
    say(guests[1], Belongs.NO)
    say(guests[2], Belongs.ELSEWHERE, session.get(Theme, meals))
    say((kept, buses), Belongs.YES)
    say((taken_out, buses), Belongs.NO)
    say((moved, buses), Belongs.ELSEWHERE, session.get(Theme, meals))
    session.commit()
    group()
    proposal = open_proposal(session, closed_campaign)
    if proposal is not None:
        accept(session, proposal, by=alice, now=now + timedelta(hours=1))
        session.commit()
    after = counts()
    assert guests[0] in after
    assert guests[1] not in after
    assert guests[2] not in after
    assert after[guests[2][0], meals] is False
    assert after[kept, buses] is True
    assert (taken_out, buses) not in after
    assert after[moved, meals] is True
