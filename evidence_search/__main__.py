"""The command ``evidence-search``, also as ``python -m evidence_search``.

Click takes as long to import as a search takes to answer.  A search of
nothing but words, over an index that is up to date, doesn't wait for it;
everything else, and whatever goes wrong, is left to :mod:`evidence_search.cli`.
"""

from __future__ import annotations

import gc
import os
import sys

from evidence_search.commands import COMMANDS


def main() -> None:
    """Run the command."""
    gc.disable()  # a search makes little garbage, and looking for it costs a tenth of its time
    try:
        text = found(sys.argv[1:])
        if text is not None:
            _show(text)
            return
    except (OSError, KeyboardInterrupt) as error:
        from evidence_search.cli import stopped

        sys.exit(stopped(error))
    gc.enable()
    from evidence_search.cli import main as command

    command()


def _show(text: str) -> None:
    # Corpus text is any of Unicode; a terminal that can't show it gets "?".
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    if sys.stdout.isatty():
        from evidence_search.cli.terminal import show

        show([text])
    else:
        sys.stdout.write(text)
    sys.stdout.flush()


def found(words: list[str]) -> str | None:
    """Return what a search for words prints; ``None`` where that isn't all there is to do."""
    if words[:1] == ["search"]:
        words = words[1:]
    elif words and words[0] in COMMANDS:
        return None
    if words in ([], ["help"]) or any(word[:1] == "-" for word in words) or _asked_otherwise():
        return None
    from evidence_search.errors import EvidenceSearchError
    from evidence_search.index import EvidenceIndex
    from evidence_search.opening import folders

    try:
        with EvidenceIndex(*folders(None, None)) as index:
            if index.changes().anything:
                return None
            results = index.search(" ".join(words))
    except (EvidenceSearchError, OSError):
        return None
    from evidence_search.render import terminal, text

    return text.results(results, terminal.style(index.corpus_folder))


def _asked_otherwise() -> bool:
    """Tell whether the environment asks for more than results, or the shell for its patterns."""
    from evidence_search.opening import CORPUS_VARIABLE, INDEX_VARIABLE

    ours = {name for name in os.environ if name.lstrip("_").startswith("EVIDENCE_SEARCH_")}
    return os.name == "nt" or not ours <= {CORPUS_VARIABLE, INDEX_VARIABLE}


if __name__ == "__main__":
    main()
