"""The words of the report, in French and in English, and how each language writes figures and quotations."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from clustering.types import Change, Leftover, ThemeWarning

if TYPE_CHECKING:
    from babel import Locale

VERY_ALIKE, ALIKE = 0.5, 0.25  # cohesion from which ideas say nearly the same, or are clearly alike
HEART, CLEAR, INSIDE = 0.75, 0.5, 0.25  # strength from which an idea is at the heart, clearly in, more than at the edge

Plural = tuple[str, str]  # for one, for several; {n} is the figure


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the page says. {…} is filled in."""

    lang: str
    kicker: str
    ideas: Plural
    themes: Plural
    gathered: str
    leftovers: dict[Leftover, Plural]
    map: str
    map_note: str
    map_families: str
    outline: str
    theme: str
    size: str
    share: str
    in_detail: str
    back: str
    small_outline: str
    loose_outline: str
    warnings: dict[ThemeWarning, str]
    cohesion: str
    very_alike: str
    alike: str
    same_way: str
    languages: str
    only_language: str
    made_of: str
    its_ideas: str
    other_ideas: str
    unnamed: str
    apart: str
    here: str
    there: str
    why: str
    at_heart: str
    clearly_in: str
    inside: str
    at_edge: str
    placed: str
    shared: str
    also_near: str
    nearest: str
    alike_ideas: str
    strength: str
    shares: str
    near: str
    like: str
    number: str
    blank: str
    left_title: str
    left_names: dict[Leftover, str]
    left_notes: dict[Leftover, str]
    left_whys: dict[Leftover, str]
    all_left: dict[Leftover, Plural]
    no_leftover: str
    since: str
    no_change: str
    changes: dict[Change, str]
    resized: str
    too_few: str
    all_ideas: str
    read: str
    read_notes: tuple[tuple[str, str], ...]
    made_with: str
    quoted: str
    colon: str

    def count(self, value: int) -> str:
        """A whole number as people write it."""
        from babel.numbers import format_decimal

        return format_decimal(value, locale=_locale(self.lang))

    def percent(self, share: float) -> str:
        """A share of 0..1 in whole per cent."""
        from babel.numbers import format_percent

        return format_percent(round(share, 2), locale=_locale(self.lang))

    def plural(self, forms: Plural, value: int) -> str:
        """The form that goes with a number, which is filled in."""
        one = _locale(self.lang).plural_form(value) == "one"
        return forms[not one].format(n=self.count(value))

    def noun(self, forms: Plural, value: int) -> str:
        """The form that goes with a number, without it."""
        return forms[_locale(self.lang).plural_form(value) != "one"].replace("{n}", "").strip()

    def language(self, code: str) -> str:
        """The name of a language; its code where it has none."""
        return str(_locale(self.lang).languages.get(code, code))

    def alikeness(self, cohesion: float, *, loose: bool) -> str:
        """How much alike the ideas of a theme are; nothing where a warning says it."""
        if loose:
            return ""
        return self.very_alike if cohesion >= VERY_ALIKE else self.alike if cohesion >= ALIKE else self.same_way

    def place(self, strength: float) -> str:
        """Where in its theme an idea of some strength lies."""
        if strength >= CLEAR:
            return self.at_heart if strength >= HEART else self.clearly_in
        return self.inside if strength >= INSIDE else self.at_edge


@cache
def _locale(lang: str) -> "Locale":
    from babel import Locale

    return Locale(lang)


