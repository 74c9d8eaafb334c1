"""What tells one document from another: the identity of a listing, normalised.

An :class:`Identity` is small and made of JSON values, so that an index can keep
that of every listing and decide anew which belong together without reading
the listings themselves.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from evidence_search.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from evidence_search.records import Contributor, StudyRecord

SCHEMES = ("doi", "pmid", "pmcid", "link")
"""The kinds of identifiers, the most telling first."""

_DOI = lazy_pattern(r"10\.\d{1,9}(?:\.\d+)*/\S+")
_DOI_OF_LINK = lazy_pattern(r"/doi/(?:[a-z]{2,8}/)?(10\.\d{4,9}/[^\s?#]+)")
_AFTER_DOI = lazy_pattern(
    r"/(?:full|fulltext|abstract|abs|summary|pdf|epdf|html|meta|references)/?$"
)
_PMID_OF_LINK = lazy_pattern(
    r"^(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed|pubmed\.gov)/(\d{1,8})(?:/|$)"
)
_PMCID_OF_LINK = lazy_pattern(
    r"^(?:(?:www\.)?ncbi\.nlm\.nih\.gov/pmc|pmc\.ncbi\.nlm\.nih\.gov)/articles/(pmc\d+)",
    re.IGNORECASE,
)
_TRACKING = lazy_pattern(
    r"^(?:utm_\w+|fbclid|gclid|mc_[ce]id|casa_token|_ga|sessionid|jsessionid)$"
)
_WORD = lazy_pattern(r"[^\W_]+")
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"}
)
_PARTICLES = frozenset(
    "van von der den de la le del della di da dos das du ter ten te el al bin ibn zu zur af".split()
)
_LITTLE_WORDS = frozenset("the of and for in on a an to de la und der die".split())
_NAMING = ("doi:", "pmid:")
_NUMBERS = lazy_pattern(r"(?:-\d{1,5})+$")  # the hash before them has six digits
_SLUG_LENGTH = 40
_AUTHORS = 10
"""Names that are compared; beyond them nobody tells papers apart."""


class Identity(NamedTuple):
    """What a listing says of which document it is.

    ``id`` is the listing's own; ``keys`` are its identifiers, each with its
    scheme ("doi:10.1/x"); ``authors`` are folded names (:func:`person`), or editors;
    ``page`` is the first of the pages.  ``text`` tells the summary from others.
    What a listing doesn't say is empty.
    """

    id: str
    title: str
    year: int | None = None
    keys: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    publisher: str = ""
    journal: str = ""
    volume: str = ""
    issue: str = ""
    page: str = ""
    text: str = ""

    @classmethod
    def of(cls, values: Sequence[Any]) -> Identity:
        """Return the identity that JSON gave back as a list."""
        name, title, year, keys, authors, *others = values
        return cls(name, title, year, tuple(keys), tuple(authors), *others)

    @property
    def facts(self) -> tuple[object, ...]:
        """All but the id: what two exact copies share."""
        return self[1:]


def identity(record: StudyRecord) -> Identity:
    """Return the identity of a listing."""
    return Identity(
        id=record.id,
        title=folded(record.title),
        year=record.year,
        keys=tuple(dict.fromkeys(_keys(record))),
        authors=tuple(filter(None, map(person, _contributors(record)))),
        publisher=folded(re.sub(r"\[[^\]]*\]", " ", record.publisher or "")),
        journal=_journal(record.journal or ""),
        volume=_number(record.volume),
        issue=_number(record.issue),
        page=_number(re.split("[-–—,]", record.pages or "", maxsplit=1)[0]),
        text=_digest(record.summary),
    )


def document_id(identities: Collection[Identity]) -> str:
    """Return the id of the document that some listings are of.

    It is made of the DOI, else the PMID, so that it outlives a corrected title;
    without either it is the first of the listings' ids, in alphabetical order.
    """
    known = sorted(key for identity in identities for key in identity.keys)
    for scheme in _NAMING:
        key = next((key for key in known if key.startswith(scheme)), "")
        if key:
            return _slug(key)
    return min(identity.id for identity in identities)


def lasting_ids(keys: Iterable[str]) -> list[str]:
    """Return the ids that a document may have by the DOIs and PMIDs among some identifiers."""
    return [_slug(key) for key in keys if key.startswith(_NAMING)]


def unnumbered(name: str) -> str:
    """Return an id without the numbers behind it that tell it from others: "a-3f2b1c-2"."""
    return _NUMBERS.sub("", name)


def _slug(key: str) -> str:
    """Return an identifier as an id, which may stand in an address or be a file's name."""
    scheme, _, value = key.partition(":")
    if scheme == "pmid":
        return f"pmid-{value}"
    slug = re.sub(r"[^a-z0-9.]+", "-", value)[:_SLUG_LENGTH].strip("-.")
    return f"{scheme}-{slug}-{_hash(key)[:6]}"


