"""A small campaign written for the tests, and the real embedded model, loaded once."""

import csv
from pathlib import Path

import pytest

from clustering.vectors.encoders import Encoder, load_encoder

TOPICS = {
    "vélo": [
        "Créer des pistes cyclables sécurisées vers le centre ville.",
        "Plus de pistes cyclables séparées de la route.",
        "Des pistes cyclables continues entre les villages.",
        "Il manque une piste cyclable le long du canal.",
        "Entretenir les pistes cyclables en hiver, elles sont glissantes.",
        "Je voudrais des pistes cyclables éclairées la nuit",
        "Relier la gare au lycée par une piste cyclable protégée.",
        "les pistes cyclables s'arrêtent sans prévenir, c'est dangereux",
        "Séparer les vélos des voitures avec de vraies pistes cyclables.",
    ],
    "cantine": [
        "Des repas végétariens à la cantine deux fois par semaine.",
        "Proposer plus de produits locaux à la cantine.",
        "La cantine sert trop de plats industriels.",
        "Moins de gaspillage à la cantine, avec de plus petites portions.",
        "Des produits bio dans les repas de la cantine scolaire.",
        "Cuisiner sur place les repas de la cantine.",
        "Les enfants jettent la moitié du repas à la cantine",
        "Un menu de cantine avec des légumes de saison.",
        "Afficher l'origine des produits servis à la cantine.",
    ],
    "rendez-vous": [
        "Prendre rendez-vous chez le médecin en ligne.",
        "Les délais de rendez-vous chez le médecin sont trop longs.",
        "Un rappel par SMS avant le rendez-vous médical.",
        "Pouvoir annuler son rendez-vous médical depuis le téléphone.",
        "Des rendez-vous chez le médecin le samedi matin.",
        "Trop d'attente pour un rendez-vous avec un spécialiste.",
        "Une liste d'attente quand un rendez-vous médical se libère.",
        "rendez-vous chez le medecin impossible avant trois mois",
        "La téléconsultation quand aucun rendez-vous n'est possible avec un médecin.",
    ],
    "télétravail": [
        "Deux jours de télétravail pour tous les employés.",
        "Le télétravail devrait être possible le vendredi.",
        "Fournir un écran aux employés en télétravail.",
        "Former les managers au télétravail.",
        "Une indemnité de télétravail pour l'électricité et internet.",
        "Le télétravail isole, gardons une journée commune au bureau.",
        "Plus de souplesse sur les jours de télétravail.",
        "du teletravail pour les jeunes parents",
        "Étendre le télétravail aux équipes du support.",
    ],
}
CAMPAIGN = [text for texts in TOPICS.values() for text in texts]
TOPIC_OF = [topic for topic, texts in TOPICS.items() for _ in texts]


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The embedded model, for real."""
    return load_encoder()


@pytest.fixture
def ideas_csv(tmp_path: Path) -> Path:
    """The campaign as a file with ids."""
    path = tmp_path / "ideas.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "author"])
        writer.writerows([f"idea-{number}", text, "someone"] for number, text in enumerate(CAMPAIGN, start=1))
    return path
