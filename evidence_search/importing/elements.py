"""XML cut into the elements that hold an entry each, so that a broken one costs only itself.

Each is parsed alone: no document type, hence no entity of its own, is ever seen.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def elements(text: str, *names: str) -> Iterator[tuple[int, str]]:
    """Yield each element of some names, none of them within another, with the line it begins on.

    One without an end goes on to the beginning of the next.
    """
    begins = re.compile(rf"<({'|'.join(names)})(?:\s[^<>]*)?>")
    line, at = 1, 0
    match = begins.search(text)
    while match:
        following = begins.search(text, match.end())
        limit = following.start() if following else len(text)
        close = f"</{match[1]}>"
        end = text.find(close, match.end(), limit)
        line += text.count("\n", at, match.start())
        at = match.start()
        yield line, text[at : limit if end < 0 else end + len(close)]
        match = following