FRENCH = Words(
    lang="fr",
    kicker="Convergence · les thèmes",
    ideas=("{n} idée", "{n} idées"),
    themes=("{n} thème", "{n} thèmes"),
    gathered="des idées réunies",
    leftovers={
        Leftover.AMBIGUOUS: ("{n} entre plusieurs thèmes", "{n} entre plusieurs thèmes"),
        Leftover.OUTLIER: ("{n} isolée", "{n} isolées"),
    },
    map="Vue d’ensemble",
    map_note="Chaque point est une idée, chaque île un thème. Plus une idée est au centre, plus elle est typique. "
    "Entre les îles, celles qui hésitent ou restent isolées.",
    map_families="Une même couleur dit une même famille de thèmes.",
    outline="Les thèmes",
    theme="Thème",
    size="Idées",
    share="Part",
    in_detail="Thème par thème",
    back="Retour à la liste des thèmes",
    small_outline="peu d’idées",
    loose_outline="idées disparates",
    warnings={
        ThemeWarning.SMALL: "Trop peu d’idées pour en tirer une conclusion\u202f: lisez-les une à une, sans vous fier "
        "à une seule.",
        ThemeWarning.LOOSE: "Ces idées ont peu en commun. Avant d’y répondre, regardez si une partie est à mettre à "
        "part.",
    },
    cohesion="Cohésion",
    very_alike="Elles disent presque la même chose.",
    alike="Elles se ressemblent nettement.",
    same_way="Elles vont dans le même sens, chacune avec ses mots.",
    languages="En plusieurs langues\u202f: {languages}",
    only_language="Toutes dans une même langue\u202f: {languages}.",
    made_of="Ce qui le compose",
    its_ideas="Toutes ses idées",
    other_ideas="Ses autres idées",
    unnamed="Une partie sans nom",
    apart="Ce qui le distingue du thème le plus proche",
    here="Ici",
    there="Là-bas",
    why="Pourquoi ici\u202f?",
    at_heart="Au cœur du thème",
    clearly_in="Clairement dans le thème",
    inside="Dans le thème, sans être en son cœur",
    at_edge="Au bord du thème\u202f: à relire avant de s’y fier",
    placed="{place} (force {strength} sur 100).",
    shared="Ce qu’elle dit comme le thème",
    also_near="Proche aussi de",
    nearest="Les thèmes les plus proches",
    alike_ideas="Les idées qui lui ressemblent le plus",
    strength="Force",
    shares="partage",
    near="proche aussi de",
    like="ressemble à",
    number="n°",
    blank="(sans texte)",
    left_title="Hors des thèmes",
    left_names={Leftover.AMBIGUOUS: "Entre plusieurs thèmes", Leftover.OUTLIER: "Isolées"},
    left_notes={
        Leftover.AMBIGUOUS: "Elles parlent de deux ou trois thèmes à la fois.",
        Leftover.OUTLIER: "Proches d’aucun thème. Rares, mais parfois les meilleures.",
    },
    left_whys={
        Leftover.AMBIGUOUS: "Elle est à peu près aussi proche d’un thème que d’un autre\u202f: aucun ne peut la "
        "revendiquer.",
        Leftover.OUTLIER: "Aucun thème n’en est assez proche, et trop peu d’idées lui ressemblent pour en faire un.",
    },
    all_left={
        Leftover.AMBIGUOUS: ("L’idée entre plusieurs thèmes", "Les {n} idées entre plusieurs thèmes"),
        Leftover.OUTLIER: ("L’idée isolée", "Les {n} idées isolées"),
    },
    no_leftover="Aucune.",
    since="Depuis le regroupement précédent",
    no_change="Tous les thèmes sont restés ce qu’ils étaient.",
    changes={
        Change.BORN: "est nouveau",
        Change.GROWN: "a grandi",
        Change.SHRUNK: "a diminué",
        Change.MERGED: "a absorbé {others}",
        Change.SPLIT: "s’est divisé\u202f: en sont sortis {others}",
        Change.GONE: "a disparu",
    },
    resized="de {before} à {ideas}",
    too_few="Il y a trop peu d’idées pour les grouper\u202f: les voici telles quelles.",
    all_ideas="Toutes les idées",
    read="Comment lire ces pages",
    read_notes=(
        (
            "Cohésion",
            (
                "À quel point les idées d’un thème se ressemblent\u202f: 0, pas plus que deux idées au hasard\u202f; "
                "100, toutes identiques."
            ),
        ),
        (
            "Force",
            "À quel point une idée est proche d’un thème\u202f: 0, pas plus qu’une autre\u202f; 100, en son cœur.",
        ),
        (
            "Familles",
            "Quelques titres au-dessus des thèmes, pour s’y retrouver. Sous les grands thèmes, ce qui les compose.",
        ),
        (
            "Imprimer",
            "Ce qui est ouvert s’imprime, ce qui est replié reste replié.",
        ),
    ),
    made_with="Thèmes trouvés d’après le sens et les mots des idées, avec le modèle {model}.",
    quoted="«\u202f{text}\u202f»",
    colon="\u202f: ",
)

