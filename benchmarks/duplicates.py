"""Measure merging on labelled listings, beside bib-dedupe.

Run from the root of a checkout, after ``pip install -e '.[benchmark]'``::

    python -m benchmarks.duplicates

Documents are invented from a seed; each is listed once to four times, the copies changed as
databases and people change them: initials for names, abbreviated journals, missing fields,
typing errors, titles in capitals or without their subtitle.  Beside them stand documents that
look alike and are not: editorials, parts, replies, yearly reports.  A pair of listings of one
document counts as found where both are in one group.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from importlib.metadata import version
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.report import write_report
from evidence_search.merging.decisions import Decisions
from evidence_search.merging.grouping import group
from evidence_search.merging.identity import document_id, identity
from evidence_search.merging.proposing import proposals
from evidence_search.merging.record import merge
from evidence_search.records import Source, StudyRecord, authors, record_id
from evidence_search.values import replace

RESULTS = Path(__file__).parent / "duplicates.json"
REPORT = Path(__file__).parent / "RESULTS.md"
FAMILIES = """
Abbott Berg Castell Dufresne Eriksen Fontaine Garcia-Marquez Halloran Ibsen Jansson Kowalski
Lindqvist Morris Nakamura O'Brien Petrov Quinn Rosenthal Saunders Thompson Ueda Vasquez Whitlock
Xanthos Young Zimmermann Ødegård Müller Łukasz Smith Jones Brown
""".split()
PARTICLES = ("", "", "", "", "van ", "van den ", "de ")
GIVEN = (
    "Ann Bo Carla David Ella Frank Grace Hugo Ines Jonas Karin Lars Maria Nils Olga Paul".split()
)
JOURNALS = {
    "Journal of Substance Abuse Treatment": "J Subst Abuse Treat",
    "Addiction (Abingdon, England)": "Addiction",
    "International Journal of Drug Policy": "Int J Drug Policy",
    "Drug and Alcohol Dependence": "Drug Alcohol Depend",
    "British Medical Journal": "BMJ",
    "Alcohol and Alcoholism": "Alcohol Alcohol",
    "American Journal of Public Health": "Am J Public Health",
    "Criminal Justice and Behavior": "Crim Justice Behav",
}
PUBLISHERS = (
    """
Home Office; Ministry of Justice; Public Health Otterland; National Audit Board; World Drinks
Council; Department of Rivers and Roads; Lutra Foundation
""".replace("\n", " ")
    .strip()
    .split("; ")
)
NOUNS = """
drinking treatment prison probation families therapy screening relapse medication policy price
methadone courts employment housing adolescents veterans nurses pharmacies pregnancy violence
driving motivation adherence counselling recovery stigma detoxification peers schools emergency
primary care outcomes withdrawal cravings overdose naloxone parents remand sentencing mentoring
outreach costs
""".split()
ADJECTIVES = """
brief intensive integrated rural urban community randomised longitudinal early sustained
residential supervised voluntary mandatory family-based digital culturally adapted combined
""".split()
FORMS = (
    "{0} {1} for {2} with {3}: a {4} trial", "Does {0} {1} reduce {2} among {3}?",
    "The effects of {1} on {2} in {0} {3}", "{0} {1} and {2}: a systematic review of {3}",
    "Implementing {0} {1} in {2} and {3} services", "{1}, {2} and {3}: {0} findings",
)  # fmt: skip


class Listed(NamedTuple):
    """A listing, and the number of the document that it is of."""

    record: StudyRecord
    document: int


def listings(documents: int, seed: int) -> list[Listed]:
    """Return the listings of invented documents, in no order."""
    draw = random.Random(seed)  # noqa: S311 - a benchmark is to be repeatable
    found: list[Listed] = []
    number = 0
    while number < documents:
        family = [_document(draw, number)]
        if draw.random() < 0.25:
            family += _lookalikes(draw, family[0])
        for record in family:
            copies = draw.choices((1, 2, 3, 4), (50, 30, 15, 5))[0]
            found += [
                Listed(_placed(_copied(draw, record, n), draw), number) for n in range(copies)
            ]
            number += 1
    draw.shuffle(found)
    return found


def _title(draw: random.Random) -> str:
    nouns = draw.sample(NOUNS, 3)
    form = draw.choice(FORMS)
    title = form.format(draw.choice(ADJECTIVES), *nouns, draw.choice(ADJECTIVES))
    return title[0].upper() + title[1:]


def _summary(draw: random.Random) -> str:
    words = draw.choices(NOUNS + ADJECTIVES, k=draw.randint(30, 90))
    return " ".join(words).capitalize() + f". {draw.randint(50, 900)} took part."


def _document(draw: random.Random, number: int) -> StudyRecord:
    names = [
        f"{draw.choice(PARTICLES)}{draw.choice(FAMILIES)}, {draw.choice(GIVEN)} {initial}."
        for initial in draw.choices("ABCDEFG", k=draw.randint(1, 6))
    ]
    report = draw.random() < 0.25
    page = draw.randint(1, 900)
    fields: dict[str, Any] = {
        "year": draw.randint(1990, 2023),
        "summary": _summary(draw),
        "contributors": authors(*names),
    }
    if report:
        fields |= {
            "publisher": draw.choice(PUBLISHERS),
            "url": f"https://example.org/reports/{number}",
        }
        if draw.random() < 0.5:
            fields["contributors"] = ()
    else:
        fields |= {
            "journal": draw.choice(list(JOURNALS)),
            "volume": str(draw.randint(1, 60)),
            "issue": str(draw.randint(1, 12)),
            "pages": f"{page}-{page + draw.randint(2, 20)}",
            "doi": f"10.5555/inv.{number}",
            "pmid": str(10_000_000 + number) if draw.random() < 0.6 else None,
        }
    return StudyRecord(id="", title=_title(draw), source=Source("", 1), **fields)


def _lookalikes(draw: random.Random, record: StudyRecord) -> list[StudyRecord]:
    """Return documents that look like another, and aren't."""
    other = _document(draw, draw.randint(10**6, 10**7))
    kind = draw.randint(0, 5)
    if kind == 0:  # editorials of one year
        pair = [_document(draw, draw.randint(10**6, 10**7)) for _ in range(2)]
        return [
            replace(r, title="Editorial", year=record.year, journal=record.journal) for r in pair
        ]
    if kind == 1:  # in parts
        return [replace(other, title=f"{record.title} Part 2", contributors=record.contributors,
                        year=record.year, journal=record.journal)]  # fmt: skip
    if kind == 2:  # a reply
        return [replace(other, title=f"Reply to: {record.title}", year=record.year)]
    if kind == 3:  # another paper of the same authors in the same year
        return [replace(other, contributors=record.contributors, year=record.year)]
    if kind == 4:  # a report that comes out each year
        return [replace(record, year=(record.year or 2000) + 1, doi=None, pmid=None, url=None,
                        volume=None, issue=None, pages=None, summary=_summary(draw))]  # fmt: skip
    return [replace(other, title=record.title)]  # the same title, and all else another


