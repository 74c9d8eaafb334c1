"""Formats of a tag and a value a line: RIS, PubMed, Web of Science, Ovid, RefWorks, EndNote .enw.

Sources: "RIS Format Specifications" (Research Information Systems, 2011);
https://pubmed.ncbi.nlm.nih.gov/help/#pubmed-format; "Web of Science Core Collection Field Tags"
(Clarivate); EndNote's manual on tagged files.  What programs write in practice goes beyond each.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from evidence_search.importing.entries import Entry, Tags
from evidence_search.importing.types import RIS
from evidence_search.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Pairs = list[tuple[str, Any]]

# RIS

RIS_START = lazy_pattern(r"^[ \t]*TY {1,2}- ?\S*", re.MULTILINE | re.IGNORECASE)
_RIS_TAG = lazy_pattern(r"([A-Z][A-Z0-9])[ \t]{2,4}- ?(.*)")
_RIS_LOOSE_TAG = lazy_pattern(r"([A-Z][A-Z0-9]) ?- ?(.*)")
_RIS_LOWER_TAG = lazy_pattern(r"([A-Za-z][A-Za-z0-9])  - ?(.*)")
_RIS_TAG_LINES = {
    "TY -": _RIS_LOOSE_TAG, "TY- ": _RIS_LOOSE_TAG, "ty -": _RIS_LOWER_TAG, "ty  ": _RIS_LOWER_TAG,
}  # fmt: skip
"""How tags of an entry look, by how its first begins."""
_RIS_END = lazy_pattern(r"ER {0,2}(?:-\s*)?$", re.IGNORECASE)
_DOI = lazy_pattern(r"(?:doi: ?)?10\.\d{4,9}/\S+$", re.IGNORECASE)
_COUNTER = lazy_pattern(r"\s<?\d+\. ?>?$")
_RIS_TAGS = Tags("""
    title: TI T1 CT
    author: AU=A1
    editor: A2=ED
    collection-editor: A3
    translator: A4
    journal: T2 JF BT JO JA J2 J1
    collection-title: T3
    title-short: ST
    translated-title: TT
    summary: AB N2
    year: PY Y1 YR DA
    accessed: Y2
    volume: VL
    issue: IS CP
    start: SP
    end: EP
    publisher: PB
    place: CY PP
    edition: ET
    issn: SN
    doi: DO DI L3
    url: UR LK L2 L1 L4
    language: LA
    database: DB
    provider: DP
    accession: AN
    keywords: KW
    notes: N1=NO=RN
    genre: M3
    citation-key: ID
    number-of-volumes: NV
    call-number: CN
    original-publisher: OP
