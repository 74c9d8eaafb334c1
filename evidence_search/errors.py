"""Every error that Evidence Search raises on purpose, as one tree.

::

    EvidenceSearchError              catch this one to catch them all
    ├── CorpusError                  a corpus folder or file can't be read
    │   └── CellError                a page isn't a matrix cell at all
    ├── ThesaurusError               thesaurus.toml can't be read
    ├── QueryError                   a query, filter or option can't be understood
    ├── RecordNotFoundError          no record, or several, for an id or its prefix
    ├── SearchIndexError             the index can't be opened or written
    │   ├── IndexDamagedError        its files are truncated, changed or of another version
    │   │   └── IndexUntrustedError  somebody else could have written them
    │   ├── IndexLockedError         another process is writing it
    │   ├── IndexUnwritableError     this user can't write it
    │   ├── IndexUnreachableError    its cluster doesn't answer, or not in full
    │   └── StateGoneError           the state that was opened was removed since
    ├── EditorError                  no editor is set, or it failed
    ├── ExportError                  an output file can't be written
    ├── StrategyError                a strategy can't be read
    ├── ModelError                   a language model can't be read or run
    ├── HistoryError                 a search log or a saved search can't be read or kept
    └── MissingExtraError            an optional library isn't installed

Exceptions of Whoosh, of the file system and of parsers are turned into these
at the module that is the only door to them.  The message is one line: what
was expected, what was found, where, and what to do about it.
"""

from __future__ import annotations

INTERRUPTED = 130
"""The exit status after Ctrl-C: 128 and the number of the signal, as shells have it."""
FAULT = 70
"""The exit status where the program itself is at fault, as the system's ``sysexits.h`` has it."""


class EvidenceSearchError(Exception):
    """Base of all errors raised on purpose; ``str(error)`` is one readable line."""


class CorpusError(EvidenceSearchError):
    """A corpus folder or one of its files can't be read."""


class CellError(CorpusError):
    """A page was expected to be a matrix cell and isn't."""


class ThesaurusError(EvidenceSearchError):
    """A thesaurus file can't be read or isn't well formed."""


class QueryError(EvidenceSearchError):
    """A query, a filter or an option of a search can't be understood.

    ``position`` is the 0-based offset in the query where the trouble is, or
    ``None`` where there's no single place.
    """

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class RecordNotFoundError(EvidenceSearchError):
    """An id or prefix names no record, or more than one."""


class SearchIndexError(EvidenceSearchError):
    """The index can't be opened or written."""


class IndexDamagedError(SearchIndexError):
    """Files of the index are truncated, changed, missing or of another version."""


class IndexUntrustedError(IndexDamagedError):
    """This user's program didn't write the index's files here, so they aren't opened."""


class IndexLockedError(SearchIndexError):
    """Another process holds the index's write lock."""


class IndexUnwritableError(SearchIndexError):
    """The index can't be written where it is, or not signed, by this user."""


class IndexUnreachableError(SearchIndexError):
    """The cluster that the index is on doesn't answer, or hasn't all parts of the index."""


class StateGoneError(SearchIndexError):
    """The state that was opened is there no more, since others took its place long ago."""


class EditorError(EvidenceSearchError):
    """No editor is set, or it can't be started, or it failed."""


class ExportError(EvidenceSearchError):
    """An output file can't be written."""


class StrategyError(EvidenceSearchError):
    """A strategy, a text of numbered searches, can't be read."""


class ModelError(EvidenceSearchError):
    """A language model can't be read, or is of a kind that can't be run."""


class HistoryError(EvidenceSearchError):
    """A search log or a saved search can't be read or kept."""


class MissingExtraError(EvidenceSearchError):
    """An optional library isn't installed; the message names the line that installs it."""

    def __init__(self, library: str, extra: str, note: str = "") -> None:
        from shlex import quote

        super().__init__(
            f"this needs the library {library}{note}, which is not installed; "
            f"install it with: pip install {quote(library)}; in a checkout, "
            f"pip install -e '.[{extra}]' brings all of its kind"
        )