MISSING = {
    "doi": 0.45, "pmid": 0.5, "summary": 0.3, "issue": 0.3, "volume": 0.1, "pages": 0.2,
    "publisher": 0.15, "url": 0.5, "journal": 0.05, "year": 0.03, "contributors": 0.06,
}  # fmt: skip
"""How often a copy lacks a field."""
EMPTY = {"summary": "", "contributors": ()}


def _copied(draw: random.Random, record: StudyRecord, copy: int) -> StudyRecord:
    """Return a copy as another database would have it; the first is as it was published."""
    if copy == 0:
        return record
    changes: dict[str, Any] = {}
    if record.journal and draw.random() < 0.5:
        changes["journal"] = JOURNALS[record.journal]
    if draw.random() < 0.6:
        changes["contributors"] = authors(*(c.short for c in record.contributors))
    if record.pages and draw.random() < 0.3:
        first, last = record.pages.split("-")
        if len(first) == len(last):
            last = last[next(i for i in range(len(last)) if first[i] != last[i]) :]
        changes["pages"] = f"{first}-{last}"
    if record.year and draw.random() < 0.06:
        changes["year"] = record.year + 1
    changes |= {f: EMPTY.get(f) for f, share in MISSING.items() if draw.random() < share}
    return replace(record, title=_retitled(draw, record.title), **changes)


def _retitled(draw: random.Random, title: str) -> str:
    for share, change in (
        (0.1, str.upper),
        (0.3, lambda text: f"{text.rstrip('.')}."),
        (0.06, lambda text: text.partition(":")[0]),
        (0.12, lambda text: _mistyped(draw, text)),
        (0.03, lambda _: _title(draw)),  # another heading, or translated
    ):
        if draw.random() < share:
            title = change(title)
    return title


def _mistyped(draw: random.Random, text: str) -> str:
    at = draw.randrange(1, len(text) - 1)
    kind = draw.randint(0, 2)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
    return text[:at] + draw.choice("aeinrst") + text[at:]


def _placed(record: StudyRecord, draw: random.Random) -> StudyRecord:
    name = record_id(None, None, f"{record.title} {record.year or ''}")
    return replace(
        record, id=name, source=Source(f"{draw.randint(1, 5)}.ris", draw.randint(1, 10**9))
    )


# Measures


class Measured(NamedTuple):
    """Pairs of listings: rightly together, wrongly together, and missed."""

    right: int
    wrong: int
    missed: int
    seconds: float

    @property
    def precision(self) -> float:
        return self.right / max(self.right + self.wrong, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.right + self.missed, 1)


