"""Completion in the shell: ids, labels and fields of the index as it is, and the scripts.

click asks for completions by running the command with a variable set; the
classes here are its own with two things more: a field such as ``title:`` gets
no space after it, and bash, which takes a colon for the end of a word, gets
only what comes after it.  Anything that goes wrong completes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

from evidence_search import opening

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import click

    from evidence_search.engines import Address
    from evidence_search.index import EvidenceIndex

PROGRAM = "evidence-search"
VARIABLE = "_EVIDENCE_SEARCH_COMPLETE"

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' response completion type value
    response=$(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD \\
        %(complete_var)s=bash_complete $1)
    COMPREPLY=()
    for completion in $response; do
        IFS=',' read -r type value <<< "$completion"
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            *)
                [[ $value == *: ]] && compopt -o nospace
                COMPREPLY+=("$(printf %%q "$value")")
                ;;
        esac
    done
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


@add_completion_class
class _Bash(BashComplete):
    source_template = _BASH
    _before = ""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Put together the word that bash parted at its colons."""
        args, incomplete = super().get_completion_args()
        if incomplete == ":" or (args and args[-1] == ":"):
            colon = [] if incomplete == ":" else [args.pop()]
            self._before = f"{args.pop() if args else ''}:"
            incomplete = self._before + (incomplete if colon else "")
        return args, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """Leave out what stands before the colon."""
        item.value = item.value.removeprefix(self._before)
        return super().format_completion(item)


@add_completion_class
class _Zsh(ZshComplete):
    source_template = ZshComplete.source_template.replace(
        "compadd -U -V unsorted -a completions",
        """compadd -U -V unsorted -- ${completions:#*:}
        compadd -U -V unsorted -S '' -- ${(M)completions:#*:}""",
    )


SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": FishComplete}


# What there is to complete; each has the signature of click's shell_complete


def ids(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the ids of records."""
    index = _index(ctx)
    return _beginning(incomplete, index.ids() if index else [])


def labels(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the labels of the facet that an option is named after."""
    return _beginning(incomplete, _labels(ctx, parameter.name or ""))


def words(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the fields of the query language, and after a colon the labels of the field."""
    from evidence_search.query import FIELDS

    field, colon, value = incomplete.partition(":")
    if not colon:
        return _beginning(incomplete, [f"{name}:" for name in FIELDS]) if incomplete else []
    labels = (f'"{label}"' if " " in label else label for label in _labels(ctx, field))
    return _beginning(f"{field}:{value}", [f"{field}:{label}" for label in labels])


def words_or_ids(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return what may be in a query, and ids of records."""
    return [*words(ctx, parameter, incomplete), *ids(ctx, parameter, incomplete)]


def lists(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the named lists of the corpus, and those that screening tools have."""
    from evidence_search.lists import SCREENING

    return _beginning(incomplete, dict.fromkeys((*_labels(ctx, "list"), *SCREENING)))


def saved_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of the saved searches of the corpus."""
    from evidence_search import history

    return _beginning(incomplete, history.saved_names(_folders(ctx)[0]))


def _beginning(incomplete: str, names: Iterable[str]) -> list[CompletionItem]:
    wanted = incomplete.casefold().replace('"', "")
    return [
        CompletionItem(name)
        for name in names
        if name.casefold().replace('"', "").startswith(wanted)
    ]


def _categories() -> list[str]:
    from evidence_search.records import UNCATEGORISED, Category

    return [*(category.label.split()[0].lower() for category in Category), UNCATEGORISED]


def _labels(ctx: click.Context, facet: str) -> Sequence[str]:
    """Return the labels of a facet, if it is one."""
    if facet == "category":
        return _categories()
    from evidence_search.documents import FACETS, MORE_FACETS

    index = _index(ctx) if facet in {*FACETS, *MORE_FACETS} else None
    return sorted(index.facets(names=[facet])[facet]) if index else []


def _folders(ctx: click.Context) -> tuple[Path, Address]:
    named: dict[str, Any] = ctx.find_root().params
    return opening.folders(named.get("corpus"), named.get("index"))


def _index(ctx: click.Context) -> EvidenceIndex | None:
    """Open the index as it is, if there's one: a key press builds nothing."""
    from evidence_search.errors import EvidenceSearchError

    corpus_folder, address = _folders(ctx)
    if not address.folder.is_dir():
        return None
    from evidence_search.index import EvidenceIndex

    try:
        index = EvidenceIndex(corpus_folder, address)
        index.ids()
    except (EvidenceSearchError, OSError):
        return None
    return index
