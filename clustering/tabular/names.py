"""Usual names of columns, in lower case without accents; the likeliest first.

In French and English, then in German, Spanish, Italian, Dutch and Portuguese.
"""

TEXT_NAMES = (
    "text", "texte", "idee", "idea", "body", "corps", "contribution", "contenu", "content", "description",
    "proposition", "proposal", "message", "verbatim", "comment body", "post raw", "post details", "details",
    "idea description", "votre idee", "reponse", "answer", "commentaire", "comment", "suggestion",
    "feedback", "opinion", "avis", "response", "responses", "body text", "idea text", "question text", "question",
    "beschreibung", "inhalt", "vorschlag", "beitrag", "anliegen", "antwort", "kommentar", "nachricht",
    "texto", "descripcion", "contenido", "propuesta", "aportacion", "respuesta", "comentario", "sugerencia", "mensaje",
    "testo", "descrizione", "contenuto", "proposta", "risposta", "commento", "suggerimento",
    "tekst", "beschrijving", "inhoud", "voorstel", "antwoord", "opmerking", "reactie",
    "descricao", "conteudo", "ideia", "resposta", "sugestao",
)  # fmt: skip
TITLE_NAMES = (
    "title", "titre", "intitule", "subject", "sujet", "objet", "post title", "idea title", "titre de l idee",
    "topic title", "suggestion title", "titre de la contribution", "titre de la proposition", "summary", "card name",
    "proposal title", "name of the idea", "idea name", "nom de l idee", "task name", "headline", "post name",
    "titel", "uberschrift", "betreff", "titulo", "asunto", "titolo", "oggetto", "onderwerp", "assunto",
)  # fmt: skip
# Of longer names, such as "Titre du projet".
TITLE_WORDS = {"title", "titre", "titel", "titulo", "titolo", "intitule"}
TITLE_BEGINNINGS = (
    "nom du ",
    "nom de la ",
    "nom de l ",
    "name of the ",
    "project name",
    "nombre del ",
    "nombre de la ",
)
AUTHOR_NAMES = (
    "author", "auteur", "author name", "nom de l auteur", "auteure", "contributeur", "contributor", "creator name",
    "created by", "cree par", "submitted by", "posted by", "idea author", "author username", "asker name", "reporter",
    "created by user name", "idea submitter", "display name", "nom d utilisateur", "username", "user name", "creator",
    "autor", "autorin", "autor in", "autora", "autore", "verfasser", "verfasserin", "eingereicht von", "erstellt von",
    "benutzername", "enviado por", "creado por", "usuario", "utente",
    "gebruiker", "nom", "name", "full name", "nom complet", "pseudo", "prenom", "vorname", "nachname", "nombre",
    "apellidos", "nome", "naam",
)  # fmt: skip
# Of persons, or of things such as ideas: their cells tell.
AMBIGUOUS_NAMES = {"name", "nom", "nombre", "nome", "naam"}
LANG_NAMES = (
    "lang", "langue", "language", "locale", "langue de depart", "start language", "userlanguage", "user language",
    "sprache", "idioma", "lingua", "taal",
)  # fmt: skip
KEY_NAMES = (
    "id", "identifiant", "identifier", "id idee", "idea id", "comment id", "suggestion id", "post id", "response id",
    "responseid", "respondent id", "id de la reponse", "sid", "submission id", "reference", "ref", "numero", "number",
    "n", "no", "nr", "num", "card id", "issue id", "issue key", "ticket id", "entry id", "record id", "uuid", "token",
    "idea number", "proposal id", "contribution id", "question id", "kennung", "nummer", "identificador",
)  # fmt: skip
EMAIL_NAMES = (
    "email", "e mail", "mail", "courriel", "adresse e mail", "adresse mail", "email address", "author email",
    "asker email", "user email", "creator email", "correo electronico", "e mail adresse",
)  # fmt: skip
DATE_NAMES = (
    "date", "created", "created at", "published at", "submitted at", "date de soumission", "horodateur", "timestamp",
    "submit date utc", "date submitted", "heure", "completion time", "end date", "start date", "heure de fin",
    "created time", "last edited time", "creation date", "date created", "datum", "erstellt am", "fecha", "zeitstempel",
    "marca temporal", "data",
)  # fmt: skip
SUPPORT_NAMES = (
    "votes", "vote", "score", "likes", "supports", "soutiens", "agrees", "votes count", "like count", "vote count",
    "upvotes", "supporters", "cached votes up", "total supports", "nombre de votes", "stimmen", "votos", "kudos",
)  # fmt: skip
STATE_NAMES = (
    "state", "status", "etat", "statut", "moderation", "moderated", "moderation status", "publication status",
    "proposal state", "brouillon", "draft", "spam", "hidden", "masque", "deleted", "supprime", "withdrawn", "retire",
    "rejected", "rejete", "published", "publie", "approved", "approuve", "visible", "hidden at", "retired at",
    "deleted at", "closed", "estado", "stato", "zustand", "estat", "situacion", "situacao", "stage",
)  # fmt: skip
# Columns that are long and filled, and yet are no text of a participant.
NOT_TEXT_NAMES = {
    "url", "link", "lien", "permalink", "tags", "etiquettes", "category", "categorie", "categories", "user agent",
    "useragent", "referrer", "referer", "address", "adresse", "adresse ip", "ip address", "ip", "network id",
    "official feedback", "official response", "reponse officielle", "admin response", "status", "board",
    "post cooked", "ending", "ipaddress", "voter", "participant", "attendee", "attachments", "attachment", "device",
    "browser", "collector", "response type", "kategorie", "categoria", "etiqueta", "schlagworte", "campaign", "group",
    "forum", "list name", "board name", "assignee", "section", "linkback", "moderator notes", "internal notes",
}  # fmt: skip
# "Quelle est votre adresse ?", "Nom et prénom" ask for a person, not for an idea: such words, and those around them.
PERSON_WORDS = {
    "nom", "noms", "prenom", "prenoms", "name", "names", "surname", "adresse", "address", "telephone", "phone",
    "mobile", "age", "mail", "email", "courriel", "coordonnees", "anschrift", "telefon", "telefonnummer", "alter",
    "vorname", "nachname", "nombre", "apellido", "apellidos", "direccion", "telefono", "correo", "edad", "nome",
    "cognome", "indirizzo", "naam", "adres", "telefoonnummer", "endereco", "telefone", "profession", "metier",
}  # fmt: skip
ASKING_WORDS = {
    "quel", "quelle", "quels", "quelles", "est", "sont", "votre", "vos", "ton", "ta", "et", "ou", "de", "d", "e",
    "famille", "complet", "complete", "postale", "electronique", "indiquez", "what", "is", "are", "your", "and", "or",
    "full", "first", "last", "wie", "ist", "lautet", "ihr", "ihre", "dein", "deine", "und", "oder", "cual", "es",
    "son", "su", "sus", "tu", "y", "o", "seu", "sua", "il", "tuo", "suo",
}  # fmt: skip
KNOWN_NAMES = {
    *TEXT_NAMES,
    *TITLE_NAMES,
    *AUTHOR_NAMES,
    *LANG_NAMES,
    *KEY_NAMES,
    *EMAIL_NAMES,
    *DATE_NAMES,
    *SUPPORT_NAMES,
    *STATE_NAMES,
    *NOT_TEXT_NAMES,
} - {
    "n", "no", "closed", "vote", "visible", "avis", "spam", "nom", "nome", "participant", "group", "device", "stage",
    "data", "campaign", "section",
}  # answers by themselves  # fmt: skip
