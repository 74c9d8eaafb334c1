"""What each call answers, in the forms that ``shapes`` has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar, cast

from evidence_search import corpus, history
from evidence_search.calls import changes, shapes
from evidence_search.calls.asking import EXPORTED, HITS, PAIRS, SIMILAR
from evidence_search.errors import HistoryError, QueryError
from evidence_search.lists import EXCLUDED, INCLUDED
from evidence_search.render import render
from evidence_search.search import Options, Search
from evidence_search.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evidence_search.calls import asking
    from evidence_search.calls.desk import Desk
    from evidence_search.index import EvidenceIndex
    from evidence_search.records import Problem, StudyRecord
    from evidence_search.strategies.execution import StrategyRun
    from evidence_search.strategies.strategy import Strategy

T = TypeVar("T")


def search(desk: Desk, asked: asking.Paged) -> shapes.Found:
    """Answer with a page of hits."""
    limit, offset = _page(asked)
    found = desk.search("search", _search(asked), limit=limit, offset=offset)
    return _values(shapes.Found, "results", found)


def record(desk: Desk, asked: asking.Naming) -> shapes.Record:
    """Answer with a record."""
    return _values(shapes.Record, "records", [desk.index.get(asked["id"])], "jsonl")


def similar(desk: Desk, asked: asking.Comparing) -> shapes.Found:
    """Answer with the records most like one."""
    found = desk.index.similar(asked["id"], limit=asked.get("limit", SIMILAR))
    return _values(shapes.Found, "results", found)


def explain(desk: Desk, asked: asking.Explaining) -> shapes.Explained:
    """Answer how a query is read, and why it finds a record or not."""
    wanted = _search(asked)
    explanation = desk.index.explain(wanted, asked.get("id"))
    desk.keep("explain", wanted)
    return _values(shapes.Explained, "explanation", explanation)


def facets(desk: Desk, asked: asking.Searching) -> dict[str, dict[str, int]]:
    """Answer with the counts of what matches."""
    wanted = _search(asked)
    desk.keep("facets", wanted)
    return _values(dict, "facets", desk.index.facets(wanted))


def evidence_map(desk: Desk, asked: asking.Tabling) -> shapes.Table:
    """Answer with what matches by two facets."""
    rows, columns = asked.get("rows", "category"), asked.get("columns", "jurisdiction")
    table = history.crosstab(desk.index, desk.search("map", _search(asked)), rows, columns)
    return _values(shapes.Table, "map", table)


def kwic(desk: Desk, asked: asking.Searching) -> shapes.Lines:
    """Answer with the words of a query as they stand, whatever the switches."""
    wanted = Search(asked.get("query", ""), filters=_search(asked).filters)
    found = desk.index.kwic(wanted)
    desk.keep("kwic", replace(wanted, exact=True))
    return {"lines": _values(list, "concordance", found)}


def export(desk: Desk, asked: asking.Exporting) -> shapes.Exported:
    """Answer with records as a text."""
    found = desk.search("export", _search(asked), limit=asked.get("limit", EXPORTED))
    text = "".join(render("results", asked.get("format", "ris"), found))
    return {"total": found.total, "written": len(found), "text": text}


def stats(desk: Desk, _: asking.Nothing) -> shapes.Stats:
    """Answer with the corpus at a glance."""
    return _values(shapes.Stats, "stats", desk.index.stats())


def lists(desk: Desk, asked: asking.Listing) -> dict[str, list[shapes.Placed]]:
    """Answer with the records on lists."""
    known = desk.index.lists
    return _values(dict, "lists", known.of(asked["names"]) if asked.get("names") else known)


def duplicates(desk: Desk, asked: asking.Proposing) -> shapes.Duplicates:
    """Answer with what was merged and the likeliest pairs."""
    found = desk.index.duplicates()
    most = asked.get("limit", PAIRS)
    shown = replace(found, proposals=found.proposals[:most])
    return _values(shapes.Duplicates, "duplicates", (shown, len(found.proposals)))


def saved(desk: Desk, _: asking.Nothing) -> shapes.Saved:
    """Answer with each saved search; it isn't remembered as a look."""
    names = history.saved_names(desk.index.corpus_folder)
    return {"searches": [_kept(desk.index, name) for name in names]}


def _kept(index: EvidenceIndex, name: str) -> shapes.Kept:
    kept: shapes.Kept = {
        "name": name, "query": "", "options": {}, "time": "", "found": 0, "now": 0, "new": [],
        "gone": [], "wrong": "",
    }  # fmt: skip
    try:
        compared = history.run_saved(index, name)
    except (HistoryError, QueryError) as error:
        kept["wrong"] = str(error)
        return kept
    past = compared.past
    kept |= {
        "query": past.search.query, "options": past.search.options, "time": past.time,
        "found": len(past.ids), "now": len(compared.found), "new": list(compared.new),
        "gone": list(compared.gone),
    }  # fmt: skip
    return kept


# Strategies


def run_strategy(desk: Desk, asked: asking.Strategy) -> shapes.Run:
    """Answer what each line of a strategy finds."""
    run = _run(desk, asked)
    desk.keep_strategy("run_strategy", run)
    return _values(shapes.Run, "strategy", run)


