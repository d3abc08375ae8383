"""The words of the report: each sentence in French and, beside it, in English."""

from typing import NamedTuple

from clustering.types import Change, Leftover, ThemeWarning


class Text(NamedTuple):
    """One text in both languages. {…} is filled in."""

    fr: str
    en: str


class Plural(NamedTuple):
    """A text for one thing and for several. {n} is the count."""

    one: Text
    other: Text


KICKER = Text("Convergence · les thèmes", "Convergence · themes")
IDEAS = Plural(Text("{n} idée", "{n} idea"), Text("{n} idées", "{n} ideas"))
THEMES = Plural(Text("{n} thème", "{n} theme"), Text("{n} thèmes", "{n} themes"))
IN_A_THEME = Text("des idées dans un thème", "of ideas in a theme")
LEFTOVERS = {
    Leftover.AMBIGUOUS: Plural(
        Text("{n} idée à cheval sur plusieurs thèmes", "{n} idea across several themes"),
        Text("{n} idées à cheval sur plusieurs thèmes", "{n} ideas across several themes"),
    ),
    Leftover.OUTLIER: Plural(
        Text("{n} idée à part", "{n} idea on its own"), Text("{n} idées à part", "{n} ideas on their own")
    ),
    Leftover.NOTHING: Plural(
        Text("{n} réponse sans avis", "{n} answer without an opinion"),
        Text("{n} réponses sans avis", "{n} answers without an opinion"),
    ),
    Leftover.AGREES: Plural(
        Text("{n} simple accord", "{n} simple agreement"), Text("{n} simples accords", "{n} simple agreements")
    ),
    Leftover.DISAGREES: Plural(
        Text("{n} simple désaccord", "{n} simple disagreement"),
        Text("{n} simples désaccords", "{n} simple disagreements"),
    ),
}

# The map.
MAP = Text("Vue d’ensemble", "Overview")
MAP_NOTE = Text(
    "Chaque point est une idée, chaque île un thème. Les idées les plus proches du thème sont au centre de l’île. "
    "Entre les îles\u00a0: les idées à part et celles à cheval sur plusieurs thèmes.",
    "Each dot is an idea, each island a theme. The ideas closest to the theme are at the centre of the island. "
    "Between the islands: ideas on their own and ideas across several themes.",
)
MAP_FAMILIES = Text(
    "Les thèmes d’une même couleur font partie de la même famille.",
    "Themes of the same colour are in the same family.",
)

# The outline.
OUTLINE = Text("Les thèmes", "Themes")
THEME = Text("Thème", "Theme")
SIZE = Text("Idées", "Ideas")
SHARE = Text("Part", "Share")
IN_DETAIL = Text("Thème par thème", "Theme by theme")
BACK = Text("Retour à la liste des thèmes", "Back to the list of themes")
UNNAMED = Text("Sans nom", "Unnamed")
FLAGS = {
    ThemeWarning.SMALL: Text("peu d’idées", "few ideas"),
    ThemeWarning.LOOSE: Text("idées disparates", "mixed ideas"),
}

# A theme.
WARNINGS = {
    ThemeWarning.SMALL: Text(
        "Il y a trop peu d’idées pour en tirer une conclusion. Lisez-les une à une.",
        "There are too few ideas to draw a conclusion. Read them one by one.",
    ),
    ThemeWarning.LOOSE: Text(
        "Ces idées ont peu en commun. Avant de répondre, voyez s’il faut séparer ce thème.",
        "These ideas have little in common. Before you answer, see whether to split this theme.",
    ),
}
COHESION = Text("Ressemblance entre les idées\u00a0: {percent}.", "Similarity between ideas: {percent}.")
NEARLY_THE_SAME = Text("Elles disent presque la même chose.", "They say almost the same thing.")
CLEARLY_ALIKE = Text("Elles se ressemblent nettement.", "They are clearly similar.")
WORDED_DIFFERENTLY = Text(
    "Des idées semblables, formulées différemment.", "These are similar ideas, worded differently."
)
LANGUAGES = Text("En plusieurs langues\u00a0: {languages}", "In several languages: {languages}")
ONLY_LANGUAGE = Text("Toutes dans une même langue\u00a0: {languages}.", "All in one language: {languages}.")
SUB_THEMES = Text("Sous-thèmes", "Sub-themes")
THEME_IDEAS = Text("Toutes les idées du thème", "All ideas of the theme")
OTHER_IDEAS = Text("Autres idées", "Other ideas")
COPIES = Plural(
    Text("dont {n} texte presque identique à un autre", "{n} of them nearly identical to another"),
    Text("dont {n} textes presque identiques à d’autres", "{n} of them nearly identical to others"),
)
AND_COPIES = Plural(
    Text("et {n} texte presque identique", "and {n} nearly identical text"),
    Text("et {n} textes presque identiques", "and {n} nearly identical texts"),
)
ALSO_HERE = Text("Aussi demandé dans des idées d’autres thèmes", "Also asked for in ideas of other themes")
APART = Text("Différences avec le thème le plus proche", "Differences from the closest theme")
IN_THIS_THEME = Text("Dans ce thème", "In this theme")
IN_THE_OTHER = Text("Dans l’autre", "In the other")