""")
_RIS_BOOKS = frozenset({"book", "report", "thesis", "classic"})


def is_ris(text: str) -> bool:
    """Tell whether a text begins as RIS: with TY, or as programs write it that leave that out."""
    tags = {match[1] for match in map(_RIS_TAG.match, text.split("\n")) if match}
    return bool(RIS_START.search(text)) or (bool({"TI", "T1"} & tags) and "ER" in tags)


def ris(text: str) -> Iterator[Entry]:
    """Read RIS, however its lines are indented, spaced or broken."""
    pairs: Pairs = []
    for line, pairs in _ris_entries(text):
        fields = dict(pairs)
        kind = RIS.get(fields.get("TY", "").strip().upper())
        found = _RIS_TAGS.fields(pairs, _ris_tags(fields, kind))
        if kind:
            found["csl-type"] = [kind]
            found.pop("ris-type")
        yield Entry(line, found)
    if not pairs:
        yield Entry(1, {}, "expected RIS entries, each beginning with “TY  - ”; found none")


def _ris_tags(fields: Mapping[str, str], kind: str | None) -> dict[str, str]:
    """Return the fields of those tags whose meaning depends on what else an entry has."""
    other = {"TY": "ris-type"}
    if kind in _RIS_BOOKS:
        other |= {"T2": "collection-title", "BT": "title"}
    if kind in _RIS_BOOKS or fields.keys() & {"T2", "JF", "JO", "BT"}:
        other |= dict.fromkeys(("JA", "J1", "J2"), "container-title-short")
    if kind == "report":
        other["M1"] = "number"
    if _DOI.match(fields.get("M3", "")):  # of the APA and others
        other["M3"] = "doi"
    if fields.get("C2", "").startswith("PMC"):
        other["C2"] = "pmcid"
    elif fields.get("DB") == "Scopus":
        other["C2"] = "pmid"
    if fields.get("C3", "").startswith("PUBMED "):  # of Cochrane
        other["C3"] = "pmid"
    return other


def _ris_entries(text: str) -> Iterator[tuple[int, Pairs]]:
    """Yield the tagged values of each entry, with the line that it starts on.

    An entry begins with TY, or with the first tag after the end of another, as
    some programs sort the tags; what stands between entries is left out.
    Whether one space may stand before the hyphen, and tags be in lower case, is
    as in the TY line of the entry.
    """
    pairs: Pairs = []
    begins, typed, apart, tag_line = 1, False, False, _RIS_TAG
    for number, row in enumerate(text.split("\n"), 1):
        bare = row.strip()
        if RIS_START.match(row):
            if typed or (pairs and apart):
                if typed or _has_title(pairs):
                    yield begins, _without_counter(_whole(pairs))
                pairs = []
            tag_line = _RIS_TAG_LINES.get(bare[:4], _RIS_TAG)
            begins, typed = begins if pairs else number, True
            pairs.append(("TY", bare.partition("-")[2].strip()))
        elif _RIS_END.match(bare):
            if typed or len(pairs) > 1:
                yield begins, _whole(pairs)
            pairs, typed = [], False
        elif match := tag_line.match(bare):
            begins, apart = begins if pairs else number, False
            pairs.append((match[1].upper(), match[2].strip()))
        else:
            apart = True
            _continue(pairs, bare, "KW")
    if typed or _has_title(pairs):
        yield begins, _whole(pairs)


def _continue(pairs: Pairs, text: str, *listed: str) -> None:
    """Add a line without a tag to the value before; to that of ``listed`` tags as another value.

    It has no tag until :func:`_whole`: a value of very many lines grows in linear time.
    """
    if pairs and text:
        tag, value = pairs[-1]
        if not value:
            pairs[-1] = (tag, text)
        else:
            pairs.append((tag if tag in listed else "", text))


def _whole(pairs: Pairs) -> Pairs:
    """Return the values of an entry, those of several lines as one."""
    whole: list[tuple[str, list[str]]] = []
    for tag, value in pairs:
        if tag:
            whole.append((tag, [value]))
        else:
            whole[-1][1].append(value)
    return [(tag, " ".join(lines)) for tag, lines in whole]


def _has_title(pairs: Pairs) -> bool:
    return any(tag in {"TI", "T1"} for tag, _ in pairs)


def _without_counter(pairs: Pairs) -> Pairs:
    """Return an entry without the "2." before the next, which ended its last value."""
    tag, value = pairs[-1]
    return [*pairs[:-1], (tag, _COUNTER.sub("", value))]


# PubMed, and PubMed Central's MEDLINE

NBIB_START = lazy_pattern(r"^(?:PMID|PMC ) ?-(?: ?(?:PMC)?\d+| *$)", re.MULTILINE)
_NBIB_TAG = lazy_pattern(r"([A-Z][A-Z0-9]{1,3}) {0,2}- ?(.*)")
_NBIB_TAGS = Tags("""
    title: TI
    journal: JT BTI
    container-title-short: TA
    collection-title: CTI
    original-title: TT
    summary: AB OAB
    author: FAU=AU
    editor: FED=ED
    year: DP
    volume: VI
    issue: IP
    pages: PG
    publisher: PB
    issn: IS
    isbn: ISBN
    language: LA
    keywords: OT=MH
    notes: GN
    genre: PT
    pmid: PMID
    pmcid: PMC
    edition: EN
""")
_LOCATION = lazy_pattern(r"(\S+) \[(doi|pii|bookaccession)\]")


def nbib(text: str) -> Iterator[Entry]:
    """Read PubMed's format, and that of PubMed Central."""
    pairs: Pairs = []
    for line, pairs in _nbib_entries(text):
        yield Entry(line, nbib_fields(pairs))
    if not pairs:
        yield Entry(1, {}, "expected PubMed entries, each beginning with “PMID- ”; found none")


