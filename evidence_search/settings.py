"""What a corpus says of how it is to be indexed: ``settings.toml`` in its folder.

It has one line so far: ``meaning = true`` makes the vectors that searches by meaning need at each
refresh.  It names no files: a corpus that was received must not choose what is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence_search import corpus, toml
from evidence_search.errors import CorpusError
from evidence_search.values import Value

if TYPE_CHECKING:
    from pathlib import Path

_KNOWN = {"meaning": bool}


class Settings(Value):
    """The settings of a corpus; ``meaning`` (default ``False``) makes vectors at each refresh."""

    meaning: bool = False


def read_settings(folder: Path) -> Settings:
    """Return the settings of the corpus in ``folder``; as usual where it has none.

    Raises :class:`CorpusError` for a file that can't be read, or has anything else in it.
    """
    path = folder / corpus.SETTINGS
    try:
        data, _ = corpus.read_bytes(folder, corpus.SETTINGS)
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise CorpusError(f"{path}: expected settings; {error.strerror or error}") from error
    try:
        values = toml.values(data.decode())
    except ValueError as error:
        raise CorpusError(f"{path}: expected settings as TOML; found {error}") from error
    for name, value in values.items():
        if name not in _KNOWN or not isinstance(value, _KNOWN[name]):
            found = f"{toml.shown(name)} = {toml.shown(value)}"
            raise CorpusError(f"{path}: expected meaning = true or false; found {found}")
    return Settings(**values)