# An idea, and why it is where it is.
WHY = Text("Pourquoi ici\u202f?", "Why here?")
VERY_CLOSE = Text("Très proche du thème (proximité {percent}).", "Very close to the theme (closeness {percent}).")
CLOSE = Text("Proche du thème (proximité {percent}).", "Close to the theme (closeness {percent}).")
FAIRLY_CLOSE = Text("Assez proche du thème (proximité {percent}).", "Fairly close to the theme (closeness {percent}).")
FAR = Text(
    "Assez loin du thème (proximité {percent}). Relisez cette idée avant de la compter dans ce thème.",
    "Rather far from the theme (closeness {percent}). Read this idea again before you count it in.",
)
COMMON_WORDS = Text("Mots en commun avec le thème\u00a0: {phrases}", "Words in common with the theme: {phrases}")
ALSO_CLOSE = Text("Proche aussi de\u00a0: {themes}", "Also close to: {themes}")
CLOSEST = Text("Thèmes les plus proches\u00a0: {themes}", "Closest themes: {themes}")
SIMILAR_IDEAS = Text("Idées les plus semblables\u00a0:", "Most similar ideas:")
SHORT_CLOSENESS = Text("Proximité {percent}", "Closeness {percent}")
SHORT_COMMON_WORDS = Text("mots en commun {phrases}", "words in common {phrases}")
SHORT_ALSO_CLOSE = Text("proche aussi de {themes}", "also close to {themes}")
SHORT_SIMILAR = Text("semblable à {ideas}", "similar to {ideas}")
SHORT_ALSO_ASKS = Text("demande aussi\u00a0: {themes}", "also asks for: {themes}")
KEY = Text("n°\u00a0{key}", "no.\u00a0{key}")
BLANK = Text("(sans texte)", "(no text)")

# Ideas without a theme.
NO_THEME = Text("Idées sans thème", "Ideas with no theme")
LEFTOVER_NAMES = {
    Leftover.AMBIGUOUS: Text("Idées à cheval sur plusieurs thèmes", "Ideas across several themes"),
    Leftover.OUTLIER: Text("Idées à part", "Ideas on their own"),
    Leftover.NOTHING: Text("Réponses sans avis", "Answers without an opinion"),
    Leftover.AGREES: Text("Simples accords", "Simple agreements"),
    Leftover.DISAGREES: Text("Simples désaccords", "Simple disagreements"),
}
LEFTOVER_NOTES = {
    Leftover.AMBIGUOUS: Text(
        "Ces idées correspondent à deux ou trois thèmes à la fois.", "These ideas fit two or three themes at once."
    ),
    Leftover.OUTLIER: Text(
        "Ces idées ne ressemblent à aucune autre. Lisez-les\u00a0: certaines méritent une réponse.",
        "These ideas are unlike any other. Read them: some are worth keeping.",
    ),
    Leftover.NOTHING: Text(
        "Ces réponses ne proposent rien, comme «\u202fsans avis\u202f».",
        "These answers propose nothing, such as “no comment”.",
    ),
    Leftover.AGREES: Text(
        "Ces réponses approuvent, sans rien proposer.", "These answers agree without proposing anything."
    ),
    Leftover.DISAGREES: Text(
        "Ces réponses désapprouvent, sans rien proposer.", "These answers disagree without proposing anything."
    ),
}
LEFTOVER_REASONS = {
    Leftover.AMBIGUOUS: Text(
        "Elle correspond à plusieurs thèmes à la fois. Elle n’a donc été placée dans aucun.",
        "It fits several themes about equally, so it was not put in one.",
    ),
    Leftover.OUTLIER: Text(
        "Elle n’est assez proche d’aucun thème. Trop peu d’idées lui ressemblent pour en former un.",
        "It is not close enough to any theme. Too few ideas are similar to it to form one.",
    ),
    Leftover.NOTHING: Text("Elle ne propose rien.", "It proposes nothing."),
    Leftover.AGREES: Text("Elle approuve, sans rien proposer.", "It agrees without proposing anything."),
    Leftover.DISAGREES: Text("Elle désapprouve, sans rien proposer.", "It disagrees without proposing anything."),
}
ALL_LEFTOVERS = {
    Leftover.AMBIGUOUS: Plural(
        Text("L’idée à cheval sur plusieurs thèmes", "The idea across several themes"),
        Text("Les {n} idées à cheval sur plusieurs thèmes", "The {n} ideas across several themes"),
    ),
    Leftover.OUTLIER: Plural(
        Text("L’idée à part", "The idea on its own"), Text("Les {n} idées à part", "The {n} ideas on their own")
    ),
    Leftover.NOTHING: Plural(
        Text("La réponse sans avis", "The answer without an opinion"),
        Text("Les {n} réponses sans avis", "The {n} answers without an opinion"),
    ),
    Leftover.AGREES: Plural(Text("L’accord", "The agreement"), Text("Les {n} accords", "The {n} agreements")),
    Leftover.DISAGREES: Plural(
        Text("Le désaccord", "The disagreement"), Text("Les {n} désaccords", "The {n} disagreements")
    ),
}
NO_LEFTOVER = Text("Aucune.", "None.")

