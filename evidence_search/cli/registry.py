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
    "query": "query-language.md",
    "ranking": "ranking.md",
    "thesaurus": "thesaurus.md",
    "meaning": "meaning.md",
    "formats": "output-format.md",
    "strategies": "strategies.md",
    "ovid": "strategies-ovid.md",
    "pubmed": "strategies-pubmed.md",
    "cochrane": "strategies-cochrane.md",
    "ebsco": "strategies-ebsco.md",
    "scopus": "strategies-scopus.md",
    "wos": "strategies-wos.md",
    "lists": "lists.md",
    "duplicates": "duplicates.md",
    "reviews": "reproducible-searching.md",
    "page": "page.md",
    "api": "api.md",
    "assistants": "assistants.md",
    "notebook": "notebook.md",
    "reliability": "reliability.md",
    "security": "security.md",
    "speed": "speed.md",
    "whoosh": "whoosh-index.md",
    "engines": "engines.md",
    "scale": "scale.md",
}
"""What ``help`` shows, and in which file of the documentation it stands."""


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
