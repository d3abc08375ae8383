"""Words of answers that are no proposal: a text of nothing else is such an answer (see `residue` beside this).

    Accents are left out, as in what is looked up. French, English, German, Spanish, Italian, Dutch and
    Portuguese together:
a short answer seldom tells its language.
"""


def _words(lines: str) -> frozenset[str]:
    return frozenset(lines.split())


# "Pas de remarque particulière", "I have no suggestions at this time", "Mir fällt gerade nichts ein".
DENIALS = _words(
    """
    pas rien aucun aucune sans neant non
    no not none nothing nil t dont
    kein keine keinen keinerlei nichts nix nicht ohne
    nada ningun ninguno ninguna ningunas sin
    nessun nessuno nessuna niente nulla
    geen niets niks niet
    nenhum nenhuma sem nao
    """
)
# What somebody without a proposal has none of.
ANSWERS = _words(
    """
    avis opinion opinions idee idees remarque remarques commentaire commentaires proposition propositions suggestion
    suggestions reponse reponses observation observations objection objections preference preferences precision
    precisions complement question questions souhait souhaits changement changements probleme problemes besoin
    idea ideas remark remarks comment comments proposal proposals answer answers response responses feedback
    thoughts change changes issue issues problem problems concern concerns complaint complaints input
    angabe angaben meinung ahnung antwort antworten kommentar kommentare anmerkung anmerkungen vorschlag vorschlage
    bemerkung bemerkungen anregung anregungen frage fragen anderungen anderungswunsch anderungswunsche wunsch
    wunsche bedarf problem probleme einwand einwande erganzung erganzungen ideen
    comentario comentarios sugerencia sugerencias propuesta propuestas respuesta respuestas observacion
    observaciones pregunta preguntas problema problemas cambio cambios queja quejas duda dudas
    commento commenti opinione suggerimento suggerimenti proposta proposte risposta osservazione osservazioni
    mening idee ideeen opmerking opmerkingen suggestie suggesties voorstel voorstellen antwoord commentaar
    opiniao ideia ideias sugestao sugestoes resposta
    """
)
# What there is nothing to do with: "rien à redire", "nothing to add", "nada que añadir".
SAYING = _words(
    """
    dire redire ajouter rajouter signaler formuler proposer suggerer changer ameliorer modifier commenter preciser
    repondre sais sait savoir vois pense concerne concernee
    add say report comment suggest propose change know think offer comes springs mind
    hinzuzufugen hinzufugen sagen anzumerken anmerken andern verbessern weiss einfallt fallt betroffen
    decir anadir agregar comentar aportar proponer sugerir cambiar se sabria ocurre
    aggiungere dire so weet zeggen acrescentar dizer sei
    """
)
# Words around them.
AROUND = _words(
    """
    je j n ne ni y il en de d du des le la l les un une ce cet cette ca cela sur a au sujet pour maintenant
    particulier particuliere particulieres special speciale specifique autre autres plus supplementaire tout
    vraiment
    actuellement qu que quoi suis par ai avons nous moi ma part trop bien si desole desolee merci svp
    i do don doesn can have has the this that any at it its to for now in on about me s particular further other
    special specific really just please thanks sorry else right so my
    ich habe haben wir zur zu dazu derzeit aktuell momentan gerade leider weitere weiteren weiterer besondere
    besonderen hierzu es das die der mir ein mehr sonst bis danke mich
    por el lo este esta ahora sobre tema respecto al mas otra otro otras especial yo me tengo tenemos nada gracias
    del di da il mio ho per ora e in altro altri io
    ik heb het op dit voor nu verder
    eu tenho o a para agora mais
    """
)
# "Rien à faire" is a complaint, "pas de proposition à faire" says nothing.
ONLY_WITH_AN_ANSWER = _words("faire make machen hacer fare")
# "Non à cette proposition", "no to this" oppose something.
NO = _words("non no nein nee nao")
OPPOSED_TO = _words("a au aux to al zu zur zum aan")

# "Rien de spécial", "nothing for now": these say it without an answer beside them.
ALONE = _words(
    """
    rien neant aucun aucune nothing none nichts nix nada ninguno ninguna nessuno niente nulla geen niets niks nenhum
    """
)
# Words for the moment, left out before.
MEANWHILE = (
    "pour l instant",
    "pour le moment",
    "en ce moment",
    "a ce stade",
    "at this time",
    "at the moment",
    "right now",
    "im moment",
    "im augenblick",
    "por el momento",
    "en este momento",
    "al momento",
    "op dit moment",
)

# "Très satisfait", "parfait comme ça", "weiter so"; with a word for all: "tout va bien", "everything is fine".
SATISFIED = _words(
    """
    parfait parfaite satisfait satisfaite satisfaits satisfaites convient impeccable nickel continuez perfect
    satisfied bestens zufrieden passt weiter
    perfecto satisfecho satisfecha correcto contento contenta seguid
    perfetto soddisfatto tevreden perfeito satisfeito
    """
)
EVERYTHING = _words("tout everything all alles todo tutto tudo")
WELL = _words("va bien super good great fine ok okay gut bene goed bem")
AROUND_SATISFIED = _words(
    """
    est c ca cela me nous tres comme ainsi actuellement suis je en l etat sommes
    is it s i am we are very quite as the with this that
    ist so ich bin sehr wir sind es schon
    esta muy asi como estoy estamos
    zo molto
    """
)

# "Oui, je soutiens totalement votre proposition": a text of the words below with one of AGREEING.
AGREEING = _words(
    """
    accord favorable soutiens adhere approuve valide valides plussoie
    agree agreed support seconded favour
    zustimmung zustimmen zustimme stimme einverstanden dafur unterstutze dabei
    acuerdo apoyo apoyamos encanta favor
    """
)
OPPOSING = _words(
    "contre oppose opposee desaccord defavorable desapprouve disagree oppose opposed against dagegen contra opongo"
)
# With one of JUDGED beside it: "très bonne idée", "pour ce projet", "oui à cette proposition", "tolle Idee".
PRAISING = _words(
    """
    bonne excellente excellent super belle geniale genial formidable pour oui aime adore
    good great excellent brilliant fantastic wonderful love like yes
    gute guter gut tolle toller tolles super ja
    buena gran excelente genial gusta si
    """
)
REJECTING = _words("mauvaise mauvais non bad terrible no schlechte schlechter nein mala mal malo")
JUDGED = _words(
    """
    idee proposition initiative projet suggestion vote voter
    idea proposal project
    vorschlag projekt
    propuesta iniciativa proyecto voto votad
    """
)
AROUND_JUDGED = _words(
    """
    tout a fait oui non totalement entierement completement pleinement absolument 100 200 1000 tres vraiment
    fortement bien evidemment aussi moi je j suis c est cette ce cet votre vos la le l les avec vous toi
    precedent precedente
    precedents
    dit ecrit qui que en d de du un une voila bravo merci et ok a au pareil nous sommes mille fois
    i we this that it s is an the with you me too definitely absolutely totally fully completely strongly 100 of
    course in so very really what was said above previous am to here
    ich wir das dem diese diesem diesen dieser die der den ein eine sehr auch kann nur voll volle ganz vollig absolut
    bin sind finde find sehe so zu zum ist ja total
    estoy estamos la el esta este de con totalmente completamente muy lo me yo tambien a en es una un por
    parece que mi
    """
)
