"""Word lists and endings, by language: what grammar and tagging know beforehand.

Each constant maps an ISO 639-1 code to lower-case words or a pattern. A language that is left out has no such rule.
"""

import re
from functools import cache

from clustering.text.cleaning import strip_accents


def _word_sets(lists: dict[str, str]) -> dict[str, frozenset[str]]:
    return {lang: frozenset(words.split()) for lang, words in lists.items()}


# Stop words beyond the usual lists: openings, opinions, quantities.
MORE_STOP_WORDS = _word_sets(
    {
        "fr": """
            falloir pouvoir devoir vouloir faire avoir être aller mettre rendre permettre donner
            prendre voir savoir dire penser croire trouver souhaiter proposer venir passer rester
            arriver continuer commencer arrêter cesser beaucoup trop peu plus moins très assez bien
            mieux mal aussi encore toujours jamais déjà parfois souvent afin car donc puis ensuite
            ainsi alors cependant toutefois notamment surtout seulement simplement vraiment exemple
            cas fait faits façon manière chose choses fois besoin possible impossible nécessaire
            important bon bonne bons meilleur meilleure grand grande petit petite petits nouveau
            nouvelle vrai vraie réel seul même autre autres certain certains certaine certaines tel
            telle tous tout toute toutes chaque plusieurs aucun aucune oui non svp etc cf via bref
            merci idée idées proposition propositions avis question réponse moi soi lui leur leurs
            notre nos votre vos mon ma mes ton ta tes son sa ses ce cet cette ces ça cela ceci
            faudrait serait seraient aurait pourrait devrait doit doivent peut peuvent peux veux
            veut veulent soit fort faute lieu place part partie type sorte genre point suite compte
            niveau problème problèmes ensemble quelque quelques gens monde pays france français française aujourd hui
            bonjour bonsoir madame monsieur qd lorsqu puisqu quoiqu jusqu quelqu presqu
            jour jours an ans année années mois semaine semaines heure heures temps minute minutes
            km kms euro euros maximum minimum max côté côtés actuel actuelle actuellement facile
            facilement difficile difficilement
            vite rapidement absolument ailleurs dehors dedans loin près là ici où quand comment
            pourquoi combien quel quelle quels quelles lequel laquelle utiliser utilisation existe
            mise amélioration augmentation développement solution solutions mesure mesures
            existent existant concerne concernant rapport d l n s c j m t qu y
        """,
        "en": """
            would could should can may might must need want like get make let give take put think
            believe feel see know use using please also really just much many more less most very
            good better best great new big small people thing things way ways lot lots kind sort
            example etc yes no idea ideas suggestion suggest proposal day days week weeks month
            months year years time times able possible important necessary easy easily ll ve re don
            hello hi dear doesn didn isn aren won t s d m
        """,
        "de": """
            sollen können müssen möchten wollen dürfen werden haben machen geben bitte danke hallo
            mehr weniger sehr viel viele gut besser wichtig möglich nötig neu groß klein idee ideen
            vorschlag vorschläge frage antwort beispiel zb usw etc ja nein jahr jahre tag tage woche
            wochen monat monate uhr stunde stunden mensch menschen leute sache sachen
        """,
        "es": """
            deber poder haber hacer tener querer poner dar ser estar más menos muy mucho mucha muchos
            muchas bueno buena mejor importante posible necesario nuevo nueva grande pequeño idea
            ideas propuesta propuestas pregunta respuesta ejemplo etc sí no gracias hola año años día
            días semana semanas mes meses hora horas vez veces gente persona personas cosa cosas
        """,
    }
)

# Function words that may occur inside any phrase ("aide à l’achat d’un vélo").
CONNECTORS = _word_sets(
    {
        "fr": """
            de du des d à a au aux en le la les l et pour sur par dans sans avec un une entre non
            plus
        """,
        "en": """
            of the to for in on and with a an at by from per without s as than
        """,
        "es": """
            de del la el los las y para en con sin por un una a al
        """,
        "it": """
            di del della dei delle dello la il lo le i gli l e per in con senza un una a al alla d
        """,
        "pt": """
            de do da dos das a o os as e para em no na com sem por um uma ao
        """,
        "de": """
            der die das des dem den und für von mit ohne in im am an auf zu zum zur
        """,
        "nl": """
            de het een van voor en in op met zonder aan bij te tot
        """,
    }
)

