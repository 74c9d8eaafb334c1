"""The words that pages of the bank use around their entries: data, apart from the grammar."""

from __future__ import annotations

CATEGORY_WORDS = {"S": "seminal", "K": "key", "R": "review", "G": "guid"}
"""How the legend's name for each category begins, in lower case."""

CODES = "".join(CATEGORY_WORDS)
"""The codes of all categories."""

SMALL_WORDS = frozenset("and or v vs is for in on the to of as with users packages".split())
"""Words that don't begin a title: a capital before one is part of the title ("R and D")."""

LEGEND_LINES = (
    "links to other documents",
    "hover over",
    "click to highlight",
    "unfold",
    "more search for more",
    "search for more",
)
"""Beginnings, in lower case, of lines that explain the page right after the legend."""

RETRIEVE_LINES = ("retrieve all", "this search retrieves", "search more")
"""Beginnings, in lower case, of the line that always ends the entries, perhaps after "more"."""

FOOTER_LINES = (
    *RETRIEVE_LINES,
    "search for more",
    "matrix bite",
    "open matrix bite",
    "close matrix bite",
    "comment/query",
    "comment or query",
    "send email for updates",
    "top of page",
    "back to top",
    "last revised",
    "first uploaded",
    "about the matri",
    "your comments",
)
"""Beginnings, in lower case, of lines that end the entries, unless they stand before them."""

FUNDER_LINES = ("funded by", "developed with", "supported by")
"""Endings, in lower case, of header lines after which funders are named."""

FUNDER_NOISE = ("web site", "opens new window", "website")
"""What a funder's line says besides its name, in lower case."""

NOTES = (
    "free source",
    "alternative source",
    "open access",
    "free",
    "pdf",
    "abstract",
    "in press",
    "forthcoming",
    "undated",
    "no date",
    "n.d.",
    "draft",
    "update",
    "updated",
    "revised",
    "published",
    "first published",
    "reissued",
    "issued",
    "accessed",
    "subscription",
    "registration",
    "requires",
    "archived",
    "source",
    "summary",
    "full text",
    "volume",
    "video",
    "slides",
    "edition",
    "version",
    "online",
    "print",
    "onwards",
    "c",
    "ca",
    "circa",
)
"""Beginnings, in lower case, of remarks in the parenthesis that are no publisher."""

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep",
    "sept", "oct", "nov", "dec", "spring", "summer", "autumn", "winter",
)  # fmt: skip

ABBREVIATIONS = frozenset(
    "dr mr mrs ms prof st vs v e.g i.e cf eds ed al approx inc ltd jr sr u.k u.s u.s.a u.n e.u d.c "
    "ph.d m.d a.m p.m dept univ assoc govt rev hon mt ft viz ca c jan feb mar apr jun jul aug sep "
    "sept oct nov dec".split()
)
"""Words, without their last full stop, that a full stop doesn't end a sentence after."""

NUMBERED = frozenset("no nos p pp vol fig figs sec ch para paras art ref refs".split())
"""The same, before a number only."""

KINDS = {
    "guidance": "G",
    "guideline": "G",
    "guidelines": "G",
    "guide": "G",
    "protocol": "G",
    "strategy": "G",
    "review": "R",
    "reviews": "R",
    "report": "",
    "reports": "",
    "study": "",
    "studies": "",
    "analysis": "",
    "evaluation": "",
    "document": "",
    "research": "",
}
"""What a cross-reference may point to ("Scottish guidance below"), and the category it tells."""
