"""Which commands there are; apart from the commands, so that it is known without click."""

from __future__ import annotations

COMMANDS = {
    "search": "searching:search",
    "facets": "exploring:facets",
    "map": "seeing:map_",
    "timeline": "seeing:timeline",
    "stats": "seeing:stats",
    "similar": "exploring:similar",
    "explain": "exploring:explain",
    "kwic": "exploring:kwic",
    "replay": "repeating:replay",
    "save": "repeating:save",
    "new": "repeating:new",
    "saved": "repeating:saved",
    "list": "reading:list_",
    "show": "reading:show",
    "index": "keeping:index",
    "check": "checking:check",
    "evaluate": "evaluating:evaluate",
    "completion": "completing:completion",
    "man": "manual:man",
}
"""Where each command is, as module and name, in the order that ``--help`` shows."""
