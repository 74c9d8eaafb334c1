"""What kind of thing a reference is: names of other programs, and CSL's types.

Sources: CSL 1.0.2, appendix III (https://docs.citationstyles.org/en/stable/specification.html);
RIS as of 2011 ("RIS Format Specifications", Research Information Systems); EndNote's reference
types; BibTeX and biblatex's entry types.
"""

from __future__ import annotations

import re

CSL = frozenset(
    "article article-journal article-magazine article-newspaper bill book broadcast chapter "
    "classic collection dataset document entry entry-dictionary entry-encyclopedia event figure "
    "graphic hearing interview legal_case legislation manuscript map motion_picture "
    "musical_score pamphlet paper-conference patent performance periodical personal_communication "
    "post post-weblog regulation report review review-book software song speech standard thesis "
    "treaty webpage".split()
)

RIS = {
    "JOUR": "article-journal", "EJOUR": "article-journal", "ABST": "article-journal",
    "INPR": "article-journal", "JFULL": "periodical", "MGZN": "article-magazine",
    "NEWS": "article-newspaper", "BOOK": "book", "EBOOK": "book", "EDBOOK": "book", "SER": "book",
    "CLSWK": "classic", "CHAP": "chapter", "ECHAP": "chapter", "CPAPER": "paper-conference",
    "CONF": "paper-conference", "RPRT": "report", "GOVDOC": "report", "THES": "thesis",
    "ELEC": "webpage", "WEB": "webpage", "BLOG": "post-weblog", "UNPB": "manuscript",
    "MANSCPT": "manuscript", "DATA": "dataset", "AGGR": "dataset", "DBASE": "dataset",
    "PAT": "patent", "STAT": "legislation", "LEGAL": "regulation", "BILL": "bill",
    "CASE": "legal_case", "HEAR": "hearing", "SLIDE": "speech", "VIDEO": "motion_picture",
    "MPCT": "motion_picture", "ADVS": "broadcast", "SOUND": "song", "MUSIC": "musical_score",
    "MAP": "map", "PAMP": "pamphlet", "COMP": "software", "ENCYC": "entry-encyclopedia",
    "DICT": "entry-dictionary", "STAND": "standard", "ART": "graphic", "FIGURE": "figure",
    "PCOMM": "personal_communication", "ICOMM": "personal_communication", "GEN": "document",
}  # fmt: skip
"""CSL's type for each of RIS; the first of several is the one that is written."""

BIBTEX = {
    "article": "article-journal", "book": "book", "mvbook": "book", "collection": "book",
    "proceedings": "book", "inbook": "chapter", "incollection": "chapter",
    "suppbook": "chapter", "inproceedings": "paper-conference", "conference": "paper-conference",
    "phdthesis": "thesis", "mastersthesis": "thesis", "thesis": "thesis", "techreport": "report",
    "report": "report", "online": "webpage", "electronic": "webpage", "www": "webpage",
    "webpage": "webpage", "unpublished": "manuscript", "patent": "patent", "dataset": "dataset",
    "software": "software", "manual": "report", "booklet": "pamphlet",
    "periodical": "periodical", "inreference": "entry-encyclopedia", "misc": "document",
}  # fmt: skip

ENDNOTE = {
    "Journal Article": ("17", "article-journal"), "Book": ("6", "book"),
    "Book Section": ("5", "chapter"), "Edited Book": ("28", "book"),
    "Conference Paper": ("47", "paper-conference"),
    "Conference Proceedings": ("10", "paper-conference"), "Report": ("27", "report"),
    "Government Document": ("46", "report"), "Thesis": ("32", "thesis"),
    "Web Page": ("12", "webpage"), "Blog": ("56", "post-weblog"),
    "Newspaper Article": ("23", "article-newspaper"),
    "Magazine Article": ("19", "article-magazine"),
    "Electronic Article": ("43", "article-journal"), "Electronic Book": ("44", "book"),
    "Electronic Book Section": ("60", "chapter"), "Unpublished Work": ("34", "manuscript"),
    "Manuscript": ("36", "manuscript"), "Dataset": ("59", "dataset"), "Patent": ("25", "patent"),
    "Statute": ("31", "legislation"), "Bill": ("4", "bill"), "Case": ("7", "legal_case"),
    "Hearing": ("14", "hearing"), "Film or Broadcast": ("21", "motion_picture"),
    "Audiovisual Material": ("3", "motion_picture"), "Map": ("20", "map"),
    "Pamphlet": ("24", "pamphlet"), "Computer Program": ("9", "software"),
    "Encyclopedia": ("53", "entry-encyclopedia"), "Dictionary": ("52", "entry-dictionary"),
    "Standard": ("58", "standard"), "Preprint": ("70", "article"),
    "Personal Communication": ("26", "personal_communication"), "Generic": ("13", "document"),
}  # fmt: skip
"""Number and CSL's type for each name of EndNote."""