ENGLISH = Words(
    lang="en",
    kicker="Convergence · the themes",
    ideas=("{n} idea", "{n} ideas"),
    themes=("{n} theme", "{n} themes"),
    gathered="of ideas gathered",
    leftovers={
        Leftover.AMBIGUOUS: ("{n} between themes", "{n} between themes"),
        Leftover.OUTLIER: ("{n} standing alone", "{n} standing alone"),
    },
    map="The whole at a glance",
    map_note="Each dot is an idea, each island a theme. The nearer the middle, the more typical the idea. Between the "
    "islands lie those that waver or stand alone.",
    map_families="The same colour means the same family of themes.",
    outline="The themes",
    theme="Theme",
    size="Ideas",
    share="Share",
    in_detail="Theme by theme",
    back="Back to the list of themes",
    small_outline="few ideas",
    loose_outline="mixed ideas",
    warnings={
        ThemeWarning.SMALL: "Too few ideas to conclude from: read them one by one, and count on none alone.",
        ThemeWarning.LOOSE: "These ideas have little in common. Before you answer, look whether a part should stand "
        "apart.",
    },
    cohesion="Cohesion",
    very_alike="They say very nearly the same thing.",
    alike="They are clearly alike.",
    same_way="They go the same way, each in its own words.",
    languages="In several languages: {languages}",
    only_language="All in one language: {languages}.",
    made_of="What it is made of",
    its_ideas="All its ideas",
    other_ideas="Its other ideas",
    unnamed="A part without a name",
    apart="What sets it apart from its nearest theme",
    here="Here",
    there="There",
    why="Why here?",
    at_heart="At the heart of the theme",
    clearly_in="Clearly in the theme",
    inside="In the theme, but not at its heart",
    at_edge="At the edge of the theme: read it again before you count on it",
    placed="{place} (strength {strength} of 100).",
    shared="What it says as the theme does",
    also_near="Also near",
    nearest="The nearest themes",
    alike_ideas="The ideas most like it",
    strength="Strength",
    shares="shares",
    near="also near",
    like="like",
    number="no.",
    blank="(no text)",
    left_title="Outside the themes",
    left_names={Leftover.AMBIGUOUS: "Between themes", Leftover.OUTLIER: "Standing alone"},
    left_notes={
        Leftover.AMBIGUOUS: "They speak of two or three themes at once.",
        Leftover.OUTLIER: "Near no theme. Rare, but sometimes the best.",
    },
    left_whys={
        Leftover.AMBIGUOUS: "It is about as near to one theme as to another: none of them may claim it.",
        Leftover.OUTLIER: "No theme is near enough to it, and too few ideas are like it to make one.",
    },
    all_left={
        Leftover.AMBIGUOUS: ("The idea between themes", "The {n} ideas between themes"),
        Leftover.OUTLIER: ("The idea that stands alone", "The {n} ideas that stand alone"),
    },
    no_leftover="None.",
    since="Since the previous grouping",
    no_change="Every theme stayed what it was.",
    changes={
        Change.BORN: "is new",
        Change.GROWN: "has grown",
        Change.SHRUNK: "has shrunk",
        Change.MERGED: "took in {others}",
        Change.SPLIT: "split: out of it came {others}",
        Change.GONE: "is gone",
    },
    resized="from {before} to {ideas}",
    too_few="There are too few ideas to group: here they are as they stand.",
    all_ideas="All ideas",
    read="How to read these pages",
    read_notes=(
        (
            "Cohesion",
            "How much alike a theme’s ideas are: 0, no more than any two ideas of the campaign; 100, all the same.",
        ),
        ("Strength", "How near an idea is to a theme: 0, no nearer than any idea; 100, at its heart."),
        ("Families", "A few headings above the themes, as an outline. Below large themes, what they are made of."),
        ("Printing", "What is open is printed, what is folded stays folded."),
    ),
    made_with="Themes found by the meaning and the words of the ideas, with the model {model}.",
    quoted="“{text}”",
    colon=": ",
)


def words_for(lang: str | None) -> Words:
    """Returns French words for French, English ones for any other language."""
    return FRENCH if lang == FRENCH.lang else ENGLISH
