"""Usual names of columns, in French and English, in lower case without accents; the likeliest first."""

TEXT_NAMES = (
    "text", "texte", "idee", "idea", "body", "corps", "contribution", "contenu", "content", "description",
    "proposition", "proposal", "message", "verbatim", "comment body", "post raw", "post details", "details",
    "idea description", "votre idee", "reponse", "answer", "commentaire", "comment", "suggestion",
    "feedback", "opinion", "avis",
)  # fmt: skip
TITLE_NAMES = (
    "title", "titre", "intitule", "subject", "sujet", "objet", "post title", "idea title", "titre de l idee",
    "topic title", "suggestion title", "titre de la contribution", "titre de la proposition", "summary", "card name",
)  # fmt: skip
AUTHOR_NAMES = (
    "author", "auteur", "author name", "nom de l auteur", "auteure", "contributeur", "contributor", "creator name",
    "nom d utilisateur", "username", "user name", "creator", "nom", "name", "full name", "nom complet", "pseudo",
    "prenom",
)  # fmt: skip
LANG_NAMES = ("lang", "langue", "language", "locale", "langue de depart", "start language")
KEY_NAMES = (
    "id", "identifiant", "identifier", "id idee", "idea id", "comment id", "suggestion id", "post id", "response id",
    "responseid", "respondent id", "id de la reponse", "sid", "submission id", "reference", "ref", "numero", "number",
    "n", "no", "num", "card id", "issue id", "issue key", "ticket id", "entry id", "record id", "uuid", "token",
)  # fmt: skip
EMAIL_NAMES = ("email", "e mail", "mail", "courriel", "adresse e mail", "adresse mail", "email address", "author email")
DATE_NAMES = (
    "date", "created", "created at", "published at", "submitted at", "date de soumission", "horodateur", "timestamp",
    "submit date utc", "date submitted", "heure", "completion time", "end date", "start date", "heure de fin",
)  # fmt: skip
SUPPORT_NAMES = (
    "votes", "vote", "score", "likes", "supports", "soutiens", "agrees", "votes count", "like count", "vote count",
    "upvotes", "supporters", "cached votes up", "total supports", "nombre de votes",
)  # fmt: skip
STATE_NAMES = (
    "state", "status", "etat", "statut", "moderation", "moderated", "moderation status", "publication status",
    "proposal state", "brouillon", "draft", "spam", "hidden", "masque", "deleted", "supprime", "withdrawn", "retire",
    "rejected", "rejete", "published", "publie", "approved", "approuve", "visible", "hidden at", "retired at",
    "deleted at", "closed",
)  # fmt: skip
# Columns that are long and filled, and yet are no text of a participant.
NOT_TEXT_NAMES = {
    "url", "link", "lien", "permalink", "tags", "etiquettes", "category", "categorie", "categories", "user agent",
    "useragent", "referrer", "referer", "address", "adresse", "adresse ip", "ip address", "ip", "network id",
    "official feedback", "official response", "reponse officielle", "admin response", "status", "board",
    "post cooked", "ending", "ipaddress",
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
} - {"n", "no", "closed", "vote", "visible", "avis", "spam", "nom"}  # answers by themselves
