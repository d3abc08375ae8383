"""What people write around an idea: mail headers, quoted replies, greetings, signatures.

It is set aside for grouping and naming, never in what is shown. By rules for French, English, German and Spanish, and
for greetings in Italian, Dutch and Portuguese, not by the language of a text: mails mix them, and a greeting is too
short to tell its language.
"""

import re

MAX_ROUNDS = 4  # of greetings or closings taken away one after the other ("Bonjour. Madame la Maire, …")
MAX_HEADER_WORDS = 4  # in a line before a quoted reply, at least: "Le 3 mai, Jo Martin a écrit :"

HEADER_LINE = re.compile(
    r"(?:de|from|von|envoyé|sent|gesendet|enviado|à|to|an|para|cc|cci|bcc|date|datum|fecha|objet|subject|betreff|"
    r"asunto|répondre à|reply-to)\s?:\s",
    re.IGNORECASE,
)
MIN_HEADER_LINES = 2  # together: a line "Objet : …" alone is a title
SUBJECT_LINE = re.compile(
    r"(?:objet|subject|betreff|asunto)\s?:\s?(?:(?:re|fwd?|tr|aw|wg|rv)\s?:\s?){0,5}", re.IGNORECASE
)
QUOTED_LINE = re.compile(r">|\|\s")
_WROTE = re.compile(r"(?:a écrit|wrote|schrieb|escribió|ha scritto|schreef)\b", re.IGNORECASE)
REPLY_LINE = re.compile(
    rf"(?:(?:le|on|am|el|il|op)\s[^\n]{{4,120}}{_WROTE.pattern}(?:\s?:?|[^\n]{{0,80}}:)"
    r"|-{2,20}\s?(?:message d.origine|message transféré|original message|forwarded message|ursprüngliche nachricht"
    r"|mensaje original)[^\n]{0,40})",
    re.IGNORECASE,
)
SIGNATURE_LINE = re.compile(r"--|__+")

# A title or a group of people, after a word of greeting or alone at the beginning.
_ADDRESSED = (
    r"(?:mesdames|messieurs|madame|monsieur|mme|mr|mrs|ms|sir|madam|señora?|señor(?:es|as)|frau|herr|damen|herren"
    r"|tous|toutes|tout le monde|toute l.équipe|l.équipe|équipe|collègues|amie?s|all|everyone|everybody|team|there"
    r"|colleagues|friends|zusammen|alle|allen|kolleg(?:en|innen)|todos|todas|equipo|compañer[oa]s"
    r"|maire|mayor|bürgermeister(?:in)?|alcalde(?:sa)?|président(?:e)?|president|directeur|directrice|director|élus"
    r"|docteur|ministre|députée?|le|la|les|à|et|and|und|y|a|to|of|de|du|the|sehr geehrte[rn]?|geehrte[rn]?|liebe[rn]?"
    r"|chère?s?|chers|dear|estimad[oa]s?|querid[oa]s?|mes|my)"
)
_TITLE = (
    r"(?:mesdames|messieurs|madame|monsieur|mme|mrs?|ms|sir|madam|señor(?:a|es|as)?|frau|herr"
    r"|sehr geehrte[rn]?|liebe[rn]?|chère?s?|chers|dear|estimad[oa]s?|querid[oa]s?|gentil[ei]|egregi[oa]?|geachte|beste"
    r"|prezad[oa]s?|à l.attention d[eu])\b"
)
_NAME = r"(?:\s(?-i:[A-ZÉÈÀÖÄÜ])[\w’'-]{1,20})"
_HELLO = (
    r"(?:bonjour|bjr|bonsoir|coucou|salut|slt|hello|hi|hey|good (?:morning|afternoon|evening)"
    r"|guten (?:tag|morgen|abend)|hallo"
    r"|moin|servus|grüezi|hola|buen[oa]s (?:días|tardes|noches)|buon ?giorno|buona ?sera|salve|goede(?:n?dag|morgen)"
    r"|olá|bom dia|boa (?:tarde|noite))"
)
GREETING = re.compile(
    # "Bonjour", then whom, then a pause, or the text itself: "Bonjour je voudrais"
    rf"(?:{_HELLO}\b(?:[ ,]{{1,2}}{_ADDRESSED}\b){{0,8}}(?:{_NAME}{{0,2}}\s?[,.!:;…–—-]+|(?=\s)|$)"
    # "Madame la Maire," "Dear all," "Sehr geehrte Damen und Herren,": only where a comma ends it
    rf"|{_TITLE}(?:[ ,]{{1,2}}{_ADDRESSED}\b){{0,8}}{_NAME}{{0,2}}\s?(?:[,!:](?=\s|$)|\.(?=\s[A-ZÉÈÀÖÄÜ]))"
    # an opening sentence, as "Je me permets de vous écrire"
    r"|(?:je me permets de vous (?:écrire|contacter|solliciter)|je vous (?:écris|contacte)|i am writing to you"
    r"|ich schreibe ihnen|me permito escribirles?|les escribo)(?:\sce jour|\saujourd.hui)?\s?[:,.]+)",
    re.IGNORECASE,
)

