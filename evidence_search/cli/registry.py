"""Which commands there are; apart from the commands, so that it is known without click."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

COMMANDS = (
    "search", "facets", "map", "timeline", "stats", "similar", "explain", "kwic", "run",
    "translate", "recall", "report", "log", "replay", "save", "new", "saved", "list", "show",
    "put", "lists", "duplicates", "add", "new-cell", "serve", "mcp", "index", "check", "evaluate",
    "completion", "man", "help",
)  # fmt: skip
"""Names of commands, in the order that ``--help`` shows; each is ``command`` of its module."""

TOPICS = {
    "query": "docs/query-language.md",
    "ranking": "docs/ranking.md",
    "thesaurus": "docs/thesaurus.md",
    "meaning": "docs/meaning.md",
    "formats": "docs/output-format.md",
    "strategies": "docs/strategies.md",
    "ovid": "docs/strategies-ovid.md",
    "pubmed": "docs/strategies-pubmed.md",
    "cochrane": "docs/strategies-cochrane.md",
    "ebsco": "docs/strategies-ebsco.md",
    "scopus": "docs/strategies-scopus.md",
    "wos": "docs/strategies-wos.md",
    "lists": "docs/lists.md",
    "duplicates": "docs/duplicates.md",
    "reviews": "docs/reproducible-searching.md",
    "page": "docs/page.md",
    "api": "docs/api.md",
    "assistants": "docs/assistants.md",
    "notebook": "docs/notebook.md",
    "files": "corpus/README.md",
    "reliability": "docs/reliability.md",
    "security": "docs/security.md",
    "speed": "docs/speed.md",
    "whoosh": "docs/whoosh-index.md",
    "engines": "docs/engines.md",
    "scale": "docs/scale.md",
}
"""What ``help`` shows, and in which file of the repository it stands."""


def command_meant(words: Sequence[str], absent: Collection[str]) -> str:
    """Return a line on the command that the first of some words may be a slip for, if it is one.

    ``absent`` are the words that no record has: what a record has was meant.
    """
    from evidence_search.wording import edit_distance

    first = words[0] if words else ""
    if first not in absent:
        return ""
    meant = [name for name in COMMANDS if edit_distance(first, name, 1) == 1]
    if not meant:
        return ""
    line = " ".join((meant[0], *words[1:]))
    return f"“{first}” was searched: no command has this name; did you mean: evidence-search {line}"


def module_of(name: str) -> str:
    """Return the module of a command: ``evidence_search.cli.commands.new_cell`` of "new-cell"."""
    return f"evidence_search.cli.commands.{name.replace('-', '_')}"
