"""Opening a file in the user's editor, at a line."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import PurePath
from typing import TYPE_CHECKING

from evidence_search.errors import EditorError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from evidence_search.records import Source

_SYNTAX = {
    "vi view vim gvim mvim nvim ex ed joe jed mg ne pico jmacs": ("+{line}", "{path}"),
    "nano rnano": ("+{line},{column}", "{path}"),
    "emacs emacsclient xemacs micro kak gedit gnome-text-editor": ("+{line}:{column}", "{path}"),
    "code code-insiders codium vscodium cursor windsurf positron": (
        "--goto", "{path}:{line}:{column}",
    ),
    "subl sublime_text zed zeditor hx helix atom pulsar lapce": ("{path}:{line}:{column}",),
    "kate kwrite idea pycharm charm": ("--line", "{line}", "--column", "{column}", "{path}"),
    "mate": ("--line", "{line}:{column}", "{path}"),
    "notepad++": ("-n{line}", "-c{column}", "{path}"),
}  # fmt: skip
_ARGUMENTS = {name: words for names, words in _SYNTAX.items() for name in names.split()}


def edit(corpus_folder: Path, source: Source, environment: Mapping[str, str] = os.environ) -> None:
    """Open the file of a record where it stands, and wait until the editor is done.

    Raises :class:`EditorError` where there's no editor, or it fails.
    """
    path = (corpus_folder / source.path).absolute()
    editor = environment.get("VISUAL") or environment.get("EDITOR") or ""
    words = command(editor, path, source)
    if not words:
        raise EditorError(
            "expected the name of an editor in VISUAL or EDITOR, found none: set one, as in "
            f"EDITOR=nano; the record is at {path}:{source.line}"
        )
    try:
        status = subprocess.run(words, check=False).returncode  # noqa: S603 - what the user named
    except OSError as error:
        raise EditorError(f"the editor {words[0]!r} can't be started: {error.strerror}") from error
    if status:
        raise EditorError(f"the editor {words[0]!r} ended with status {status}")


def command(editor: str, path: Path, source: Source) -> list[str]:
    """Return the words that start an editor at a place; an unknown one just opens the file.

    ``editor`` may have options, as in ``code --wait``.  Empty where it is
    empty; raises :class:`EditorError` where its quotes don't match.
    """
    try:
        words = shlex.split(editor)
    except ValueError as error:
        raise EditorError(
            f"expected a command in VISUAL or EDITOR, found {editor!r}: {error}"
        ) from error
    if not words:
        return []
    name = PurePath(words[0]).name.lower().removesuffix(".exe").removesuffix(".cmd")
    known = _ARGUMENTS.get(name, ("{path}",))
    place = {"path": str(path), "line": source.line, "column": source.column}
    return [*words, *(word.format(**place) for word in known)]
