"""The words that pages of the bank use around their entries: data, apart from the grammar."""

from __future__ import annotations

CATEGORY_WORDS = {"S": "seminal", "K": "key", "R": "review", "G": "guid"}
"""How the legend's name for each category begins, in lower case."""

CODES = "".join(CATEGORY_WORDS)
"""The codes of all categories."""

_CATEGORY_NAMES = {
    "seminal study": "S",
    "seminal studies": "S",
    "seminal": "S",
    "key study": "K",
    "key studies": "K",
    "key": "K",
    "review": "R",
    "reviews": "R",
    "guidance": "G",
    "guideline": "G",
    "guidelines": "G",
}


def category_of(name: str) -> str | None:
    """Return the code of a category by its name, as the icon of an entry may give it."""
    return _CATEGORY_NAMES.get(name.lower())


HIDING_SELECTORS = (
    ".sr-only",
    ".visually-hidden",
    ".screen-reader-text",
    ".hidden",
    ".d-none",
    ".invisible",
    ".offscreen",
    ".tooltiptext",
    ".tooltip-text",
    ".tooltip-content",
    ".tooltip-inner",
    ".tiptext",
    "a.tooltip span",
    "a.tip span",
    "a.info span",
    "span.tooltip span",
    "abbr span",
)
"""What the style sheets of pages hide, where a browser saved the page without them."""

NOISY_CAPTIONS = (
    "opens new window",
    "opens in",
    "external link",
    "new window",
    "icon",
    "logo",
    "pdf",
    "link",
    "image",
    "spacer",
    "arrow",
    "bullet",
    "click",
    "open ",
    "close",
    "search",
    "go to",
    "top",
    "print",
    "share",
    "tweet",
    "free",
)
"""Beginnings, in lower case, of the words of pictures that say nothing."""

CAPTION_WORDS = (
    "figure", "fig", "chart", "graph", "photo", "photograph", "image", "picture", "diagram",
    "illustration", "caption", "screenshot",
)  # fmt: skip
"""Words that a caption of one sentence begins with."""

SMALL_WORDS = frozenset("and or v vs is for in on the to of as with users packages".split())
"""Words that don't begin a title: a capital before one is part of the title ("R and D")."""

LEGEND_LINES = (
    "links to other documents",
    "links to source",
    "hover over",
    "hover mouse",
    "click to highlight",
    "click on",
    "unfold",
    "more search for more",
    "search for more",
    "matrix cell",
)
"""Beginnings, in lower case, of lines that explain the page right after the legend."""

LEGEND_SENTENCES = (
    "links to other documents",
    "links to source documents",
    "links to documents",
    "hover over for notes",
    "hover over for explanatory notes",
    "hover mouse over for notes",
    "click to highlight passage referred to",
    "click to highlight",
    "unfold extra text",
    "unfold supplementary text",
    "unfold",
    "more search for more studies",
    "search for more studies",
    "more",
)
"""The sentences of those lines, in lower case, longer ones first where they begin alike."""

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
    "give us your",
    "back to contents",
    "copyright",
    "© ",
    "open home page",
)
"""Beginnings, in lower case, of lines that end the entries, unless they stand before them."""

HEADER_LINES = (
    "matrix cell",
    "effectiveness bank",
    "effectiveness matri",
    "alcohol treatment matrix",
    "alcohol matrix",
    "drug treatment matrix",
    "drug matrix",
    "drugs matrix",
    "includes brief interventions",
    "includes harm reduction",
    "about the matri",
    "articles, slides",
    "comment/query",
    "comment or query",
    "send email",
    "home page",
    "search for",
    "links to",
    "opens new window",
)
"""Beginnings, in lower case, of lines of the header, wherever they stand before the entries."""

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
    "last updated",
    "last revised",
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
"""Words that a full stop abbreviates where a number follows: "no. 5"."""

