"""Known papers and what a strategy makes of them, for a person and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evidence_search.escaping import line
from evidence_search.render.phrases import counted, reference
from evidence_search.render.text import filled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evidence_search.render.style import Style
    from evidence_search.strategies.recall import Recall


def text(value: Recall, style: Style) -> Iterator[str]:
    """Yield the papers that the strategy loses, with why, then recall and precision by line."""
    found = sum(paper.found for paper in value.papers)
    known = counted(len(value.papers), "known paper")
    yield f"{known}, {len(value.in_corpus)} in the corpus, {found} found\n"
    for paper in value.papers:
        if paper.found:
            continue
        yield "\n" + filled(reference(paper.paper), style, "- ", "  ") + "\n"
        if paper.record is None:
            yield "  not in the corpus\n"
            continue
        yield filled(line(f"lost by line {paper.lost_by}: {paper.why}"), style, "  ", "  ") + "\n"
        for change in paper.changes:
            what = f"write {change.instead}" if change.instead else f"leave out {change.was}"
            yield filled(line(f"in line {change.line} {what}"), style, "  ", "  ") + "\n"
    yield "\nLine    Known  Recall  Precision\n"
    for item in value.lines:
        yield f"{item.number:>4} {item.found:>8} {item.recall:>7.2f} {item.precision:>10.3f}\n"


def as_json(value: Recall) -> str:
    """Return the papers, and the measures of each line, as JSON."""
    papers = [
        {
            "title": paper.paper.title,
            "year": paper.paper.year,
            "record": paper.record,
            "found": paper.found,
            "lost_by": paper.lost_by,
            "why": paper.why,
            "changes": [
                {"line": change.line, "was": change.was, "instead": change.instead}
                for change in paper.changes
            ],
        }
        for paper in value.papers
    ]
    lines = [
        {
            "number": item.number,
            "found": item.found,
            "recall": round(item.recall, 4),
            "precision": round(item.precision, 4),
        }
        for item in value.lines
    ]
    return json.dumps({"papers": papers, "lines": lines}, ensure_ascii=False, indent=2) + "\n"