def nbib_fields(pairs: Pairs) -> dict[str, list[Any]]:
    """Return the fields of what stands under PubMed's tags."""
    tags = {tag for tag, _ in pairs}
    # A person stands under two tags, in full and in short; the shorter says nothing more.
    short = {short for full, short in (("FAU", "AU"), ("FED", "ED")) if full in tags}
    kept: Pairs = []
    for tag, value in pairs:
        located = _LOCATION.match(value) if tag in {"LID", "AID"} else None
        if tag == "CN":
            kept.append(("FAU", {"literal": value}))
        elif located and located[2] == "doi":
            kept.append(("doi", located[1]))
        elif tag == "MH":
            kept.append((tag, value.partition("/")[0].strip("* ")))
            kept.append(("MeSH", value))
        elif tag not in short:
            kept.append((tag, value))
    other = {} if "TI" in tags else {"BTI": "title"}
    if "JT" not in tags:
        other["TA"] = "journal"
    fields = _NBIB_TAGS.fields(kept, other)
    for name in {"title", "journal", "original-title"} & fields.keys():
        fields[name] = [value.removesuffix(".") for value in fields[name]]
    fields["url"] = [
        f"https://pubmed.ncbi.nlm.nih.gov/{value}/" for value in fields.get("pmid", [])
    ]
    fields["database"] = ["PubMed"]
    return fields


def _nbib_entries(text: str) -> Iterator[tuple[int, Pairs]]:
    pairs: Pairs = []
    begins = 1
    for number, row in enumerate(text.split("\n"), 1):
        match = _NBIB_TAG.match(row)
        if match:
            tag, value = match[1], match[2].strip()
            first = tag in {"PMID", "PMC"} and NBIB_START.match(row)
            if first and (not pairs or any(t == tag for t, _ in pairs)):
                if pairs:
                    yield begins, _whole(pairs)
                pairs, begins = [], number
            if pairs or first:
                pairs.append((tag, value))
        elif row[:1].isspace():
            _continue(pairs, row.strip())
    if pairs:
        yield begins, _whole(pairs)


# Web of Science

WOS_START = lazy_pattern(r"FN .*\nVR |PT [JBSPC]\n(?:[A-Z][A-Z0-9] |   ).*\n")
_WOS_TAG = lazy_pattern(r"([A-Z][A-Z0-9])(?: (.*)|$)")
_WOS_LINES = "AU AF BA BF BE ED CA GP CR".split()
_WOS_PARTED = {"DE": ";", "ID": ";"}
WOS_TAGS = Tags("""
    title: TI
    author: AF=AU=BF=BA=CA=GP
    editor: BE=ED
    journal: SO
    collection-title: SE
    container-title-short: JI J9
    summary: AB
    year: PY
    month: PD
    volume: VL
    issue: IS
    start: BP
    end: EP
    pages: AR
    publisher: PU
    place: PI
    issn: SN EI
    isbn: BN
    doi: DI D2
    pmid: PM
    language: LA
    keywords: DE=ID
    type: PT
    genre: DT
    accession: UT
    event-title: CT
""")


def wos(text: str) -> Iterator[Entry]:
    """Read Web of Science's plain text, ``savedrecs.txt`` or ``.ciw``."""
    pairs: Pairs = []
    begins = 1
    for number, row in enumerate(text.split("\n"), 1):
        match = _WOS_TAG.match(row)
        if match and match[1] in {"ER", "EF", "FN", "VR"}:
            if pairs:
                yield Entry(begins, wos_fields(_whole(pairs)))
            pairs = []
        elif match and (pairs or match[1] == "PT"):
            if not pairs:
                begins = number
            pairs.append((match[1], (match[2] or "").strip()))
        elif row.startswith("  "):
            _continue(pairs, row.strip(), *_WOS_LINES)
    if pairs:
        yield Entry(begins, wos_fields(_whole(pairs)))


def wos_fields(pairs: Pairs) -> dict[str, list[str]]:
    """Return the fields of the values that Web of Science tags, also in its tables."""
    tags = {tag for tag, _ in pairs}
    full = {short for name, short in (("AF", "AU"), ("BF", "BA")) if name in tags}
    parted: Pairs = []
    for tag, value in pairs:
        if tag in _WOS_PARTED:
            parted += [(tag, part.strip()) for part in value.split(_WOS_PARTED[tag])]
        elif tag in {"CA", "GP"}:
            parted.append((tag, {"literal": value}))
        elif tag not in full:
            parted.append((tag, value))
    fields = WOS_TAGS.fields(parted, {})
    fields["database"] = ["Web of Science"]
    return fields


# Ovid

