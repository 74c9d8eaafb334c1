"""One spelling for words that British and American English, or grammar, spell in several.

The result needn't be a word of either: it is only compared with other
results, so a rule may be broad as long as it never makes two unrelated words
one ("exercise" and "exercising" both get a z, and still meet).

Rejected: a list of all word pairs (thousands of lines, and "randomisation"
still missing from it).
"""

from __future__ import annotations

import re

_IRREGULAR = {
    "acknowledgement": "acknowledgment",
    "ageing": "aging",
    "analyses": "analysis",
    "analogue": "analog",
    "bought": "buy",
    "catalogue": "catalog",
    "catalogues": "catalogs",
    "children": "child",
    "crises": "crisis",
    "criteria": "criterion",
    "diagnoses": "diagnosis",
    "dialogue": "dialog",
    "dialogues": "dialogs",
    "drank": "drink",
    "driven": "drive",
    "drove": "drive",
    "enrol": "enroll",
    "enrolment": "enrollment",
    "enrols": "enrolls",
    "fulfil": "fulfill",
    "fulfilment": "fulfillment",
    "fulfils": "fulfills",
    "grey": "gray",
    "hypotheses": "hypothesis",
    "instil": "instill",
    "judgement": "judgment",
    "judgements": "judgments",
    "knives": "knife",
    "learnt": "learned",
    "lives": "life",
    "men": "man",
    "metaanalyses": "metaanalysis",
    "mum": "mom",
    "mums": "moms",
    "paid": "pay",
    "people": "person",
    "phenomena": "phenomenon",
    "practise": "practice",
    "practised": "practiced",
    "practises": "practices",
    "practising": "practicing",
    "programme": "program",
    "programmes": "programs",
    "sceptical": "skeptical",
    "scepticism": "skepticism",
    "skilful": "skillful",
    "sought": "seek",
    "stepmum": "stepmom",
    "syntheses": "synthesis",
    "taught": "teach",
    "teeth": "tooth",
    "wilful": "willful",
    "wives": "wife",
    "women": "woman",
}

_STEMS = {
    word: stem
    for stem, inflected in {
        "criminals": "criminals",
        "alcoholic": "alcoholic alcoholics alcoholism",
        "authority": "authority authorities",
        "diverse": "diverse diversity",
        "emergency": "emergency emergencies",
        "experiment": "experiment experiments experimental experimentally",
        "important": "important importance importantly",
        "minority": "minority minorities",
        "morale": "morale",
        "organiz": (
            "organise organised organiser organisers organises organising organisation "
            "organisations organisational organize organized organizer organizers organizes "
            "organizing organization organizations organizational"
        ),
        "personality": "personality personalities",
        "positive": "positive positively positives",
        "relative": "relative relatives",
        "several": "several",
        "university": "university universities",
    }.items()
    for word in inflected.split()
}

_OUR = (
    "arm|behavi|cand|col|demean|endeav|fav|ferv|flav|glam|harb|hon|hum|lab|neighb|od|parl|"
    "ranc|rig|rum|sav|tum|val|vap|vig"
)
_DOUBLED = (
    "cancel|channel|council|counsel|dial|equal|fuel|label|level|marshal|model|panel|rival|"
    "signal|total|travel|tunnel"
)
_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"^(.{3,})is(e|ed|es|er|ers|ing|ation|ations|ational)$", r"\1iz\2"),
        (r"^(anal|paral|catal|electrol|dial)ys(e|ed|er|ers|ing)$", r"\1yz\2"),
        (rf"^(.{{0,3}}(?:{_OUR}))our(?!s?e)(.*)$", r"\1or\2"),
        (rf"^(.*(?:{_DOUBLED}))l(ed|er|ers|ing|ings|or|ors)$", r"\1\2"),
        (r"^(cent|fib|lit|lust|met|spect|theat|kilomet|millilit|centimet)re(s|d)?$", r"\1er\2"),
        (r"^(def|off|lic|pret)ence(s|d)?$", r"\1ense\2"),
        (r"^(.*)(?:haem)(.*)$", r"\1hem\2"),
        (r"^(.*)(?:paed)(.*)$", r"\1ped\2"),
        (r"^(.*an)aes(.*)$", r"\1es\2"),
        (r"^(.*)aemi(a|as|c)$", r"\1emi\2"),
        (r"^(.*rrh)oea(.*)$", r"\1ea\2"),
        (r"^foet(.*)$", r"fet\1"),
        (r"^oe(st|soph)(.*)$", r"e\1\2"),
        (r"^gynaec(.*)$", r"gynec\1"),
        (r"^manoeuvr(.*)$", r"maneuver\1"),
        (r"^(.*)sulph(.*)$", r"\1sulf\2"),
    )
)


def own_stem(word: str) -> str | None:
    """Return the stem of a word that Porter2 makes one with a word of another meaning.

    So "relatives" isn't "related", "alcoholics" isn't "alcohol", "diversity"
    isn't "diversion".  ``None`` for all others.
    """
    return _STEMS.get(word)


def fold_spelling(word: str) -> str:
    """Return the spelling that stands for ``word``, a word in lower case."""
    irregular = _IRREGULAR.get(word)
    if irregular is not None:
        return irregular
    for pattern, replacement in _RULES:
        word = pattern.sub(replacement, word)
    return word