def strategy_records(desk: Desk, asked: asking.Reading) -> shapes.Found:
    """Answer with a page of the records of a line."""
    run = _run(desk, asked)
    limit, offset = _page(asked)
    found = run.results(asked.get("line"), limit=limit, offset=offset)
    desk.keep_strategy("strategy_records", run, asked.get("line"))
    return _values(shapes.Found, "results", found)


def check_strategy(desk: Desk, asked: asking.Checking) -> shapes.Checked:
    """Answer what a peer reviewer would ask."""
    from evidence_search.strategies.lint import lint
    from evidence_search.strategies.recall import ids_of

    run = _run(desk, asked)
    papers = papers_of(desk.index, asked.get("known", ""))
    problems = lint(run, desk.index, ids_of(papers, desk.index) if papers else None)
    desk.keep_strategy("check_strategy", run)
    return {"problems": _remarks(problems)}


def recall(desk: Desk, asked: asking.Recalling) -> shapes.Recall:
    """Answer which known papers a strategy finds."""
    from evidence_search.strategies.recall import recall as held

    run = _run(desk, asked)
    found = held(run, desk.index, papers_of(desk.index, asked["known"]))
    desk.keep_strategy("recall", run)
    return _values(shapes.Recall, "recall", found)


def translate(_: Desk, asked: asking.Translating) -> shapes.Translation:
    """Answer with a strategy in another language."""
    from evidence_search.strategies.translation import translated

    strategy = _strategy(asked)
    lines = translated(strategy, asked["to"])
    return {
        "dialect": strategy.dialect,
        "lines": [{"number": n, "text": text, "missing": [*missing]} for n, text, missing in lines],
    }


def report(desk: Desk, asked: asking.Reporting) -> shapes.Text:
    """Answer with the report of a strategy."""
    from evidence_search.strategies.report import report as reported

    run = _run(desk, asked)
    included, excluded = asked.get("included", INCLUDED), asked.get("excluded", EXCLUDED)
    found = reported(run, desk.index, included=included, excluded=excluded)
    text = "".join(render("report", "markdown", found))
    desk.keep_strategy("report", run)
    return {"text": text}


def papers_of(index: EvidenceIndex, known: str) -> list[StudyRecord]:
    """Return the papers that are named: of an export its records, else those of the ids.

    Raises :class:`RecordNotFoundError` for a line that is neither.
    """
    if not known.strip():
        return []
    records, _ = corpus.parse_file(known.encode("utf-8", "replace"), "known.txt")
    return [*records] or [index.get(name.strip()) for name in known.splitlines() if name.strip()]


def _strategy(asked: asking.Strategy) -> Strategy:
    from evidence_search.strategies.strategy import read_strategy

    return read_strategy(asked["text"], dialect_name=asked.get("dialect"))


def _run(desk: Desk, asked: asking.Strategy) -> StrategyRun:
    from evidence_search.strategies.execution import run_strategy as run

    return run(desk.index, _strategy(asked))


# What changes files


def save(desk: Desk, asked: asking.Saving) -> shapes.Keeping:
    """Save a search."""
    kept = history.save(desk.index, asked["name"], _search(asked))
    return {"name": asked["name"], "records": len(kept.ids)}


def add(desk: Desk, asked: asking.Adding) -> shapes.Added:
    """Add a file to the corpus."""
    data = asked["text"].encode("utf-8", "replace")
    uploads, wrong = changes.upload(desk.index, [(asked["name"], data)])
    if wrong:
        raise QueryError(wrong[0])
    (upload,) = uploads
    return {
        "name": upload.added.name, "copied": upload.added.copied,
        "records": [one.id for one in upload.records], "merged": upload.merged,
        "problems": _remarks(upload.added.problems),
        "others": list(upload.others),
    }  # fmt: skip


def put(desk: Desk, asked: asking.Putting) -> shapes.Put:
    """Put records on a list, or take them off it."""
    changes.of_ones_own(desk.index)
    done = desk.index.put(
        asked["ids"], asked["name"], note=asked.get("note", ""), by=asked.get("by", "program"),
        off=asked.get("off", False),
    )  # fmt: skip
    return {"list": done.list, "changed": done.changed, "unchanged": done.unchanged}


def decide(desk: Desk, asked: asking.Deciding) -> shapes.Decided:
    """Write a decision on two listings, and take it up."""
    changes.of_ones_own(desk.index)
    written = desk.index.decide(asked["kind"], asked["one"], asked["other"])
    desk.index.refresh()
    return {"kind": written.kind, "one": written.one, "other": written.other}


# What they share


def _search(asked: asking.Searching | asking.Paged | asking.Exporting) -> Search:
    """Return the search that is asked for.  Raises :class:`QueryError`."""
    options: Any = {name: asked[name] for name in Options.__annotations__ if name in asked}  # type: ignore[literal-required]
    return Search.of(asked.get("query", ""), **options)


def _page(asked: asking.Paged | asking.Reading) -> tuple[int, int]:
    limit = asked.get("limit", HITS)
    return limit, (asked.get("page", 1) - 1) * limit


def _values(_: type[T], kind: str, value: object, form: str = "json") -> T:
    """Return a value as JSON values; they are of the type, as tests of every call see to."""
    values: T = json.loads("".join(render(kind, form, value)))
    return values


def _remarks(problems: Iterable[Problem]) -> list[shapes.Remark]:
    from evidence_search.render.problems import as_dict

    return [cast("shapes.Remark", as_dict(problem)) for problem in problems]
