"""How a value asks to be drawn, by a notebook, as text, or to be exported.

Values stand below the formats that draw them, so they don't import them.  The
package's face, which every import of the package runs first, puts ``render`` here.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing the package imports nothing else
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class _Hook:
    render: Callable[[str, str, Any], Any]


HOOK = _Hook()
"""``HOOK.render(kind, form, value)`` gives the pieces of a value drawn in a format."""


def drawn(kind: str, form: str, value: Any) -> str:
    """Return a value of a kind in one of the formats of that kind, as ``render`` has them."""
    return "".join(HOOK.render(kind, form, value))


class Displayed:
    """Something that a notebook shows as its kind, of those of ``render``, is drawn there."""

    __slots__ = ()
    _kind = ""

    def _repr_html_(self) -> str:
        return drawn(self._kind, "notebook", self)
