"""The sentences of the command line, in English and in French, and which of the two to use."""

from collections.abc import Mapping

from clustering.errors import ClusteringError

# By the `code` of an error; {…} are its `params`.
FRENCH = {
    "empty": "{name} est vide.",
    "old_excel": "{name} est dans l’ancien format d’Excel. Enregistrez-le d’abord en .xlsx ou en .csv.",
    "not_excel": "{name} n’est pas un classeur Excel lisible. Enregistrez-le de nouveau en .xlsx ou en .csv.",
    "too_many_rows": "{name} a plus de {most} lignes. Partagez-le en plusieurs fichiers.",
    "too_many_columns": "{name} a {count} colonnes ou plus. La limite est de {most}. Supprimez les autres.",
    "too_many_cells": "{name} a plus de {most} cellules remplies. Partagez-le, ou supprimez des colonnes.",
    "too_much_text": "{name} contient plus de {most} millions de caractères. Partagez-le en plusieurs fichiers.",
    "too_large": "{name} est trop volumineux une fois décompressé. Partagez-le, ou enregistrez la feuille en .csv.",
    "encoding": "L’encodage de {name} n’est pas reconnu (ligne {line}). Enregistrez le fichier en CSV, en UTF-8.",
    "broken": "{name} ne peut pas être lu jusqu’au bout. Cherchez un guillemet ouvert et jamais fermé.",
    "unreadable": "{path} ne peut pas être lu. Vérifiez que ce fichier existe et que vous y avez accès.",
    "no_rows": "{name} a un en-tête, mais aucune ligne d’idée.",
    "no_column": "{name} n’a pas de colonne {column}. Indiquez celle des idées avec --text, parmi\u00a0: {columns}.",
    "extra_cells": "La ligne {line} de {name} a plus de cellules que l’en-tête. Mettez entre guillemets les textes qui "
    "contiennent {delimiter}.",
    "glossary_row": "Il faut une abréviation et sa signification à la ligne {line} de {name}.",
    "same_id": "L’identifiant {key} est à la ligne {line} de {name}, et déjà à la ligne {first}.",
    "vectors_unreadable": "{path} n’est pas un fichier .npy complet avec un seul tableau de nombres.",
    "vectors_shape": "Les vecteurs doivent former un tableau de nombres, avec une ligne par idée.",
    "vectors_count": "Il faut un vecteur par idée, dans le même ordre.",
    "vectors_finite": "Certains vecteurs contiennent des valeurs NaN ou infinies.",
    "previous_version": "{path} est de la version {version}. Ce programme lit les versions jusqu’à la {readable}.",
    "not_a_run": "{path} n’est pas le JSON d’un regroupement précédent.",
    "model_unavailable": "Le modèle {model} ne peut pas être chargé. Choisissez-en un autre avec --model, ou "
    "réinstallez ce programme.",
    "would_overwrite": "{path} est aussi un fichier à lire. Choisissez un autre nom pour le résultat.",
    "is_folder": "{path} est un dossier. Indiquez un nom de fichier.",
    "no_folder": "Le dossier {folder} n’existe pas. Créez-le d’abord.",
    "read_only_folder": "Vous n’avez pas le droit d’écrire dans le dossier {folder}.",
    "cache_unwritable": "Les vecteurs ne peuvent pas être conservés dans {folder}. Indiquez un autre dossier.",
    "unwritable": "{path} ne peut pas être écrit. Vérifiez vos droits et la place sur le disque.",
}
STOPPED = {"en": "Stopped: nothing was written.", "fr": "Arrêté. Aucun fichier n’a été écrit."}


def terminal_language(environ: Mapping[str, str]) -> str:
    """Returns "fr" where the environment asks for messages in French, else "en". The first variable set decides."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(variable):
            return "fr" if environ[variable].lower().startswith("fr") else "en"
    return "en"


def message_of(error: ClusteringError, lang: str) -> str:
    """Returns the sentence of an error; in English where its code has no French one."""
    if lang != "fr" or error.code not in FRENCH:
        return str(error)
    return FRENCH[error.code].format(**error.params)


def reason_of(error: OSError) -> str:
    """Returns why a file can't be read or written, to end an English sentence with."""
    return (error.strerror or str(error)).lower()
