"""The tour runs from top to bottom, and shows what is stored in it.

After a change of what it shows, ``UPDATE_TOUR=1 pytest tests/test_tour.py``
stores the new outputs: look at them before they are committed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from evidence_search.index import EvidenceIndex

TOUR = ROOT / "docs" / "tour.ipynb"


# In a process of its own, where warnings of the libraries that run it are their own affair.
EXECUTE = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
for cell in notebook.cells:
    cell.metadata.pop("execution", None)  # when it ran
nbformat.write(notebook, sys.argv[2])
"""


@pytest.fixture(scope="module")
def run(e5: EvidenceIndex, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the tour as it runs now, in a folder of its own."""
    folder = tmp_path_factory.mktemp("tour")
    subprocess.run(
        [sys.executable, "-c", EXECUTE, TOUR, folder / "tour.ipynb"],
        cwd=folder,
        env={
            **os.environ,
            "EVIDENCE_SEARCH_CORPUS": str(ROOT / "corpus"),
            "EVIDENCE_SEARCH_INDEX": str(e5.index_folder),
        },
        check=True,
    )
    if os.environ.get("UPDATE_TOUR"):
        shutil.copy(folder / "tour.ipynb", TOUR)
    return json.loads((folder / "tour.ipynb").read_text(encoding="utf-8"))


def shown(notebook: Any) -> list[str]:
    """Return what each cell of code shows as plain text."""
    return [
        "".join(output.get("text") or output["data"]["text/plain"])
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
        for output in cell["outputs"]
    ]


def test_the_tour_shows_what_it_stores(run: Any) -> None:
    assert shown(run) == shown(json.loads(TOUR.read_text(encoding="utf-8")))


def test_the_tour_has_pictures_with_words_for_who_cannot_see_them(run: Any) -> None:
    pictures = [
        output
        for cell in run["cells"]
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 2
    assert all(output["metadata"]["image/png"]["alt"] for output in pictures)


def test_what_the_tour_tells_is_so(e5: EvidenceIndex) -> None:
    justice = e5.search("prison OR probation OR offenders OR justice", exact=True, limit=None)
    reviews = [record for record in justice.records if "Review" in record.category_labels]
    assert all("UK" not in record.jurisdictions for record in reviews)
    assert max(record.year or 0 for record in reviews) == 2008
