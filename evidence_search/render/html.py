"""Records and results as HTML: one self-contained page, or pieces that a notebook shows too.

No scripts, and nothing is fetched.  Colours are translucent greys and tints
over whatever is behind, so that a page, a light notebook and a dark one read
alike without asking which theme it is.  Every fact is in words; the bars are
hidden from screen readers, which read the number beside them.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from evidence_search.records import UNCATEGORISED, Category
from evidence_search.render.names import (
    SHOWN_FACETS,
    counted,
    facet_title,
    label_name,
    numbered,
    respelt,
    searched_too,
    sorted_labels,
    suggested,
    years,
)
from evidence_search.render.safe import html, link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from evidence_search.records import RelatedDocument, StudyRecord
    from evidence_search.results import Hit, Results
    from evidence_search.snippets import Snippet

MAX_LABELS = 12
SHOWN_HITS = 50
"""In a notebook, where a long page would be in everybody's way."""

CSS = """
.evidence-search { line-height: 1.5; max-width: 50rem; }
.evidence-search article { border-top: 1px solid rgba(128,128,128,.35); padding: .2rem 0 .9rem; }
.evidence-search article h2 { font-size: 1.05rem; margin: .6rem 0 .2rem; line-height: 1.35; }
.evidence-search p { margin: .3rem 0; }
.evidence-search .facts, .evidence-search .id { font-size: .9rem; }
.evidence-search .badge { border: 1px solid rgba(128,128,128,.6); border-radius: 1em;
  padding: .05em .6em; font-size: .85em; white-space: nowrap; background: rgba(128,128,128,.15); }
.evidence-search .badge.S { background: rgba(214,126,0,.25); }
.evidence-search .badge.K { background: rgba(0,120,212,.22); }
.evidence-search .badge.R { background: rgba(0,150,90,.24); }
.evidence-search .badge.G { background: rgba(150,80,200,.24); }
.evidence-search mark { background: rgba(255,200,0,.4); color: inherit; padding: 0 .1em;
  border-radius: .15em; font-weight: 600; }
.evidence-search .facets { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: .6rem 0; }
.evidence-search .facets table { border-collapse: collapse; background: none; margin: 0;
  font-size: .9rem; align-self: flex-start; }
.evidence-search .facets caption { text-align: left; font-weight: 600;
  padding: .1rem 0; white-space: nowrap; }
.evidence-search .facets table tr { background: none; }
.evidence-search .facets th, .evidence-search .facets td { padding: .05rem .6rem .05rem 0;
  border: 0; text-align: left; font-weight: normal; background: none; }
.evidence-search .facets td.n { text-align: right; font-variant-numeric: tabular-nums; }
.evidence-search .bar { display: block; height: .7em; background: rgba(0,120,212,.55);
  border-radius: .15em; }
.evidence-search .facets td.bars { width: 7rem; }
.evidence-search summary { cursor: pointer; }
.evidence-search a { overflow-wrap: anywhere; }
"""
"""Style of the pieces, all of it inside ``class="evidence-search"``."""

_PAGE_CSS = """
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 50rem; padding: 0 1rem; }
@media print { body { margin: 0; } article { break-inside: avoid; } }
"""


def badge(code: str) -> str:
    """Return the name of a category, by its code, as a badge."""
    known = f" {code}" if code in {category.code for category in Category} else ""
    return f'<span class="badge{known}">{html(label_name("category", code))}</span>'


def badges(record: StudyRecord) -> str:
    """Return a badge for each category of a record, or one that says it has none."""
    codes = [category.code for category in record.categories] or [UNCATEGORISED]
    return " ".join(map(badge, codes))


def highlighted(snippet: Snippet) -> str:
    """Return a passage with what matched in ``<mark>``."""
    pieces: list[str] = ["… "] if snippet.before else []
    at = 0
    for start, end in snippet.marks:
        pieces += [html(snippet.text[at:start]), f"<mark>{html(snippet.text[start:end])}</mark>"]
        at = end
    pieces.append(html(snippet.text[at:]))
    return "".join(pieces) + (" …" if snippet.after else "")


def bars(counts: Mapping[str, Mapping[str, int]], names: Iterable[str] = SHOWN_FACETS) -> str:
    """Return facets as tables of label, number and bar; the most frequent labels of each."""
    tables = [_bars(name, counts[name]) for name in names if counts.get(name)]
    return f'<div class="facets">{"".join(tables)}</div>' if tables else ""


def _bars(name: str, labels: Mapping[str, int]) -> str:
    most = max(labels.values())
    shown = sorted_labels(name, labels)
    rows = [
        f'<tr><th scope="row">{html(label_name(name, label))}</th><td class="n">{n}</td>'
        f'<td class="bars" aria-hidden="true"><span class="bar" style="width:{n / most:.0%}">'
        "</span></td></tr>"
        for label, n in shown[:MAX_LABELS]
    ]
    if len(shown) > MAX_LABELS:
        rows.append(f'<tr><td colspan="3">and {len(shown) - MAX_LABELS} more</td></tr>')
    return f"<table><caption>{html(facet_title(name))}</caption>{''.join(rows)}</table>"


