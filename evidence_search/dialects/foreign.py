"""Which platform writes so?  Marks of syntax that some platforms have and others lack."""

from __future__ import annotations

import re

from evidence_search.query import Note

_MARKS = (
    (("ovid",), r"\.(?i:ti|ab|tw|mp|kf|kw|sh|hw|af)(?:,(?i:[a-z]{2}))*\.(?=\W|$)"),
    (("ovid",), r"(?i)\badj\d{1,2}\b"),
    (("ovid",), r"(?i)(?:^|[\s(])(?:exp \*?|\*)[a-z][\w ,'-]{0,99}/(?=\W|$)"),
    (("ovid",), r"(?:^|[\s(])[A-Z][\w ,'-]{0,99}[a-z]/(?=[\s)]|$)"),
    (
        ("pubmed",),
        r"(?i)\[(?:tiab|tw|mesh(?: terms)?|mh|majr|ti|ab|dp|pt|la|title(?:/abstract)?)(?::|\])",
    ),
    (("cochrane",), r"(?i)\[mh(?=\s)|\bMeSH descriptor\b|\{(?:or|and) #"),
    (("cochrane",), r"(?i):(?:ti|ab|kw)(?:,(?:ti|ab|kw))*(?=[\s)]|$)"),
    (("cochrane",), r"\bNEXT(?:/\d+)?\b"),
    (("ebsco",), r"(?<=\s)[NW]\d{1,2}(?=\s)"),
    (("ebsco",), r"(?:^|[\s(])M[HMJ] \""),
    (("ebsco",), r"(?:^|[\s(])(?:TI|AB|SU|TX)(?=\s+[(\"\w])"),
    (("scopus",), r"\b(?:TITLE(?:-ABS)?(?:-KEY)?|ABS|AUTHKEY)\s*\(|\bPUBYEAR\b|\bLIMIT-TO\b"),
    (("scopus",), r"\bW/\d{1,2}\b"),
    (("scopus", "ours"), r"\bPRE/\d{1,2}\b"),
    (("wos",), r"(?:^|[\s(])(?:TS|TI|AB|AK|SO|PY|WC)\s*="),
    (("cochrane", "wos", "ours"), r"\bNEAR/\d{1,2}\b"),
)  # fmt: skip


def foreign(text: str, name: str) -> list[Note]:
    """Return a note for each mark in ``text`` that the dialect of this name doesn't have."""
    notes = []
    for names, pattern in _MARKS:
        found = None if name in names else re.search(pattern, text)
        if found:
            mark = found[0].strip(" (")
            message = f"{mark} is how it is written for {names[0]}, not for {name}; read as words"
            notes.append(Note(message, found.start()))
    return notes


def platform(text: str) -> tuple[str, str] | None:
    """Return the dialect that a query is written in, and the mark that tells; ours is ``None``."""
    for names, pattern in _MARKS:
        found = None if "ours" in names else re.search(pattern, text)
        if found:
            return names[0], found[0].strip(" (")
    return None
