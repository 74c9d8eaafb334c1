"""The name of a language by whatever a file calls it: "English" for en, eng, en-GB and ENGLISH.

``languages.tsv`` has the codes of ISO 639-1 and 639-2, which MARC, MEDLINE and RIS use.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = Path(__file__).parent / "languages.tsv"


def language_name(text: str | None) -> str | None:
    """Return the name of a language in English; what isn't known as it is, nothing for nothing."""
    if not text:
        return None
    wanted = text.strip().casefold().replace("_", "-")
    names = _names()
    return names.get(wanted) or names.get(wanted.partition("-")[0]) or text.strip()


def is_language(name: str) -> bool:
    """Tell whether this is the English name of a language, in small letters."""
    return len(name) > 3 and language_name(name) != name


@cache
def _names() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for row in _FILE.read_text(encoding="utf-8").splitlines():
        name, codes = row.split("\t")
        names |= dict.fromkeys((name.casefold(), *codes.split()), name)
    return names