_WORDS = {
    "article-journal": (
        "journal article; journalarticle; article; journal; j; review; review article; letter; "
        "editorial; note; short survey; article in press; data paper; erratum; clinical trial; "
        "randomized controlled trial; meta-analysis; systematic review; comment; case reports; "
        "observational study; academic journal; peer reviewed journal; early access; "
        "journal-article; research article; original article; journal: article; journal: review; "
        "comparative study; multicenter study; retracted; journal, electronic"
    ),
    "article": "preprint; posted-content; posted content; working paper",
    "book": (
        "book; books; b; monograph; edited-book; edited book; reference-book; ebook; book series; "
        "book, whole; book, edited"
    ),
    "chapter": (
        "chapter; book chapter; book section; booksection; book-chapter; book-section; book part; "
        "section; electronic book section; essay; book, section"
    ),
    "paper-conference": (
        "conference paper; conferencepaper; conference proceeding; conference proceedings; "
        "conference proceedings article; proceedings-article; proceedings paper; "
        "conference abstract; conference review; conference; meeting abstract; proceeding"
    ),
    "thesis": (
        "thesis; dissertation; dissertation/thesis; doctoral thesis; doctoral dissertation; "
        "phd thesis; master thesis; master's thesis; dissertations & theses; "
        "dissertation/thesis, unpublished"
    ),
    "report": "report; technical report; government document; governmentdocument; tech report",
    "webpage": "web page; webpage; website; web site; web; online; electronic resource; internet",
    "post-weblog": "blog; blog post; blogpost",
    "article-newspaper": "newspaper article; newspaperarticle; newspaper; news",
    "article-magazine": "magazine article; magazinearticle; magazine; trade journal; periodical",
    "manuscript": "manuscript; unpublished work; unpublished; unpublished material",
    "dataset": "dataset; data set; data",
    "software": "computerprogram; computer program; software",
    "patent": "patent; p",
    "legislation": "statute; legislation; laws/statutes",
    "pamphlet": "pamphlet; booklet",
    "standard": "standard",
    "speech": "presentation; speech",
    "entry-encyclopedia": "encyclopediaarticle; encyclopedia; reference-entry",
    "motion_picture": "film; video; audiovisual material; videorecording; video/ dvd",
    "document": "generic; document; other; misc; miscellaneous; g; unknown",
}
_NAMES = {name: csl for csl, names in _WORDS.items() for name in names.split("; ")}
_NAMES.update((name.lower(), csl) for name, (_, csl) in ENDNOTE.items())
PLAIN = frozenset(name.lower() for name in ENDNOTE) | frozenset(
    "journal article; journalarticle; article; journal; j; b; p; g; s; journal-article; "
    "book-chapter; book chapter; booksection; conferencepaper; other; unknown; "
    "academic journal; journal, electronic; book, whole; book, edited; book, section".split("; ")
)
"""Names that tell nothing but the type: others are kept as ``genre``."""


def csl_type(name: str) -> str | None:
    """Return CSL's type for what another program calls it, in any case, or ``None``.

    "Article" is one of a journal: only CSL itself calls a preprint so.
    """
    lower = re.sub(r"\s+", " ", name.strip().lower())
    return _NAMES.get(lower) or (lower if lower in CSL else None)
