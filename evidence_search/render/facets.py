"""Counts of facets for programs: JSON, and TSV with a label a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evidence_search.escaping import line
from evidence_search.render.phrases import nested
from evidence_search.spreadsheet import cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Counts = Mapping[str, Mapping[str, int]]


def as_json(counts: Counts) -> Iterator[str]:
    """Yield one object: facet, label, count."""
    yield json.dumps({**counts}, indent=2) + "\n"


def as_tsv(counts: Counts) -> Iterator[str]:
    """Yield a line for each label: facet, label, count, and how deep a place lies in others."""
    yield "facet\tlabel\trecords\tdepth\n"
    for facet, labels in counts.items():
        for label, n, depth in nested(facet, labels):
            yield f"{facet}\t{cell(line(label))}\t{n}\t{depth}\n"