def facts(record: StudyRecord) -> str:
    """Return badges, year, publisher or journal, and jurisdictions, as one paragraph."""
    parts = [years(record), record.publisher or record.journal, ", ".join(record.jurisdictions)]
    return f'<p class="facts">{" · ".join([badges(record), *(html(p) for p in parts if p)])}</p>'


def card(record: StudyRecord, hit: Hit | None = None) -> str:
    """Return a record as an article: its best passage where it is a hit, else its summary."""
    title = highlighted(hit.title) if hit else html(record.title)
    number = f"{hit.rank}. " if hit else ""
    if hit:
        passage = f"<p>{highlighted(hit.snippet)}</p>" if hit.snippet.text else ""
        rest = _paragraphs(record) + _details(record)
        body = (
            f"{passage}<details><summary>Whole entry</summary>{rest}</details>" if rest else passage
        )
    else:
        body = _paragraphs(record) + _details(record)
    return (
        f"<article><h2>{number}{_linked(title, record.url)}</h2>"
        f'{facts(record)}{body}<p class="id"><code>{html(record.id)}</code></p></article>'
    )


def _paragraphs(record: StudyRecord) -> str:
    return "".join(f"<p>{html(part)}</p>" for part in record.summary.split("\n") if part.strip())


def _details(record: StudyRecord) -> str:
    rows = [
        ("Authors", html("; ".join(record.authors))),
        ("Journal", html(record.journal or "")),
        ("DOI", _linked(html(record.doi), f"https://doi.org/{record.doi}") if record.doi else ""),
        ("Keywords", html("; ".join(record.keywords))),
        ("Notes", html("; ".join(record.notes))),
        ("See also", "; ".join(map(_related, record.related))),
        ("Source", html(str(record.source))),
    ]
    return "".join(f'<p class="facts">{name}: {text}</p>' for name, text in rows if text)


def _related(document: RelatedDocument) -> str:
    told = ", ".join(html(str(fact)) for fact in (document.publisher, document.year) if fact)
    return _linked(html(document.title), document.url) + (f" ({told})" if told else "")


def _linked(inner: str, url: str | None) -> str:
    target = link(url)
    return f'<a href="{html(target)}">{inner}</a>' if target else inner


def piece(inner: str, style: str = "") -> str:
    """Return HTML with its own style, to stand anywhere in a notebook."""
    return f'<style>{CSS}{style}</style><div class="evidence-search">{inner}</div>'


def fragment(found: Results) -> str:
    """Return results as a piece of HTML for a notebook, which shows the first hits only."""
    query = f"<p><strong>{html(found.query)}</strong></p>" if found.query.strip() else ""
    more = len(found.hits) - SHOWN_HITS
    rest = f"<p>… and {counted(more)} more on this page</p>" if more > 0 else ""
    return piece(query + "".join(_results(found, SHOWN_HITS)) + rest)


def record(value: StudyRecord, hit: Hit | None = None) -> str:
    """Return a record, perhaps as a hit, as a piece of HTML for a notebook."""
    return piece(card(value, hit))


def results(found: Results) -> str:
    """Return results as one self-contained page."""
    title = f"{found.query}: {counted(found.total)}"
    body = f"<h1>{html(found.query) or 'All records'}</h1>{''.join(_results(found))}"
    return "".join(whole_page(title, [body]))


def records(values: Iterable[StudyRecord]) -> Iterator[str]:
    """Yield records as one self-contained page."""
    title = "Evidence records"
    cards = (f"{card(value)}\n" for value in values)
    return whole_page(title, chain([f"<h1>{title}</h1>\n"], cards))


def _results(found: Results, most: int | None = None) -> Iterator[str]:
    for note in found.notes:
        yield f"<p>Note: {html(note)}</p>"
    yield f"<p>{numbered(found)}</p>"
    for sentence in respelt(found):
        yield f"<p>{html(sentence)}</p>"
    for label, terms in searched_too(found):
        yield (
            f"<details><summary>{label}: {len(terms)} other terms</summary>"
            f"<p>{html(', '.join(terms))}</p></details>"
        )
    for suggestion in found.suggestions:
        yield f"<p>{html(suggested(suggestion))}</p>"
    yield bars(found.facets)
    for hit in found.hits[:most]:
        yield card(hit.record, hit) + "\n"


def whole_page(title: str, body: Iterable[str], style: str = "") -> Iterator[str]:
    """Yield a self-contained page."""
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html(title)}</title>\n<style>{_PAGE_CSS}{CSS}{style}</style>\n</head>\n"
        '<body class="evidence-search">\n<main>\n'
    )
    yield from body
    yield "</main>\n</body>\n</html>\n"
