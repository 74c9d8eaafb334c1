"""Bytes of a file to text, whatever wrote them.

UTF-8 is expected.  UTF-16 is known by its mark, or by its zero bytes; what isn't
UTF-8 is read byte by byte as Windows-1252, or as Mac Roman where its letters make
more sense so: files put together from several exports have more than one encoding.
"""

from __future__ import annotations

import codecs
import re

from evidence_search.records import Problem, Source

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_SAMPLE = 4000
# Bytes that are letters of words in one encoding, and signs or nothing in the other.
_MAC_LETTERS = re.compile(
    rb"[a-z][\x80-\x84\x86-\x90\x95\x98-\x9f]|[\x80-\x84\x86-\x90\x98-\x9f][a-z]"
)
_WINDOWS_LETTERS = re.compile(
    rb"[a-z][\xc0-\xc6\xc9\xcb-\xcf\xd1\xd6-\xff]|[\xc0-\xc6\xc9\xcb-\xcf\xd1\xd6-\xff][a-z]"
)
_NAMES = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman"}
_SAVE = "open it, and save it as plain text or as a web page (.txt, .html)"
_NO_TEXT = {
    b"%PDF-": ("a PDF", "open it, and copy its text into a file of plain text (.txt)"),
    b"{\\rtf": ("rich text", _SAVE),
    b"\xd0\xcf\x11\xe0": (
        "a document of Office before 2007", f"{_SAVE}, or a table as a workbook of today (.xlsx)",
    ),
    b"PK\x03\x04": (
        "a document of Word or LibreOffice, or another archive", f"{_SAVE}, or unpack it",
    ),
    b"\x1f\x8b": ("an archive", "unpack it"),
}  # fmt: skip
"""How files begin that hold text, but aren't text: what they are, and what makes text of them."""


def decode(data: bytes, path: str) -> tuple[str, tuple[Problem, ...]]:
    """Return the text of a file, and a warning where it isn't all UTF-8 or UTF-16."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            data = data.removeprefix(mark) if encoding == "utf-8" else data
            break
    else:
        encoding = _utf_16_without_mark(data[:_SAMPLE]) or "utf-8"
    if encoding != "utf-8":
        return data.decode(encoding, errors="replace"), ()
    try:
        return data.decode(), ()
    except UnicodeDecodeError as error:
        other = _other_encoding(data)
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        problem = Problem(
            Source(path, line, column, line, column + 1),
            "warning",
            "not-utf-8",
            f"expected UTF-8, found the byte 0x{data[error.start]:02x}; read as "
            f"{_NAMES[other]}: save the file as UTF-8",
        )
        return data.decode(errors=f"evidence-search-{other}"), (problem,)


def no_text(data: bytes) -> tuple[str, str] | None:
    """Return what a file is that isn't text, and what to do with it; ``None`` for any other."""
    return next((said for begins, said in _NO_TEXT.items() if data.startswith(begins)), None)


def _utf_16_without_mark(sample: bytes) -> str | None:
    """Tell UTF-16 by its zero bytes: every other byte of what is mostly ASCII."""
    half = len(sample) // 2
    if half < 2:
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > half * 0.7 and even < half * 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.7 and odd < half * 0.1 else None


def _other_encoding(data: bytes) -> str:
    mac, windows = len(_MAC_LETTERS.findall(data)), len(_WINDOWS_LETTERS.findall(data))
    return "mac_roman" if mac > windows else "cp1252"


def _register(encoding: str) -> None:
    def read_as_other(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        piece = error.object[error.start : error.end]
        return piece.decode(encoding, errors="replace"), error.end

    codecs.register_error(f"evidence-search-{encoding}", read_as_other)


for _encoding in _NAMES:
    _register(_encoding)


def fold_spaces(text: str) -> str:
    """Return text with one blank for all white space between words, and none around them.

    A long text isn't split: the words of a file that is one line take twelve times its size.
    """
    if len(text) < _LONG:
        return " ".join(text.split())
    return _SPACES.sub(" ", text).strip()


_LONG = 100_000
_SPACES = re.compile(r"[^\S ]\s*| \s+")
"""White space that isn't one blank."""
