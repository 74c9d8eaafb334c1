"""How to draw text: how wide, and whether with the colours and hyperlinks of a terminal."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from evidence_search.records import Source

MAX_WIDTH = 100
"""Columns; longer lines are hard to read."""

_PROGRAMS = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "rio", "Tabby"})
_VARIABLES = ("KITTY_WINDOW_ID", "WT_SESSION", "ALACRITTY_WINDOW_ID", "DOMTERM")
_VTE = 5000
_CATEGORY_COLOURS = {"S": "1;33", "K": "1;36", "R": "1;32", "G": "1;35"}


class Style(NamedTuple):
    """How to draw: ``width`` columns of text, or ``table_width`` of a table, which may be wider.

    ``links`` gives the address of a place in the corpus, where links are shown;
    ``terminal`` tells whether a person looks at it now, ``dated`` whether it is for
    keeping and says when it was made.
    """

    width: int = 80
    table_width: int = 80
    colour: bool = False
    links: Callable[[Source], str] | None = None
    terminal: bool = False
    dated: bool = False

    def bold(self, text: str) -> str:
        """Return ``text`` in bold."""
        return self._wrap("1", text)

    def dim(self, text: str) -> str:
        """Return ``text`` less bright."""
        return self._wrap("2", text)

    def mark(self, text: str) -> str:
        """Return ``text`` as a match: bold and underlined, which shows on any background."""
        return self._wrap("1;4", text)

    def category(self, code: str, text: str) -> str:
        """Return ``text`` in the colour of a category."""
        return self._wrap(_CATEGORY_COLOURS.get(code, "1"), text)

    def link(self, text: str, source: Source) -> str:
        """Return ``text`` as a hyperlink to its source (OSC 8), where links are shown."""
        if self.links is None:
            return text
        return f"\x1b]8;;{self.links(source)}\x1b\\{text}\x1b]8;;\x1b\\"

    def _wrap(self, code: str, text: str) -> str:
        if not self.colour:
            return text
        # Line by line: a pager forgets the style of one line at its end.
        return "\n".join(f"\x1b[{code}m{x}\x1b[0m" if x else x for x in text.split("\n"))


def style_of_terminal(corpus_folder: Path | None = None) -> Style:
    """Return how to draw on standard output; with links into the corpus, where they are shown."""
    on_terminal = sys.stdout.isatty()
    linked = corpus_folder is not None and hyperlinks(os.environ, on_terminal=on_terminal)
    columns = shutil.get_terminal_size().columns
    return Style(
        min(columns, MAX_WIDTH),
        columns,
        colours(os.environ, on_terminal=on_terminal),
        _links(corpus_folder) if corpus_folder and linked else None,
        terminal=on_terminal,
    )


def colours(environment: Mapping[str, str], *, on_terminal: bool) -> bool:
    """Tell whether to draw in colours, by the conventions of NO_COLOR and CLICOLOR.

    Sources: https://no-color.org, https://bixense.com/clicolors and
    https://force-color.org.
    """
    if environment.get("NO_COLOR"):
        return False
    if any(environment.get(name, "0") not in {"", "0"} for name in _FORCING):
        return True
    return on_terminal and environment.get("TERM") != "dumb" and environment.get("CLICOLOR") != "0"


_FORCING = ("FORCE_COLOR", "CLICOLOR_FORCE")


def hyperlinks(environment: Mapping[str, str], *, on_terminal: bool) -> bool:
    """Tell whether the terminal is known to show hyperlinks (OSC 8).

    Others may print them as rubbish, so only known ones get them, and not
    through tmux or screen, which pass them on only where set up to.
    FORCE_HYPERLINK decides where it's set: 0 for no, anything else for yes.
    """
    forced = environment.get("FORCE_HYPERLINK")
    if forced:
        return forced != "0"
    if not on_terminal or environment.get("TERM") == "dumb":
        return False
    if "TMUX" in environment or environment.get("TERM", "").startswith("screen"):
        return False
    vte = environment.get("VTE_VERSION", "")
    return (
        environment.get("TERM_PROGRAM") in _PROGRAMS
        or any(environment.get(name) for name in _VARIABLES)
        or (vte.isdigit() and int(vte) >= _VTE)
    )


def _links(corpus_folder: Path) -> Callable[[Source], str]:
    """Return a function that gives the address of a place in the corpus.

    The forms are those of ripgrep's ``--hyperlink-format`` for each program.
    """
    from urllib.parse import quote

    folder = corpus_folder.resolve()
    if os.environ.get("TERM_PROGRAM") == "vscode":

        def address(source: Source) -> str:
            path = quote(os.fsencode(folder / source.path))
            return f"vscode://file{path}:{source.line}:{source.column}"
    else:
        import socket

        host = socket.gethostname()

        def address(source: Source) -> str:
            path = quote(os.fsencode(folder / source.path))
            return f"file://{quote(host)}{path}#{source.line}"

    return address