OVID_START = lazy_pattern(r"\s*<\d+\. ?>\s*\n[A-Z]{2}  - ")
OVID_FIELDS_START = lazy_pattern(r"\s*(?:<\d+>|<\d+\. ?>)\s*\n(?=[A-Z][A-Za-z ]+\n[ \t]+\S)")
_OVID_ENTRY = lazy_pattern(r"^<(\d+)\. ?>\s*$|^<(\d+)>\s*$", re.MULTILINE)
_OVID_TAG = lazy_pattern(r"([A-Z][A-Z0-9])  ?- ?(.*)")
_OVID_TAGS = Tags("""
    title: TI
    author: AU FA
    editor: ED
    journal: JN JT JO
    container-title-short: JA
    citation: SO
    summary: AB
    year: YR DP PY
    volume: VO VI
    issue: IP
    pages: PG
    publisher: PU PB
    place: CP
    issn: IS SN
    isbn: IB
    doi: DO
    url: XL UR LK
    language: LG LA
    database: DB
    keywords: KW=SH=MH=DE
    genre: PT
    accession: UI AN
    provider: VN
""")
_OVID_LINES = ("authors", "author", "keyword_heading", "mesh_subject_headings")
_OVID_LABELS = Tags("""
    title: title
    author: authors author author(s) authors_full_name
    journal: journal_name journal
    container-title-short: iso_journal_abbreviation
    citation: source
    summary: abstract
    year: year_of_publication publication_year date_of_publication
    doi: digital_object_identifier
    url: link_to_the_ovid_full_text_or_citation
    language: language
    keywords: keyword_heading mesh_subject_headings subject_headings
    genre: publication_type
    accession: unique_identifier accession_number
    publisher: publisher
    database: database
    issn: issn_print issn
""")


def ovid(text: str) -> Iterator[Entry]:
    """Read Ovid's tagged text, whose entries begin with their number: "<12. >"."""
    for line, block in _ovid_entries(text):
        pairs: Pairs = []
        for row in block:
            match = _OVID_TAG.match(row)
            if match:
                pairs.append((match[1], match[2].strip()))
            else:
                _continue(pairs, row.strip())
        yield Entry(line, _with_journal(_OVID_TAGS.fields(_whole(pairs), {})))


def ovid_fields(text: str) -> Iterator[Entry]:
    """Read Ovid's text with the name of each field on a line of its own."""
    for line, block in _ovid_entries(text):
        pairs: Pairs = []
        for row in block:
            if row[:1].isspace() and pairs:
                _continue(pairs, row.strip(), *_OVID_LINES)
            elif row.strip():
                pairs.append((row.strip().lower().replace(" ", "_"), ""))
        yield Entry(line, _with_journal(_OVID_LABELS.fields(_whole(pairs), {})))


def _ovid_entries(text: str) -> Iterator[tuple[int, list[str]]]:
    block: list[str] | None = None
    begins = 1
    for number, row in enumerate(text.split("\n"), 1):
        if _OVID_ENTRY.match(row):
            if block:
                yield begins, block
            block, begins = [], number
        elif block is not None:
            block.append(row)
    if block:
        yield begins, block