# More function words that may occur inside a name, not inside a phrase ("trains trop chers").
CLAUSE_WORDS = _word_sets(
    {
        "fr": """
            trop plus moins très mieux mal assez peu souvent toujours et ou par comme vers chez
            depuis entre sous sur selon tout tous toute toutes ses son sa leur leurs
        """,
        "en": """
            is are be was were being should can will would must may might could not no more less too very
            has have had do does or their its his her there s t all most only also never
        """,
        "es": """
            muy más menos no mal o su sus todo todos
        """,
        "it": """
            molto più meno non male o suo sua loro
        """,
        "pt": """
            muito mais menos não mal ou seu sua
        """,
        "de": """
            sehr mehr weniger nicht zu oder ihre
        """,
        "nl": """
            zeer meer minder niet of hun
        """,
    }
)

# Determiners, in languages where adjectives mostly follow the noun: the next word is a noun.
DETERMINERS = _word_sets(
    {
        "fr": """
            le la les l un une des du au aux ce cet cette ces son sa ses leur leurs mon ma mes notre
            nos votre vos chaque tout toute tous toutes aucun aucune plusieurs certains certaines
        """,
    }
)

# Determiners in other languages: the next word may be an adjective.
OTHER_DETERMINERS = _word_sets(
    {
        "en": "the a an my your our their his her its this these those",
        "de": """
            der die das den dem des ein eine einen einem einer eines kein keine keinen mein meine unser unsere ihre ihr
            ihren im am zum zur vom beim alle allen jede jeder diese dieser dieses diesen
        """,
        "es": "el la los las un una unos unas del al su sus mi mis nuestro nuestra nuestros nuestras este esta estos",
    }
)

# Prepositions before a noun, in the same languages.
OPENING_PREPOSITIONS = _word_sets(
    {
        "en": "of for in on with at from without between",
        "de": "für von mit ohne in an auf aus bei durch gegen nach über unter zwischen statt",
        "es": "de en con sin por entre sobre contra",
    }
)

# Determiners of plurals only, and of singulars only.
PLURAL_DETERMINERS = _word_sets({"fr": "les des aux ces ses mes tes nos vos leurs plusieurs certains certaines"})
SINGULAR_DETERMINERS = _word_sets({"fr": "le la un une du au ce cet cette son sa mon ma notre votre leur chaque"})

# Determiners of feminine singulars only, and of masculine singulars only.
FEMININE_DETERMINERS = _word_sets({"fr": "la une cette"})
MASCULINE_DETERMINERS = _word_sets({"fr": "le un du au ce cet"})

# Prepositions after which a noun or an infinitive comes.
PREPOSITIONS = _word_sets({"fr": "de d en à a par pour sans avec entre"})

# Prepositions before which a phrase may end: what comes before them is whole ("mode sombre pour les gardes de nuit").
LOOSE_PREPOSITIONS = _word_sets(
    {
        "fr": "pour sur par dans sans avec entre chez vers depuis sous selon comme pendant",
        "de": "für mit ohne in im auf bei nach",
        "es": "para en con sin por entre sobre contra",
    }
)

# Determiners that open another noun phrase when they follow a noun ("à la campagne la voiture").
PHRASE_OPENERS = _word_sets(
    {
        "fr": "le la les l un une ce cet cette ces son sa ses leur leurs tous toute toutes",
        "de": "die das den dem ein eine einen",
    }
)

CAPITALIZED_NOUNS = frozenset({"de"})  # languages in which each noun has a capital

# Words after which a verb with its own subject comes.
SUBJECT_PRONOUNS = _word_sets(
    {
        "fr": "je j tu il elle on nous vous ils elles qui cela ça ceci ne n se s",
        "en": "i you he she it we they who which",
        "de": "ich du er sie es wir ihr man wer",
        "es": "yo tú él ella usted nosotros vosotros ellos ellas ustedes quien se",
    }
)