# After these nothing but a name follows, or a short line on who writes.
_FAREWELL = (
    r"(?:(?:bien )?cordialement|(?:bien |très )?amicalement|sincèrement vôtre|respectueusement"
    r"|bien à (?:vous|toi)|(?:grosses )?bises|bisous|(?:sincères|cordiales|meilleures|respectueuses) salutations"
    r"|salutations(?: distinguées| cordiales)?|bonne (?:journée|soirée)|cdl?t"
    r"|(?:kind|best|warm)(?:est)? regards|regards|(?:yours )?sincerely(?: yours)?|yours (?:truly|faithfully)"
    r"|best wishes|best(?=,)|mit (?:freundlichen|besten|herzlichen|lieben) grü(?:ß|ss)en"
    r"|(?:freundliche|beste|herzliche|viele|liebe) grü(?:ß|ss)e|mfg|hochachtungsvoll"
    r"|(?:un )?(?:cordial(?:es)? saludos?|saludos? cordial(?:es)?)|(?:un )?saludos?"
    r"|atentamente|envoyé de(?:puis)? mon|sent from my|von meinem iphone gesendet|enviado desde mi)"
)
_POLITE_SENTENCE = (
    r"(?:(?:dans l.attente|en (?:vous )?remerciant|veuillez|je vous prie|nous vous prions|vous remerciant"
    r"|looking forward|i look forward|ich danke ihnen|quedo a la espera|reciban?)\b[^.!?]{0,200}"
    r"(?:salutations|considération|réponse|attention|sentiments|hearing from you|reply|grü(?:ß|ss)e|respuesta|saludo)"
    r"[^.!?]{0,60})"
)
_THANKS = (
    r"(?:(?:un grand |encore |mille )?merci(?: beaucoup| bien| infiniment)?(?: à vous| à tous)?(?: d.avance"
    r"| par avance| (?:de|pour) (?:votre|m.avoir|nous avoir) [\w’']{2,20}(?: de [\w’']{2,20})?)?"
    r"|(?:many )?thanks(?: a lot| so much| very much| in advance)?(?: for (?:your )?\w{2,20})?"
    r"|thank you(?: very much| so much)?(?: in advance)?(?: for (?:your )?\w{2,20})?"
    r"|(?:vielen |herzlichen |besten )?dank(?: im voraus)?|danke(?: schön| im voraus)?"
    r"|(?:muchas )?gracias(?: de antemano| por su atención)?)"
)
CLOSING = re.compile(
    rf"(?:^|(?<=[.!?…,;)]))\s*(?:{_FAREWELL}\b(?:[^.!?]|(?<=\b\w)\.|(?<=\d)\.|\.(?=\s?\d)){{0,60}}|{_POLITE_SENTENCE}|{_THANKS})\s?[.!…,]*\s*\Z",
    re.IGNORECASE,
)
OPENING_SIGNS = " «\"'“”’(…-–—"
CLOSING_WINDOW = 400  # last characters that a closing is looked for in


def strip_mail(text: str) -> str:
    """Returns a text without the header lines of a mail, lines that only greet, quoted replies and signatures.

    A subject stays as a title. A text of nothing else stays as it is. `text`: with its line breaks.
    """
    lines = [line.strip() for line in text.splitlines()]
    if len(lines) == 1:
        return text
    kept: list[str] = []
    at = 0
    while at < len(lines):
        headers = _count(lines, at, HEADER_LINE)
        if headers >= MIN_HEADER_LINES:
            kept += [
                SUBJECT_LINE.sub("", line, count=1) for line in lines[at : at + headers] if SUBJECT_LINE.match(line)
            ]
            at += headers
        elif SIGNATURE_LINE.fullmatch(lines[at]) and any(kept):
            break
        else:
            introduced = _lines_before_reply(lines, at)
            if not introduced and not QUOTED_LINE.match(lines[at]) and not GREETING.fullmatch(lines[at]):
                kept.append(lines[at])
            at += introduced or 1
    left = "\n".join(kept)
    return left if _has_words(left) else text


def strip_courtesies(text: str) -> str:
    """Returns a text without the greetings that it begins with and the closings that it ends with.

    A text of nothing else stays as it is. `text`: on one line.
    """
    left = text
    for _ in range(MAX_ROUNDS):
        opened = left.lstrip(OPENING_SIGNS)
        greeting = GREETING.match(opened)
        if greeting is None or not greeting.end():
            break
        left = opened[greeting.end() :].lstrip(OPENING_SIGNS)
    for _ in range(MAX_ROUNDS):
        start = max(0, len(left) - CLOSING_WINDOW)
        closing = CLOSING.search(left, start)
        if closing is None or not closing.group():
            break
        left = left[: closing.start()].rstrip()
    return left if _has_words(left) else text


def _count(lines: list[str], at: int, pattern: re.Pattern[str]) -> int:
    """Returns how many lines from `at` on match in a row."""
    count = 0
    while at + count < len(lines) and pattern.match(lines[at + count]):
        count += 1
    return count


def _lines_before_reply(lines: list[str], at: int) -> int:
    """Returns how many lines introduce a quoted reply: one, two where a mail program breaks it, 0 if they don't."""
    if REPLY_LINE.fullmatch(lines[at]):
        return 1
    broken = any(map(_WROTE.match, lines[at + 1 : at + 2])) and REPLY_LINE.fullmatch(" ".join(lines[at : at + 2]))
    return 2 if broken else 0


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)
