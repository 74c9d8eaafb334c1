"""Listings to documents: one record for one document, however often it is listed.

A *listing* is a record as a file has it: an entry of a cell, a reference of an
export.  ``identity`` says what of it tells a document from others;
``comparing`` holds two documents against each other; ``grouping`` says which
listings are of one document, from listings and ``decisions`` alone;
``record`` makes one record of them; ``proposing`` finds pairs that may be one
document, for a person to decide on.

Rejected: clustering by a learnt or weighted score (nobody could say why two
records were merged), and joining listings as they come (the order of files
would have a say).
"""

from __future__ import annotations

VERSION = 2
"""Changes whenever the same listings would give other documents, so that an index is rebuilt."""

DUPLICATES = "duplicates.txt"
"""The file of a corpus in which a person's decisions on duplicates are kept."""