AND = {"fr": "et", "en": "and", "es": "y", "de": "und", "it": "e", "pt": "e", "nl": "en"}

# Opening and closing quotation marks.
QUOTES = {"fr": ("«\u00a0", "\u00a0»"), "it": ("«", "»"), "es": ("«", "»"), "pt": ("«", "»"), "de": ("„", "“")}

# Possessives and demonstratives: a noun follows, so that no phrase ends before them.
POSSESSIVES = _word_sets({"fr": "mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce cet cette ces"})

# Auxiliary verbs: the subject is before them.
AUXILIARIES = _word_sets(
    {"en": "is are be been being was were should can will would must may might could has have had do does did"}
)

# Words before which a phrase ends, in languages where it may continue over other function words.
PHRASE_BREAKERS = _word_sets(
    {
        "en": """
            is are was were should can will would must may might could has have had do does did
            because since so but which who whose whom when where while if unless until though although whereas
            therefore thus hence then i you he she it we they there also due for in with at by from without
            this that these those
        """,
    }
)

# Adverbs of degree or frequency.
DEGREE_ADVERBS = _word_sets(
    {
        "fr": "trop plus moins très mieux mal assez peu souvent toujours bien",
        "en": "no not more less too very most also only never",
    }
)

# Words that negate what follows.
NEGATIONS = _word_sets(
    {
        "fr": "ne n pas ni sans aucun aucune non jamais rien moins trop contre",
        "en": "no not never none nothing nobody without less fewer too against t don isn aren doesn won cannot",
        "de": "nicht kein keine keinen keiner nie niemals ohne weniger gegen nichts",
        "es": "no ni sin nunca jamás ningún ninguna nada menos contra",
    }
)

# Words that deny what follows, too, but may be left out of a copy.
REFUSALS = _word_sets(
    {
        "fr": "stop halte arrêter arrêtez cessez",
        "en": "stop",
        "de": "nein stopp stoppt schluss",
        "es": "basta parar",
    }
)

# Words of who agrees and of who opposes, by dictionary form; what "pour" and "contre" need beside them is in tagging.
FAVOUR = _word_sets(
    {
        "fr": "favorable partisan autoriser garder maintenir conserver légaliser laisser rétablir",
        "en": "favor favour allow keep maintain legalize legalise permit",
        "de": "dafür befürworten erlauben behalten beibehalten erhalten einführen zulassen",
        "es": "favor permitir mantener conservar legalizar dejar",
    }
)
OPPOSE = _word_sets(
    {
        "fr": "contre défavorable opposer opposé interdire supprimer abolir refuser",
        "en": "against oppose opposed ban abolish forbid remove",
        "de": "gegen dagegen ablehnen verbieten abschaffen",
        "es": "contra prohibir suprimir eliminar rechazar",
    }
)
FOR = {"fr": "pour", "en": "for", "de": "für", "es": "por"}  # agrees at the start of a text or after one of these:
BEFORE_FOR = _word_sets(
    {"fr": "suis sommes oui plutôt totalement", "en": "am are yes", "de": "bin sind ja klar", "es": "estoy estamos sí"}
)
# At the start of a text ("oui à la taxe"); what denies there opposes ("no a la tala").
YES = _word_sets({"fr": "oui", "en": "yes", "de": "ja", "es": "sí"})
YES_TO = _word_sets({"fr": "à a au aux", "en": "to", "de": "zu zum zur", "es": "a al"})
# Before "against" these say what the idea fights, not that it opposes another ("lutter contre le bruit").
FIGHTING = _word_sets(
    {
        "fr": "lutter lutte luttons combat combattre protéger protection agir mesures mesure assurance vaccin vacciner",
        "en": "fight fighting protect protection insurance vaccine measures act",
        "de": "kampf schutz schützen maßnahmen kämpfen impfung versicherung",
        "es": "lucha luchar proteger protección medidas vacuna",
    }
)
FOR_AND_AGAINST = {
    "fr": "\u00a0: pour et contre",
    "en": ": for and against",
    "de": ": dafür und dagegen",
    "es": ": a favor y en contra",
}