KINDS = {
    "guidance": "G",
    "guideline": "G",
    "guidelines": "G",
    "guide": "G",
    "guides": "G",
    "protocol": "G",
    "protocols": "G",
    "strategy": "G",
    "strategies": "G",
    "standards": "G",
    "recommendations": "G",
    "review": "R",
    "reviews": "R",
    "synthesis": "R",
    "meta-analysis": "R",
    "study": "SK",
    "studies": "SK",
    "trial": "SK",
    "trials": "SK",
    "report": "",
    "reports": "",
    "analysis": "",
    "analyses": "",
    "evaluation": "",
    "evaluations": "",
    "document": "",
    "documents": "",
    "research": "",
    "paper": "",
    "papers": "",
    "entry": "",
    "entries": "",
}
"""What a cross-reference may point to ("Scottish guidance below"), and the categories it tells."""

PLURALS = frozenset(
    "guidelines guides protocols strategies reviews studies trials reports analyses evaluations "
    "documents papers entries".split()
)
"""The kinds of which a cross-reference means several."""

DOCUMENT_WORDS = frozenset(
    "account analysis article audit book chapter commentary compendium consultation document "
    "editorial evaluation findings follow-up guidance guide guideline guidelines "
    "handbook inquiry letter manual meta-analysis overview pamphlet paper plan policy protocol "
    "rebuttal refutation reanalysis re-analysis reply report research response review "
    "series standard standards statement strategy study summary survey synthesis thesis toolkit "
    "trial update version accounts analyses articles audits books evaluations guides letters "
    "manuals papers reports responses reviews studies surveys trials".split()
)
"""Words that name a document in running text ("a later review (2010)")."""

DATE_WORDS = frozenset(
    "year years wave waves period decade century season month since in from until between during "
    "before after by to date dates baseline era born aged".split()
)
"""Words after which a year in parentheses is a date, and no document."""

TITLE_BOUNDARIES = frozenset(
    "a an the this that these those its their his her our your such of in on by from to with for "
    "as at into about and or but nor than was were is are be been being has have had do does did "
    "which who whom whose where when while though although because if so it they he she we you "
    "based using following including like via per both itself themselves himself also only not "
    "compares compared two three four five six several many "
    "later earlier see says said found finds shows showed suggests concluded concludes argues "
    "however thus then there here".split()
)
"""Words that don't belong to the name of a document that a year follows."""

OPENERS = frozenset(
    "The A An In On At Of For From To With By As If It Its This That These Those They There Their "
    "He She We You No Not Nor But And Or So See Also Both All Most Many Some Few Each Any One Two "
    "Three However Though Although While When Where Which What Who Why How Despite Because Since "
    "After Before During Among Across Based Using Includes Discussion Discussed Scottish English "
    "Welsh Related Click Scroll Free Alternative Results Findings Patients Participants "
    "Only".split()
)
"""Words that begin a sentence rather than follow an initial."""

LETTERED = frozenset(
    "hepatitis hep vitamin group type class grade plan option category schedule stage model part "
    "section appendix figure table version phase step level cell band tier strain virus arm "
    "condition drug list site area zone unit ward block wing team case example scenario "
    "influenza step cluster cohort profile programme program".split()
)
"""Nouns that a single capital names one of, so that a full stop after it ends a sentence."""

JOINING_WORDS = frozenset("and or to nor versus than".split())
"""Words before which a hyphen at a line end is left hanging ("short- and long-term")."""

SECOND_PARTS = frozenset(
    "up based related dependent dependence specific led centred centered effective effectiveness "
    "reported oriented focused focussed targeted funded driven term using driving drivers drinking "
    "drinkers risk disciplinary agency informed analysis analyses to intensity threshold quality "
    "acting lasting".split()
)
"""Parts of compound words that follow a hyphen also where a line ends at it."""

FIRST_PARTS = frozenset(
    "follow cross well cost risk harm drug drugs alcohol problem substance peer community evidence "
    "decision family prison court patient client treatment meta heroin opiate dose one two three "
    "four five six seven eight nine ten eleven twelve twenty thirty forty fifty sixty seventy "
    "eighty ninety".split()
)
"""Parts of compound words that a hyphen follows, where the other part is a word of the page."""

FIRST_PARTS_ALWAYS = frozenset("self non ex quasi".split())
"""The same, whatever follows."""
