"""What was merged and what may be one document, for people and programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from evidence_search.escaping import line
from evidence_search.render.phrases import counted, reference
from evidence_search.render.text import filled
from evidence_search.spreadsheet import cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evidence_search.index.duplicates import Duplicates
    from evidence_search.merging.proposing import Proposal
    from evidence_search.records import StudyRecord
    from evidence_search.render.style import Style

Found = tuple["Duplicates", int]
"""What was found, perhaps with the likeliest pairs only, and how many pairs there are."""


def as_text(shown: Found, style: Style) -> Iterator[str]:
    """Yield counts, then what was merged, then each likely pair with the reasons."""
    found, total = shown
    merged = found.listings - found.records
    yield f"{counted(found.listings, 'listing')}, {merged} merged as duplicates: "
    yield f"{counted(found.records)}\n"
    for name, number in found.sources.items():
        yield f"  {number:>6,} {line(name)}\n"
    if found.merged:
        yield f"\n{style.bold('Merged')}\n"
    for record in found.merged:
        yield f"{filled(reference(record), style, '  ')}\n"
        for entry in record.listings:
            yield f"    {style.link(style.dim(_listed(entry)), entry.source)}\n"
    if found.proposals:
        yield f"\n{style.bold('Perhaps the same')}\n"
    for proposal in found.proposals:
        yield from _proposal(proposal, style)
    if total > len(found.proposals):
        yield f"\n{total - len(found.proposals)} more pairs: -n {total}\n"
    if found.proposals:
        yield "\nDecide: evidence-search duplicates same A B, or different A B\n"


def _listed(entry: StudyRecord) -> str:
    where = f"{entry.matrix} {entry.cell}, " if entry.cell else ""
    return line(f"{where}{entry.source}: {entry.id}")


def _proposal(proposal: Proposal, style: Style) -> Iterator[str]:
    yield "\n"
    for record in (proposal.one, proposal.other):
        yield f"{filled(reference(record), style, '  ')}\n"
        yield f"    {style.link(style.dim(line(record.id)), record.source)}\n"
    for label, reasons in (("for", proposal.supporting), ("against", proposal.opposing)):
        if reasons:
            said = f"{label}: {line(', '.join(reasons))}"
            yield f"{filled(said, style, '    ', '      ')}\n"


def as_json(shown: Found) -> str:
    """Return all of it as one JSON object."""
    found, total = shown
    value = {
        "listings": found.listings,
        "sources": dict(found.sources),
        "duplicates": found.listings - found.records,
        "records": found.records,
        "merged": [
            {**_facts(record), "listings": [_place(e) for e in record.listings]}
            for record in found.merged
        ],
        "likely": total,
        "proposals": [
            {
                "score": round(proposal.score, 3),
                "one": _facts(proposal.one),
                "other": _facts(proposal.other),
                "supporting": list(proposal.supporting),
                "opposing": list(proposal.opposing),
            }
            for proposal in found.proposals
        ],
    }
    return json.dumps(value, indent=2) + "\n"


def _facts(record: StudyRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "title": record.title,
        "year": record.year,
        "publisher": record.publisher,
        "authors": list(record.authors),
    }


def _place(entry: StudyRecord) -> dict[str, Any]:
    return {
        "id": entry.id,
        "title": entry.title,
        "matrix": entry.matrix,
        "cell": entry.cell,
        "database": entry.database,
        "path": entry.source.path,
        "line": entry.source.line,
    }


def as_tsv(shown: Found) -> Iterator[str]:
    """Yield the likely pairs, a line each."""
    yield "score\tone\tother\tfor\tagainst\ttitle of one\ttitle of other\n"
    for p in shown[0].proposals:
        reasons: Sequence[str] = ("; ".join(p.supporting), "; ".join(p.opposing))
        values = (f"{p.score:.1f}", p.one.id, p.other.id, *reasons, p.one.title, p.other.title)
        yield "\t".join(cell(line(value)) for value in values) + "\n"