# What changed since an earlier run.
SINCE = Text("Depuis le regroupement précédent", "Since the previous grouping")
NO_CHANGE = Text("Aucun thème n’a changé.", "No theme has changed.")
CHANGES = {
    Change.BORN: Text("{theme} est nouveau.", "{theme} is new."),
    Change.GROWN: Text("{theme} compte plus d’idées.", "{theme} has more ideas."),
    Change.SHRUNK: Text("{theme} compte moins d’idées.", "{theme} has fewer ideas."),
    Change.MERGED: Text("{theme} a été fusionné avec {others}.", "{theme} was merged with {others}."),
    Change.SPLIT: Text("{theme} a été séparé, ce qui a donné {others}.", "{theme} was split, which gave {others}."),
    Change.GONE: Text("{theme} n’existe plus.", "{theme} no longer exists."),
}
RESIZED = Text("{theme} passe de {before} à {ideas}.", "{theme} went from {before} to {ideas}.")

TOO_FEW = Text(
    "Il y a trop peu d’idées pour les regrouper. Les voici toutes.",
    "There are too few ideas to group. Here they all are.",
)
ALL_IDEAS = Text("Toutes les idées", "All ideas")
HOW_TO_READ = Text("Comment lire ce rapport", "How to read this report")
READING_NOTES = (
    (
        Text("Ressemblance entre les idées d’un thème", "Similarity between the ideas of a theme"),
        Text(
            "De 0\u202f% (pas plus que deux idées prises au hasard) à 100\u202f% (toutes identiques).",
            "From 0% (no more than any two ideas) to 100% (all the same).",
        ),
    ),
    (
        Text("Proximité d’une idée avec un thème", "Closeness of an idea to a theme"),
        Text(
            "De 0\u202f% (pas plus qu’une idée prise au hasard) à 100\u202f% (au centre du thème).",
            "From 0% (no more than any idea) to 100% (at the centre of the theme).",
        ),
    ),
    (
        Text("Familles et sous-thèmes", "Families and sub-themes"),
        Text(
            "Une famille réunit quelques thèmes proches. Un grand thème comprend des sous-thèmes.",
            "A family is a few themes that are close. A large theme has sub-themes.",
        ),
    ),
    (
        Text("Impression", "Printing"),
        Text(
            "Ouvrez ce que vous voulez imprimer. Les parties repliées ne sont pas imprimées.",
            "Open what you want to print. Folded parts are not printed.",
        ),
    ),
)
MADE_WITH = Text(
    "Regroupé et nommé automatiquement par Convergence, avec le modèle {model}. Personne n’a relu les thèmes.",
    "Grouped and named automatically by Convergence, with the model {model}. Nobody has reviewed the themes.",
)
QUOTED = Text("«\u202f{quote}\u202f»", "“{quote}”")
