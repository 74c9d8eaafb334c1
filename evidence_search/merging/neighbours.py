"""What a listing has in common with all those that may have a say in which document it is of.

Grouping compares documents that share a key alone, and ids are told apart where they are the
same.  So where listings come and go, only those that share a key with them, and with these,
and so on, can be grouped or called otherwise than before.  An index keeps the keys of each
document, as short digests, to find these.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections import defaultdict
from typing import TYPE_CHECKING

from evidence_search.merging.decisions import SAME, names_of
from evidence_search.merging.grouping import blocks
from evidence_search.merging.identity import lasting_ids, unnumbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from evidence_search.merging.decisions import Decisions
    from evidence_search.merging.identity import Identity

_BYTES = 8


def binding(identity: Identity) -> list[object]:
    """Return the keys that count however many documents share them: ids, and that of copies."""
    ids = lasting_ids(identity.keys)
    copies = [identity.facts] if identity.title else []
    return [*ids] or [unnumbered(identity.id), *copies]


def sharing(identity: Identity) -> Iterator[object]:
    """Yield the keys that say nothing where more documents share them than ``grouping.LARGE``."""
    yield from (key for key in identity.keys if key.startswith(("pmcid:", "link:")))
    yield from blocks(identity)


def digests(identities: Iterable[Identity]) -> list[str]:
    """Return all keys of a document's listings as an index keeps them, sorted."""
    keys = {
        key
        for identity in identities
        for key in (unnumbered(identity.id), *binding(identity), *sharing(identity))
    }
    return sorted(map(digest, keys))


def digest(key: object) -> str:
    """Return eleven letters, digits, hyphens and underscores that tell a key from all others."""
    import hashlib  # it loads OpenSSL: not for every search

    text = repr(key).encode("utf-8", "surrogatepass")
    hashed = hashlib.blake2b(text, digest_size=_BYTES).digest()
    return urlsafe_b64encode(hashed).rstrip(b"=").decode()


class Links:
    """Which listings a person said are the same as others, by keys of these."""

    def __init__(self, decisions: Decisions) -> None:
        self._others: Mapping[str, set[object]] = defaultdict(set)
        for decision in decisions.lines:
            if decision.kind == SAME:
                self._others[decision.one].update(_keys_of(decision.other))
                self._others[decision.other].update(_keys_of(decision.one))

    def of(self, identity: Identity) -> Iterator[object]:
        """Yield keys that all listings have that are said to be the same as a listing."""
        if self._others:
            for name in names_of(identity):
                yield from self._others.get(name, ())


def _keys_of(name: str) -> Iterator[object]:
    """Yield keys of which every listing that is called by a name has one."""
    yield name
    yield unnumbered(name)
    yield unnumbered(name.rpartition("@")[0])
    yield from lasting_ids((name,))