def _with_journal(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return fields with a journal: the citation begins with it, where it has no field."""
    if "citation" in fields and "journal" not in fields:
        match = re.match(r"(.{2,200}?)\. (?:\d|\()", fields["citation"][0])
        if match:
            fields["journal"] = [match[1]]
    return fields


# Cochrane's text

COCHRANE_START = lazy_pattern(r"\s*Record #\d+ of \d+\s*\n[A-Z]{2,3}: ")
_COCHRANE_ENTRY = lazy_pattern(r"Record #\d+ of \d+\s*$")
_COCHRANE_TAG = lazy_pattern(r"([A-Z]{2,3}): (.*)")
_COCHRANE_TAGS = Tags("""
    title: TI
    author: AU
    journal: SO
    summary: AB
    year: YR
    volume: VL
    issue: NO
    pages: PG
    pmid: PM
    genre: PT
    keywords: KY
    doi: DOI
    url: US
    accession: ID
    language: LA
    issn: SN
    publisher: PB
""")


def cochrane(text: str) -> Iterator[Entry]:
    """Read the citations that the Cochrane Library exports as text."""
    pairs: Pairs = []
    begins = 1
    for number, row in enumerate([*text.split("\n"), "Record #0 of 0"], 1):
        match = _COCHRANE_TAG.match(row)
        if _COCHRANE_ENTRY.match(row):
            if pairs:
                fields = _COCHRANE_TAGS.fields(_whole(pairs), {})
                keywords = [part for text in fields.get("keywords", ()) for part in text.split(";")]
                yield Entry(begins, {**fields, "keywords": keywords, "database": ["Cochrane"]})
            pairs, begins = [], number
        elif match:
            pairs.append((match[1], match[2].strip()))
        else:
            _continue(pairs, row.strip())


# EndNote's tagged text

ENW_START = lazy_pattern(r"%0 \S.*\n%[A-Z0-9@+~!?&<>()\[^] |%[TA] \S.*\n(?:%[A-Z0-9@] .*\n)*%0 ")
_ENW_TAG = lazy_pattern(r"%(\S)(?: (.*)|$)")
_ENW_LINES = "AEYKU"
_ENW_TAGS = Tags("""
    type: 0
    title: T
    author: A
    editor: E
    collection-editor: Y
    translator: ? H
    journal: J B
    collection-title: S
    title-short: !
    translated-title: Q
    summary: X
    year: D 8
    volume: V
    issue: N
    pages: P
    publisher: I
    place: C
    edition: 7
    issn: @
    doi: R
    url: U >
    language: G
    database: ~ W
    accession: M
    keywords: K
    notes: Z <
    genre: 9
    citation-key: F
    accessed: [
    call-number: L
    number-of-volumes: 6
""")


def enw(text: str) -> Iterator[Entry]:
    """Read EndNote's tagged text (``.enw``), in which an entry begins with its type, ``%0``."""
    pairs: Pairs = []
    begins = 1
    for number, row in enumerate(text.split("\n"), 1):
        match = _ENW_TAG.match(row)
        if match:
            tag, value = match[1], (match[2] or "").strip()
            if tag == "0" and any(t == "0" for t, _ in pairs):
                yield Entry(begins, _enw_fields(_whole(pairs)))
                pairs = []
            if not pairs:
                begins = number
            pairs.append((tag, value))
        else:
            _continue(pairs, row.strip(), *_ENW_LINES)
    if pairs:
        yield Entry(begins, _enw_fields(_whole(pairs)))


def _enw_fields(pairs: Pairs) -> dict[str, list[str]]:
    other = {tag: f"endnote-{tag}" for tag, _ in pairs if tag not in _ENW_TAGS}
    kind = dict(pairs).get("0", "")
    if kind in {"Book", "Edited Book", "Report"}:
        other["B"] = "collection-title"
    return _ENW_TAGS.fields(pairs, other)


# RefWorks

REFWORKS_START = lazy_pattern(r"RT [A-Z][\w ,()/-]{1,60}\n(?:SR|ID|A\d|T\d|JF|YR|UL) ")
_REFWORKS_TAG = lazy_pattern(r"([A-Z][A-Z0-9])(?: (.*)|$)")
_REFWORKS_LINES = "A1 A2 A3 A4 A5 A6 K1 LK UL".split()
_REFWORKS_TAGS = Tags("""
    type: RT
    title: T1
    author: A1
    editor: A2
    collection-editor: A3
    translator: A4
    journal: JF T2 JO
    collection-title: T3
    original-title: OT
    title-short: ST
    summary: AB
    year: YR
    date: FD
    volume: VO
    issue: IS
    start: SP
    end: OP
    publisher: PB
    place: PP
    edition: ED
    issn: SN
    doi: DO
    url: LK UL
    language: LA
    database: DB
    provider: DS
    accession: AN
    keywords: K1
    notes: NO
    accessed: RD
    call-number: CN
    author-address: AD
""")
_REFWORKS_BOOKS = ("Book, Whole", "Book, Edited", "Report", "Dissertation")


def refworks(text: str) -> Iterator[Entry]:
    """Read RefWorks' tagged text, in which an entry begins with its type, ``RT``."""
    pairs: Pairs = []
    begins = 1
    for number, row in enumerate([*text.split("\n"), "RT"], 1):
        match = _REFWORKS_TAG.match(row)
        if match and match[1] == "RT":
            if pairs:
                kind = dict(pairs).get("RT", "")
                other = {"T2": "collection-title"} if kind.startswith(_REFWORKS_BOOKS) else {}
                yield Entry(begins, _REFWORKS_TAGS.fields(_whole(pairs), other))
            pairs, begins = [("RT", match[2] or "")], number
        elif match:
            pairs.append((match[1], (match[2] or "").strip()))
        else:
            _continue(pairs, row.strip(), *_REFWORKS_LINES)