def _keys(record: StudyRecord) -> Iterator[str]:
    if found := doi(record.doi or ""):
        yield f"doi:{found}"
    if found := _number(record.pmid):
        yield f"pmid:{found}"
    if found := folded(record.pmcid or ""):
        yield f"pmcid:{found}"
    for url in filter(None, (record.url, *record.urls)):
        yield from link_keys(url)


def doi(text: str) -> str:
    """Return the DOI in a text, in any of the forms that it is written in, or ``""``.

    Case says nothing in a DOI: the DOI Handbook, 2.4.
    """
    match = _DOI.search(unquote(text).casefold())
    if not match:
        return ""
    found = match[0].rstrip(".,;:'\"”’>")
    while found.endswith(")") and found.count("(") < found.count(")"):  # "(doi: 10.1/x)"
        found = found[:-1].rstrip(".,;")
    return found


def link_keys(url: str) -> Iterator[str]:
    """Yield the identifiers that an address holds, or else the address, normalised."""
    place = link(url)
    if not place:
        return
    host = place.partition("/")[0]
    if host.endswith("doi.org"):
        found = doi(place)
        if found:
            yield f"doi:{found}"
        return
    if pmid := _PMID_OF_LINK.match(place):
        yield f"pmid:{pmid[1]}"
        return
    if pmcid := _PMCID_OF_LINK.match(place):
        yield f"pmcid:{pmcid[1].casefold()}"
        return
    if inside := _DOI_OF_LINK.search(unquote(place).casefold()):
        yield f"doi:{doi(_AFTER_DOI.sub('', inside[1]))}"
    yield f"link:{place}"


def link(url: str) -> str:
    """Return an address without what doesn't say where it leads; ``""`` for the page of a site.

    Scheme, "www.", ports, fragments, tracking and the order of parameters are left out.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    if parts.scheme.casefold() not in ("http", "https") or not host:
        return ""
    path = re.sub(r"/(?:index\.(?:html?|php))?$", "", re.sub(r";jsessionid=[^/]*", "", parts.path))
    try:
        parameters = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:  # more than a program would send
        return ""
    query = "&".join(
        sorted(f"{name}={v}" for name, v in parameters if not _TRACKING.match(name.casefold()))
    )
    if not path and not query:
        return ""
    return f"{host}{unquote(path)}{'?' if query else ''}{query}"


def folded(text: str) -> str:
    """Return the words of a text, without case, accents, punctuation and white space."""
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_LETTERS))
        text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(_WORD.findall(re.sub("['’‘ʼ]", "", text.replace("&", " and "))))


def person(name: Contributor) -> str:
    """Return a name folded: "berg j" for "van den Berg, Jan", "world-bank" for a body."""
    if name.literal:
        return folded(name.literal).replace(" ", "-")
    family = folded(name.family or "").split()
    family = [word for word in family if word not in _PARTICLES] or family
    return " ".join(("".join(family), folded(name.given or "")[:1])).strip()


def _contributors(record: StudyRecord) -> tuple[Contributor, ...]:
    """Return the authors of a record, or of one that has none, its editors."""
    for role in ("author", "editor"):
        found = tuple(c for c in record.contributors if c.role == role)
        if found:
            return found[:_AUTHORS]
    return ()


def _journal(name: str) -> str:
    """Return a journal's name without subtitle, place and little words."""
    name = re.sub(r"\([^)]*\)", " ", name)
    main = re.split(r"\s*[:=/]\s*", name, maxsplit=1)[0]
    return " ".join(w for w in folded(main or name).split() if w not in _LITTLE_WORDS)


def _number(text: str | None) -> str:
    """Return a volume, issue or page without words and zeros before it: "vol. 07" is "7"."""
    words = re.sub(r"\b(?:vol(?:ume)?|issue|no|nr|number|pp?|pages?)\b", " ", folded(text or ""))
    return re.sub(r"[^\w]", "", words).lstrip("0")


def _digest(text: str) -> str:
    words = folded(text)
    return _hash(words)[:12] if words else ""


def _hash(text: str) -> str:
    import hashlib  # it loads OpenSSL: not for every search

    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
