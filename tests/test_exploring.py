"""The commands that look into a corpus, run as a searcher does."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Run


def test_facets_draws_bars_with_places_under_the_place_they_lie_in(run: Run) -> None:
    drawn = run("facets", "-f", "jurisdiction").stdout.splitlines()
    assert drawn[0] == "Jurisdiction"
    uk = next(i for i, row in enumerate(drawn) if row.startswith("  UK "))
    assert drawn[uk + 1].startswith("    England ")
    assert drawn[uk].count("█") == 24
    assert len(run("facets").stdout) > len(run("facets", "prison", "-c", "guidance").stdout)


def test_facets_for_programs(run: Run) -> None:
    counts = json.loads(run("facets", "prison", "--format", "json").stdout)
    rows = list(
        csv.DictReader(
            io.StringIO(run("facets", "prison", "--format", "tsv").stdout), delimiter="\t"
        )
    )
    assert {(r["facet"], r["label"]): int(r["records"]) for r in rows} == {
        (facet, label): n for facet, labels in counts.items() for label, n in labels.items()
    }
    assert {r["label"]: r["depth"] for r in rows}["Scotland"] == "1"


def test_a_filter_for_what_is_not_there_is_one_clear_line(run: Run) -> None:
    done = run("facets", "--row", "zebra")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("there are: Safeguarding the community")