# First words of a sentence that leans on the one before it.
LEANING_WORDS = _word_sets(
    {
        "fr": """
            mais et ou donc or car puis ensuite enfin ainsi alors cependant toutefois pourtant aussi cela ça ceci ce c
            celui celle ceux celles elle ils elles idem sinon voir bref d oui non merci
        """,
        "en": """
            but and or so because then thus also however therefore otherwise this that these those it he she they which
            such see yes no thanks
        """,
        "de": "aber und oder denn dann also deshalb daher jedoch auch das dies diese dieser es er sie siehe ja nein",
        "es": "pero y o porque entonces además también sin esto eso este esta él ella ellos ellas ver sí no gracias",
    }
)

# Elided forms, written before an apostrophe only.
ELIDED = _word_sets({"fr": "c d j l m n qu s t"})

# Prepositions before a gerund ("en roulant"), and how a gerund ends.
GERUND_PREPOSITIONS = _word_sets({"fr": "en"})
GERUND = {"fr": re.compile(r"ant$")}

# Conjunctions that coordinate two words.
COORDINATORS = _word_sets({"fr": "et ou", "en": "and or"})

# Articles that a name drops on both sides of "et" ("le vélo et la marche" → "vélo et marche"); the second of them.
DROPPED_ARTICLES = _word_sets({"fr": "le la les l un une des du au aux de d"})
SECOND_ARTICLE = {"fr": re.compile(r"\b(et|ou) (?:les? |la |l’|une? |des? |du |d’|aux? )")}

# Endings of infinitives; the same for words that no dictionary has; and pairs (ending, ending of another form): a word
# is an infinitive if the dictionary knows such a form of it.
INFINITIVE = {"fr": re.compile(r"^\w{2,}(?:er|ir|oir|re)$")}
UNKNOWN_INFINITIVE = {"fr": re.compile(r"(?:[^i]er|ifier|[^o]ir)$")}
CONJUGATIONS = {
    "fr": (
        ("er", "era"),
        ("er", "ez"),
        ("er", "é"),
        ("ir", "ira"),
        ("ir", "ez"),
        ("oir", "ra"),
        ("oir", "ez"),
        ("oir", "oyez"),
        ("re", "ra"),
        ("faire", "fera"),
    )
}

# Endings of adverbs of manner, some nouns among them; of plurals.
ADVERB = {"fr": re.compile(r"ment$")}
PLURAL = {"fr": re.compile(r"[sxz]$")}

# Ending of past participles in the singular, masculine or feminine.
FEMININE_PARTICIPLE = {"fr": re.compile(r"é(?P<feminine>e)?$")}

# Endings of participles, which may occur in a name as adjectives do.
PARTICIPLE = {"fr": re.compile(r"(?:é|i|u|ert|uit|dit|[aeo]int|mis|pris|ant)(?:e|s|es)?$")}

# Dictionary forms of days, months and hours: alone they are no subject. The same for every language.
TIME_WORDS = frozenset(
    strip_accents(
        """
            lundi mardi mercredi jeudi vendredi samedi dimanche week-end week end weekend
            janvier février mars avril mai juin juillet août septembre octobre novembre décembre
            matin matinée midi après-midi soir soirée nuit journée veille lendemain
            monday tuesday wednesday thursday friday saturday sunday
            january february april june july august september october november december
            morning noon afternoon evening night today tomorrow yesterday
        """
    ).split()
)

# Words that the usual lists of stop words hold, and that may be the subject of a theme.
CONTENT_WORDS = _word_sets(
    {
        "fr": """
            personne personnes parole pièce valeur force
        """,
        "en": """
            area areas bill free buy call computer copy date fire group groups help home homepage
            information interest interests line members move net page pages problem problems
            research right rights room rooms site state states system test text work works
        """,
    }
)


@cache
def stop_words(lang: str | None) -> frozenset[str]:
    """Returns the stop words of a language, in lower case without accents; none for a language without a list."""
    from stopwordsiso import stopwords

    words = stopwords(lang) - CONTENT_WORDS.get(lang, frozenset()) if lang else set()
    return frozenset(strip_accents(word) for word in words | MORE_STOP_WORDS.get(lang or "", frozenset()))
