"""States as tools write them, in the languages of their users."""

from clustering.tabular.columns import guess
from clustering.tabular.states import is_off
from tests.exports import IDEAS

OFF = {
    "Status": "abgelehnt, Zurückgezogen, versteckt, gelöscht, geloescht, Entwurf, Duplikat, Doppelt, gesperrt, "
    "nicht veröffentlicht, Unveröffentlicht, wartet auf Freigabe, Off Topic, Dismissed, Archived, Awaiting approval, "
    "Not approved, Survey Preview, hors sujet, Écartée hors charte, afgewezen, ingetrokken, verwijderd, dubbel",
    "Estado": "Rechazada, Retirada, Oculta, Borrador, Duplicada, Eliminado, Pendiente de moderación, No publicada, "
    "Fusionada, Rejeitada, Rascunho, Excluída, Rebutjada, Esborrany",
    "Stato": "Respinta, Ritirata, Nascosto, Bozza, In attesa di approvazione",
    "Gelöscht": "ja, Ja, 1, x",
    "Oculto": "Sí, true",
    "Veröffentlicht": "nein, Nein",
    "isTrashed": "true",
    "deleted_at": "2026-03-01, 1 March 2026",
    "Duplicate of": "4012",
    "Moderation status": "Rejected (not a duplicate), Duplicate, Refusé par la modération",
    "Sichtbarkeit": "privat, Nur intern",
    "type": "vote, proposalVote",
}
ON = {
    "Status": "angenommen, in Prüfung, offen, umgesetzt, veröffentlicht, nicht abgelehnt, Zur Abstimmung, Won't do, "
    "Not planned, Answered, Live, Not spam, Active, Shipped, Prise en compte, En attente de réponse, IP Address",
    "Estado": "Aceptada, En estudio, Publicada, No oculto, Planificada, Em análise, Aprovada",
    "Stato": "Approvata, In corso",
    "Gelöscht": "nein, Nein, 0",
    "Veröffentlicht": "ja",
    "deleted_at": "no, NULL, null, none, nil, n/a, aucun, -, \\N, 0000-00-00, 0000-00-00 00:00:00, not planned",
    "Duplicate of": "NULL, -, none",
    "Remarque": "not a duplicate, pas un doublon, Not to be deleted, No longer hidden, Jamais rejetée, "
    "pas encore refusé, Published (previously draft), Isn't spam, noch nicht gelöscht",
    "Sichtbarkeit": "öffentlich",
    "type": "proposal, comment",
}


def test_what_is_off_its_page_is_known_in_other_languages():
    for kept, wanted in ((OFF, True), (ON, False)):
        for name, values in kept.items():
            wrong = [value for value in values.split(", ") if is_off(name, value) is not wanted]
            assert not wrong, (name, wanted)


def test_a_column_of_states_is_found_by_names_in_other_languages():
    for name, values in OFF.items():
        states = [*[*values.split(", "), *[""] * 6][:5], "proposal" if name == "type" else ""]
        found = guess(["Nr.", "Titel", name], [[str(n), *row] for n, row in enumerate(zip(IDEAS, states, strict=True))])
        assert found.state == 2, name


def test_of_two_columns_of_states_the_one_that_takes_rows_off_is_read():
    rows = [[idea, "Live", "Yes" if n == 2 else "No"] for n, idea in enumerate(IDEAS)]
    assert guess(["Question", "Status", "Archived"], rows).state == 2


def test_a_column_that_holds_nothing_but_states_is_one_whatever_its_name():
    def state(*cells):
        return guess(["Beitrag", "X"], [[idea, cell] for idea, cell in zip(IDEAS, cells, strict=True)]).state

    assert state("veröffentlicht", "Entwurf", "", "veröffentlicht", "gesperrt", "neu") == 1
    assert state("Parks", "Spam", "", "Verkehr", "", "neu") is None
    assert state("offen", "neu", "", "offen", "", "neu") is None


def test_answers_of_a_survey_are_no_states():
    def state(name, *cells):
        return guess(["Idée", name], [[idea, cell] for idea, cell in zip(IDEAS, cells * 3, strict=True)]).state

    for cells in (("Accepte", "Refuse"), ("Accepté", "Refusé"), ("Accept", "Reject"), ("Open", "Abandoned")):
        assert state("Avis sur le projet", *cells) is None, cells
        assert state("Acceptez-vous ce projet ?", *cells) is None, cells
    assert state("Que faire du texte ?", "Publié", "Brouillon") is None
    assert state("Publié ?", "Oui", "Non") == 1
    assert state("X", "Publié", "Brouillon") == 1


def test_a_column_that_would_leave_out_all_rows_is_not_guessed():
    rows = [[idea, "2026-03-01", "rejected" if n == 2 else "open"] for n, idea in enumerate(IDEAS)]
    assert guess(["Idea", "deleted_at", "status"], rows).state == 2
    assert guess(["Idea", "status"], [[idea, "draft"] for idea in IDEAS]).state is None
    nulls = [[idea, "NULL", "rejected" if n == 2 else "open"] for n, idea in enumerate(IDEAS)]
    assert guess(["Idea", "deleted_at", "status"], nulls).state == 2


def test_a_row_is_a_vote_only_beside_contributions():
    def state(*cells):
        return guess(["Idea", "type"], [[idea, cell] for idea, cell in zip(IDEAS, cells * 3, strict=True)]).state

    assert state("vote", "comment") == 1
    assert state("Vote", "Transport") is None
