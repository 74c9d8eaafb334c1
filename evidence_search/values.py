"""Frozen values: what frozen dataclasses with slots give, at the import cost of plain classes.

The library's ``@dataclass`` compiles the methods of each class from text, which
takes half a millisecond a class whenever the module is imported, and
brings in ``inspect``.  The classes that every search needs would cost it a
fifth of its time, so they are a :class:`Value` instead: fields are annotated,
and may have defaults; instances are immutable, and equal when type and
fields are.

Rejected: ``NamedTuple`` (values of two types would be equal when their fields
are, and a record would have a length), and attrs (slower still to import).
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: object):
        """Do nothing: the library has it from Python 3.11 on, and only type checkers read it."""
        return lambda decorated: decorated


@dataclass_transform(frozen_default=True)
class _ValueType(type):
    """Makes slots of the annotated fields, and puts their defaults aside."""

    __match_args__: tuple[str, ...]
    _defaults: Mapping[str, Any]
    _setters: Sequence[Callable[[object, object], None]]
    _fields_of: Callable[[Any], Any]

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> _ValueType:
        fields = tuple(namespace.get("__annotations__", ()))
        defaults = {field: namespace.pop(field) for field in fields if field in namespace}
        namespace.update(__slots__=fields, __match_args__=fields, _defaults=defaults)
        namespace["_fields_of"] = staticmethod(attrgetter(*fields) if fields else _no_fields)
        made = super().__new__(cls, name, bases, namespace)
        made._setters = [made.__dict__[field].__set__ for field in fields]
        return made


def _no_fields(_: object) -> tuple[()]:
    return ()


class Value(metaclass=_ValueType):
    """The base of frozen values.  A default must be something that nobody changes."""

    def __init__(self, *values: Any, **named: Any) -> None:
        setters = type(self)._setters
        given: Sequence[Any] = values
        if named or len(values) != len(setters):
            given = _completed(type(self), values, named)
        for put, value in zip(setters, given, strict=True):
            put(self, value)

    if not TYPE_CHECKING:  # which would take it as leave to set any attribute

        def __setattr__(self, name: str, value: object) -> None:
            raise AttributeError(f"{type(self).__name__} is frozen: can't set {name!r}")

        def __delattr__(self, name: str) -> None:
            raise AttributeError(f"{type(self).__name__} is frozen: can't delete {name!r}")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        fields_of = type(self)._fields_of
        return bool(fields_of(self) == fields_of(other))

    def __hash__(self) -> int:
        return hash((type(self), type(self)._fields_of(self)))

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in type(self).__match_args__)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, name) for name in type(self).__match_args__)

    def __replace__(self, /, **changes: Any) -> Any:
        names = type(self).__match_args__
        return type(self)(**{**{name: getattr(self, name) for name in names}, **changes})


V = TypeVar("V", bound=Value)


def replace(value: V, **changes: Any) -> V:
    """Return a copy of ``value`` with some fields changed, as ``copy.replace`` of Python 3.13."""
    copy: V = value.__replace__(**changes)
    return copy


def _completed(cls: _ValueType, values: Sequence[Any], named: Mapping[str, Any]) -> list[Any]:
    """Return a value for each field, or raise ``TypeError`` as a function's call would."""
    fields = cls.__match_args__
    given = dict(zip(fields, values, strict=False))
    merged = {**cls._defaults, **given, **named}
    twice = given.keys() & named if given else ()
    if len(merged) != len(fields) or len(values) > len(fields) or twice or merged.keys() - fields:
        raise TypeError(
            f"{cls.__name__}: expected {', '.join(fields) or 'nothing'}; found "
            f"{len(values)} values and {', '.join(named) or 'no names'}"
        )
    return [merged[field] for field in fields]
