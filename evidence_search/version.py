"""The version of the program, as packaging and the log of searches have it."""

from __future__ import annotations

__version__ = "0.1.0"