def measured(labelled: list[Listed], groups: list[tuple[int, ...]], seconds: float) -> Measured:
    """Hold groups of listings, by number, against what they are of."""
    truth: dict[int, list[int]] = {}
    for number, listed in enumerate(labelled):
        truth.setdefault(listed.document, []).append(number)
    true = {pair for numbers in truth.values() for pair in combinations(numbers, 2)}
    made = {pair for numbers in groups for pair in combinations(sorted(numbers), 2)}
    return Measured(len(true & made), len(made - true), len(true - made), seconds)


def ours(labelled: list[Listed]) -> list[tuple[int, ...]]:
    identities = {number: identity(listed.record) for number, listed in enumerate(labelled)}
    return group(identities, Decisions())


def ours_with_proposals(labelled: list[Listed]) -> tuple[list[tuple[int, ...]], int]:
    """Return the groups that a person makes who takes each proposal that is right."""
    groups = ours(labelled)
    records = [
        merge([labelled[n].record for n in numbers],
              f"{document_id([identity(labelled[n].record) for n in numbers])}-{numbers[0]}")
        for numbers in groups
    ]  # fmt: skip
    numbers_of = {record.id: numbers for record, numbers in zip(records, groups, strict=True)}
    proposed = proposals(records, Decisions())
    pairs = [(numbers_of[p.one.id], numbers_of[p.other.id]) for p in proposed]
    right = [
        (a, b) for a, b in pairs
        if {labelled[n].document for n in a} & {labelled[n].document for n in b}
    ]  # fmt: skip
    return [*groups, *(tuple({*a, *b}) for a, b in right)], len(proposed)


def bib_dedupe(labelled: list[Listed]) -> list[tuple[int, ...]]:
    import bib_dedupe.bib_dedupe as library
    import pandas as pd

    rows = [
        {
            "ID": str(number), "ENTRYTYPE": "article" if r.journal else "techreport",
            "title": r.title, "author": " and ".join(c.inverted for c in r.contributors),
            "year": str(r.year or ""), "journal": r.journal or "", "volume": r.volume or "",
            "number": r.issue or "", "pages": (r.pages or "").replace("-", "--"),
            "abstract": r.summary, "doi": r.doi or "",
        }
        for number, (r, _) in enumerate(labelled)
    ]  # fmt: skip
    prepared = library.prep(pd.DataFrame(rows), cpu=1, verbosity_level=0)
    matched = library.match(library.block(prepared, cpu=1), cpu=1)
    return [tuple(map(int, names)) for names in library.cluster(matched)]


def main() -> None:
    """Measure, print the figures, and keep them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wrong", action="store_true", help="print pairs that are wrong or missed")
    parser.add_argument("--ours", action="store_true", help="without bib-dedupe; keeps no figures")
    arguments = parser.parse_args()
    labelled = listings(arguments.documents, arguments.seed)
    rows: dict[str, Measured] = {}
    begun = time.process_time()
    groups = ours(labelled)
    rows["evidence-search, merged"] = measured(labelled, groups, time.process_time() - begun)
    begun = time.process_time()
    decided, proposed = ours_with_proposals(labelled)
    name = f"and where a person takes the right ones of {proposed} proposals"
    rows[name] = measured(labelled, decided, time.process_time() - begun)
    if not arguments.ours:
        begun = time.process_time()
        theirs = bib_dedupe(labelled)
        name = f"bib-dedupe {version('bib-dedupe')}"
        rows[name] = measured(labelled, theirs, time.process_time() - begun)
        kept = {name: (row.precision, row.recall, row.seconds) for name, row in rows.items()}
        sizes = {"listings": len(labelled), "documents": arguments.documents}
        RESULTS.write_text(json.dumps({**sizes, "systems": kept}, indent=1) + "\n")
        write_report(json.loads(RESULTS.with_name("results.json").read_text()), REPORT)
    print(f"{len(labelled)} listings of {arguments.documents} documents")
    for name, row in rows.items():
        figures = f"precision {row.precision:.4f} recall {row.recall:.4f} {row.seconds:.2f} s"
        print(f"{name:60} {figures}")
    if arguments.wrong:
        show(labelled, groups)


def show(labelled: list[Listed], groups: list[tuple[int, ...]]) -> None:
    """Print some pairs that are wrong, and some that are missed."""
    truth: dict[int, list[int]] = {}
    for number, listed in enumerate(labelled):
        truth.setdefault(listed.document, []).append(number)
    true = {pair for numbers in truth.values() for pair in combinations(numbers, 2)}
    made = {pair for numbers in groups for pair in combinations(sorted(numbers), 2)}
    for kind, pairs in (("wrong", made - true), ("missed", true - made)):
        print(f"== {kind}: {len(pairs)}")
        for pair in sorted(pairs)[:25]:
            for number in pair:
                print("  ", json.dumps(identity(labelled[number].record)[1:-1], ensure_ascii=False))
            print()


if __name__ == "__main__":
    main()
