"""The command ``evidence-search``, also as ``python -m evidence_search``.

Click takes as long to import as a search takes to answer.  A search of
nothing but words, over an index that is up to date, doesn't wait for it,
whether it is printed on a terminal or through a pipe; everything else, and
whatever goes wrong, is left to :mod:`evidence_search.cli`.
"""

from __future__ import annotations

import gc
import os
import sys

from evidence_search.cli.registry import COMMANDS, command_meant
from evidence_search.errors import FAULT, INTERRUPTED

ASKING = ("EVIDENCE_SEARCH_LOG", "EVIDENCE_SEARCH_MAX_FILE_SIZE", "_EVIDENCE_SEARCH_COMPLETE")
"""Variables that ask for more than what a search finds, or for it otherwise."""
_GARBAGE = 50_000
"""Objects that may be garbage before it is looked for: few commands that end ever make so many."""


def main() -> None:
    """Run the command."""
    try:
        _run()
    except KeyboardInterrupt:  # while modules are imported; later the command itself says what then
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - what nobody foresaw is told as any other error is
        from evidence_search.cli.messages import say_fault

        say_fault(error)
        sys.exit(FAULT)


def _run() -> None:
    _open_streams()
    gc.disable()  # a search makes little garbage, and looking for it costs a tenth of its time
    try:
        if searched(sys.argv[1:]):
            return
    except (OSError, MemoryError, KeyboardInterrupt) as error:
        from evidence_search.cli.main import stopped

        sys.exit(stopped(error))
    gc.enable()
    gc.set_threshold(_GARBAGE)
    from evidence_search.cli.main import main as command

    command()


def _open_streams() -> None:
    """Put something where a stream was closed, so that no file of ours gets its number.

    What is written to an output that was closed is an error, as with other programs.
    """
    if sys.stdin is None:
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_RDONLY))
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


def searched(words: list[str]) -> bool:
    """Print what a search for words finds; ``False`` where that isn't all there is to do."""
    given, words = _folders(words)
    if words[:1] == ["search"]:
        words = words[1:]
    elif words and words[0] in COMMANDS:
        return False
    if not words or any(word[:1] == "-" for word in words) or any(map(os.environ.get, ASKING)):
        return False
    from evidence_search.errors import EvidenceSearchError
    from evidence_search.index import EvidenceIndex
    from evidence_search.opening import corpus_note, folders

    try:
        with EvidenceIndex(*folders(given.get("--corpus"), given.get("--index"))) as index:
            if index.changes().anything:
                return False
            results = index.search(" ".join(words))
    except (EvidenceSearchError, OSError):
        return False
    from evidence_search import recent
    from evidence_search.render import render
    from evidence_search.render.style import style_of_terminal

    # Corpus text is any of Unicode; a terminal that can't show it gets "?".
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.stdout.writelines(
        render("results", "text", results, style_of_terminal(index.corpus_folder))
    )
    sys.stdout.flush()
    meant = command_meant(words, results.absent)
    for message in filter(None, (corpus_note(given.get("--corpus")), meant)):
        from evidence_search.cli.messages import say

        say(message)
    recent.remember(index, enumerate((record.id for record in results.records), 1))
    return True


def _folders(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """Take off the options that name folders, where they come first, each with its value."""
    given: dict[str, str] = {}
    while words:
        name, equals, value = words[0].partition("=")
        if name not in {"--corpus", "--index"} or not (equals or words[1:]):
            break
        given[name] = value if equals else words[1]
        words = words[1 if equals else 2 :]
    return given, words


if __name__ == "__main__":
    main()
