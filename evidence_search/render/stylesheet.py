"""What pages, pictures and figures share: the stylesheet, shades, and the names of cells."""

from __future__ import annotations

from functools import cache
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"


@cache
def stylesheet() -> str:
    """Return the stylesheet of pages, pieces and pictures."""
    return (TEMPLATES / "evidence-search.css").read_text(encoding="utf-8")


def shade(n: int, most: int) -> int:
    """Return how dark to shade a cell, in per cent: black and white both read on the darkest."""
    return round(6 + 39 * n / most) if n else 0


def cell_id(row: int, column: int) -> str:
    """Return the name by which links find the records of a cell; it counts from 0."""
    return f"cell-{row}-{column}"
