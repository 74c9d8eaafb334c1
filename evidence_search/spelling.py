"""One spelling for words that British and American English, or grammar, spell in several.

The result needn't be a word of either: it is only compared with other
results, so a rule may be broad as long as it never makes two unrelated words
one ("exercise" and "exercising" both get a z, and still meet).

Rejected: a list of all word pairs (thousands of lines, and "randomisation"
still missing from it).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_IRREGULAR = {
    form: word
    for word, forms in {
        # Plurals, of English and of the languages that gave the word.
        "man": "men mens", "woman": "women womens", "child": "children childrens",
        "person": "people peoples", "mom": "mum mums", "stepmom": "stepmum stepmums",
        "knife": "knives", "life": "lives", "wife": "wives", "thief": "thieves", "half": "halves",
        "shelf": "shelves", "calf": "calves", "loaf": "loaves", "wolf": "wolves",
        "scarf": "scarves", "hoof": "hooves", "tooth": "teeth", "foot": "feet", "goose": "geese",
        "mouse": "mice", "louse": "lice", "ox": "oxen", "die": "dice",
        "focus": "foci", "stimulus": "stimuli", "nucleus": "nuclei", "fungus": "fungi",
        "bacillus": "bacilli", "locus": "loci", "radius": "radii", "alumnus": "alumni alumnae",
        "syllabus": "syllabi", "embolus": "emboli", "thrombus": "thrombi", "uterus": "uteri",
        "bronchus": "bronchi", "index": "indices", "matrix": "matrices", "vertex": "vertices",
        "appendix": "appendices", "cortex": "cortices", "helix": "helices",
        "bacterium": "bacteria", "stratum": "strata", "ovum": "ova", "serum": "sera",
        "memorandum": "memoranda", "symposium": "symposia", "curriculum": "curricula",
        "erratum": "errata", "addendum": "addenda", "spectrum": "spectra", "atrium": "atria",
        "larva": "larvae", "vertebra": "vertebrae", "formula": "formulae", "alga": "algae",
        "antenna": "antennae", "phenomenon": "phenomena", "criterion": "criteria",
        "schema": "schemata", "analysis": "analyses", "crisis": "crises",
        "diagnosis": "diagnoses", "hypothesis": "hypotheses", "metaanalysis": "metaanalyses",
        "synthesis": "syntheses", "prognosis": "prognoses", "thesis": "theses",
        "neurosis": "neuroses", "psychosis": "psychoses", "metastasis": "metastases",
        "parenthesis": "parentheses", "oasis": "oases",
        # Verbs.
        "arise": "arose arisen", "begin": "began begun", "break": "broke broken",
        "breed": "bred", "bring": "brought", "build": "built", "burned": "burnt", "buy": "bought",
        "catch": "caught", "choose": "chose chosen", "deal": "dealt", "drink": "drank",
        "drive": "drove driven", "eat": "ate eaten", "fight": "fought", "flee": "fled",
        "forbid": "forbade forbidden", "forget": "forgot forgotten", "freeze": "froze frozen",
        "give": "gave given", "grow": "grew grown", "hear": "heard", "hide": "hid hidden",
        "keep": "kept", "know": "knew known", "learned": "learnt", "lend": "lent",
        "lose": "lost", "meet": "met", "pay": "paid", "seek": "sought", "sell": "sold",
        "send": "sent", "shake": "shook shaken", "shoot": "shot", "show": "shown",
        "shrink": "shrank shrunk", "sleep": "slept", "speak": "spoke spoken", "spend": "spent",
        "steal": "stole stolen", "swear": "swore sworn", "sweep": "swept", "take": "took taken",
        "teach": "taught", "tell": "told", "think": "thought", "throw": "threw thrown",
        "undergo": "underwent undergone", "understand": "understood",
        "undertake": "undertook undertaken", "weep": "wept", "win": "won",
        "withdraw": "withdrew withdrawn", "withhold": "withheld", "write": "wrote written",
        # British spelling that no rule tells.
        "acknowledgment": "acknowledgement", "aging": "ageing", "aluminum": "aluminium",
        "analog": "analogue", "analogs": "analogues", "artifact": "artefact",
        "artifacts": "artefacts", "catalog": "catalogue", "catalogs": "catalogues",
        "dialog": "dialogue", "dialogs": "dialogues", "dietitian": "dietician",
        "dietitians": "dieticians", "enroll": "enrol", "enrollment": "enrolment",
        "enrolls": "enrols", "fulfill": "fulfil", "fulfillment": "fulfilment",
        "fulfills": "fulfils", "gray": "grey", "instill": "instil", "judgment": "judgement",
        "judgments": "judgements", "pajamas": "pyjamas", "practice": "practise",
        "practiced": "practised", "practices": "practises", "practicing": "practising",
        "program": "programme", "programs": "programmes", "skeptic": "sceptic",
        "skeptics": "sceptics", "skeptical": "sceptical", "skepticism": "scepticism",
        "skillful": "skilful", "specialty": "speciality", "specialties": "specialities",
        "willful": "wilful",
    }.items()
    for form in forms.split()
}  # fmt: skip

_STEMS = {
    word: stem
    for stem, inflected in {
        # What Porter2 makes one with a word of another meaning.
        "alcoholic": "alcoholic alcoholics alcoholism",
        "authority": "authority authorities",
        "clinical": "clinical clinically",
        "competence": "competence competences competency competencies competent",
        "corporal": "corporal",
        "correctional": "correctional corrections",
        "criminals": "criminals",
        "critical": "critical critically",
        "customer": "customer customers",
        "department": "department departments departmental",
        "digital": "digital digitally",
        "director": "director directors",
        "diverse": "diverse diversity",
        "emergency": "emergency emergencies",
        "engineer": "engineer engineers engineered engineering",
        "evening": "evening evenings",
        "executive": "executive executives",
        "experiment": "experiment experiments experimental experimentally",
        "hospitality": "hospitality hospitable",
        "important": "important importance importantly",
        "incidence": "incidence incidences",
        "informal": "informal informally",
        "integrity": "integrity",
        "internal": "internal internally",
        "international": "international internationally",
        "intern": "intern interns",
        "lateral": "lateral laterally",
        "legaliz": "legalise legalised legalises legalising legalisation legalize legalized "
        "legalizes legalizing legalization",
        "majority": "majority majorities",
        "marketing": "marketing",
        "medication": "medication medications",
        "minority": "minority minorities",
        "morale": "morale",
        "objective": "objective objectives objectively",
        "officer": "officer officers",
        "organism": "organism organisms",
        "organiz": "organise organised organiser organisers organises organising organisation "
        "organisations organisational organize organized organizer organizers organizes "
        "organizing organization organizations organizational",
        "personal": "personal personally",
        "personality": "personality personalities",
        "physics": "physics",
        "positive": "positive positively positives",
        "practical": "practical practically practicality practicalities",
        "publication": "publication publications",
        "publicity": "publicity",
        "quite": "quite",
        "rational": "rational rationally rationality",
        "refer": "refer refers referred referring referral referrals",
        "relative": "relative relatives",
        "respective": "respective respectively",
        "responsible": "responsible responsibly responsibility responsibilities",
        "several": "several",
        "subjective": "subjective subjectively",
        "temperance": "temperance",
        "universal": "universal universally",
        "university": "university universities",
        # Numbers are one in words and figures; "one" is seldom a number.
        **{str(n): word for n, word in enumerate(
            "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
            "sixteen seventeen eighteen nineteen twenty".split(), 2)},
        "1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth",
        "6th": "sixth", "7th": "seventh", "8th": "eighth", "9th": "ninth", "10th": "tenth",
    }.items()
    for word in inflected.split()
}  # fmt: skip

_OUR = (
    "arm|behavi|cand|col|demean|endeav|fav|ferv|flav|glam|harb|hon|hum|lab|neighb|od|parl|"
    "ranc|rig|rum|sav|tum|val|vap|vig"
)
_DOUBLED = (
    "cancel|channel|council|counsel|dial|duel|equal|fuel|initial|jewel|label|level|libel|marshal|"
    "medal|model|panel|pedal|quarrel|rival|shovel|signal|spiral|stencil|total|travel|trial|tunnel"
)
# What a word has in it that falls under a rule, before its pattern, which the re module compiles
# when first used: most words fall under none, and a search folds few.
_RULES = (
    ("is", r"^(.{3,})is(e|ed|es|er|ers|ing|able|ability|ation|ations|ational)$", r"\1iz\2"),
    ("ys", r"^(anal|paral|catal|electrol|dial)ys(e|ed|er|ers|ing)$", r"\1yz\2"),
    ("our", rf"^(.{{0,3}}(?:{_OUR}))our(?!s?e)(.*)$", r"\1or\2"),
    ("ll", rf"^(.*(?:{_DOUBLED}))l(ed|er|ers|ing|ings|or|ors)$", r"\1\2"),
    ("ss", r"^(bias|focus)s(ed|es|ing)$", r"\1\2"),
    ("tt", r"^(benefit)t(ed|es|ing)$", r"\1\2"),
    ("re", r"^(cent|fib|lit|lust|met|spect|theat|kilomet|millilit|centimet)re(s|d)?$", r"\1er\2"),
    ("ence", r"^(def|off|lic|pret)ence(s|d)?$", r"\1ense\2"),
    ("enquir", r"^enquir(.*)$", r"inquir\1"),
    # Greek and Latin ae and oe.
    ("haem", r"^(.*)haem(.*)$", r"\1hem\2"),
    ("paed", r"^(.*)paed(.*)$", r"\1ped\2"),
    ("anaes", r"^(.*an)aes(.*)$", r"\1es\2"),
    ("aemi", r"^(.*)aemi(a|as|c)$", r"\1emi\2"),
    ("ae", r"^ae(ti|st)(.*)$", r"e\1\2"),
    ("faec", r"^(.*f)aec(.*)$", r"\1ec\2"),
    ("cae", r"^(.*c)ae(cum|sar|sium)(.*)$", r"\1e\2\3"),
    ("aeo", r"^(pal|arch)aeo(.*)$", r"\1eo\2"),
    ("oea", r"^(.*(?:rrh|pn))oea(.*)$", r"\1ea\2"),
    ("moe", r"^(am|hom)oe(.*)$", r"\1e\2"),
    ("coel", r"^coe(li|lo)(.*)$", r"ce\1\2"),
    ("foet", r"^foet(.*)$", r"fet\1"),
    ("oe", r"^oe(d|st|soph)(.*)$", r"e\1\2"),
    ("gynaec", r"^gynaec(.*)$", r"gynec\1"),
    ("leuc", r"^leuc(.*)$", r"leuk\1"),
    ("manoeuvr", r"^manoeuvr(.*)$", r"maneuver\1"),
    ("tranquillis", r"^tranquillis(.*)$", r"tranquiliz\1"),
    ("sulph", r"^(.*)sulph(.*)$", r"\1sulf\2"),
)


def own_stem(word: str) -> str | None:
    """Return the stem of a word that Porter2 makes one with a word of another meaning.

    So "relatives" isn't "related", "alcoholics" isn't "alcohol", "diversity"
    isn't "diversion".  ``None`` for all others.
    """
    return _STEMS.get(word)


def irregular_forms(word: str) -> frozenset[str]:
    """Return the irregular forms of a word, with the one that stands for them; maybe none."""
    return _irregular().get(_IRREGULAR.get(word, word), frozenset())


@cache
def _irregular() -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for form, word in _IRREGULAR.items():
        found[word] = found.get(word, frozenset()) | {form, word}
    return found


def fold_spelling(word: str) -> str:
    """Return the spelling that stands for ``word``, a word in lower case."""
    irregular = _IRREGULAR.get(word)
    if irregular is not None:
        return irregular
    for part, pattern, replacement in _RULES:
        if part in word:
            word = re.sub(pattern, replacement, word)
    return word
