"""JSON Schema made of types, so that what is described is what is read and answered.

A type may say more of itself, as ``Annotated``: a text describes it, ``Bounds`` and ``Choice``
restrict it.
"""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints, is_typeddict

COMPONENTS = "#/components/schemas/"
"""Where OpenAPI has the types that have a name."""
DEFINITIONS = "#/$defs/"
"""Where a schema of its own has them."""

_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}
_BOUNDED = {
    "integer": ("minimum", "maximum"),
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
}


class Bounds(NamedTuple):
    """The least and the most: of a number, of characters of a text, of items of a list."""

    least: int
    most: int


class Choice(NamedTuple):
    """The texts that a text may be."""

    names: tuple[str, ...]


def fields(shape: Any) -> dict[str, Any]:
    """Return the types of the fields of a ``TypedDict``, each with what it says of itself."""
    return get_type_hints(shape, include_extras=True)


def parted(shape: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return a type without what it says of itself, and that."""
    if get_origin(shape) is Annotated:
        return shape.__origin__, shape.__metadata__
    return shape, ()


def schema(shape: Any, where: str = COMPONENTS) -> dict[str, Any]:
    """Return the JSON Schema of a type; one with a name is a reference to ``where``."""
    bare, remarks = parted(shape)
    value = _schema(bare, where)
    for remark in remarks:
        if isinstance(remark, str):
            value["description"] = remark
        elif isinstance(remark, Choice):
            value["enum"] = list(remark.names)
        else:
            value |= dict(zip(_BOUNDED[value["type"]], remark, strict=True))
    return value


def _schema(shape: Any, where: str) -> dict[str, Any]:
    if is_typeddict(shape):
        return {"$ref": f"{where}{shape.__name__}"}
    if shape is object:
        return {}
    if shape in _PLAIN:
        return {"type": _PLAIN[shape]}
    parts = get_args(shape)
    if get_origin(shape) is list:
        return {"type": "array", "items": schema(parts[0], where)}
    if get_origin(shape) is dict:
        return {"type": "object", "additionalProperties": schema(parts[1], where)}
    assert isinstance(shape, UnionType)  # noqa: S101  # no type of ours is of another kind
    return {"anyOf": [schema(part, where) for part in parts]}


def named(shape: Any) -> dict[str, Any]:
    """Return the types that have a name in a type, itself included, by name."""
    bare, _ = parted(shape)
    if not is_typeddict(bare):
        inner = [named(part) for part in get_args(bare)]
    else:
        inner = [{bare.__name__: bare}, *(named(part) for part in fields(bare).values())]
    return {name: found for part in inner for name, found in part.items()}


def written_out(shape: Any, where: str = COMPONENTS) -> dict[str, Any]:
    """Return the JSON Schema of a ``TypedDict`` with its fields."""
    return {
        "type": "object",
        "description": " ".join((shape.__doc__ or "").split()),
        "properties": {name: schema(kind, where) for name, kind in fields(shape).items()},
        "required": sorted(shape.__required_keys__),
        "additionalProperties": False,
    }


def whole(shape: Any) -> dict[str, Any]:
    """Return the JSON Schema of a type, an object, with all that it refers to in itself."""
    bare, _ = parted(shape)
    parts = named(bare)
    value = schema(bare, DEFINITIONS)
    if is_typeddict(bare):
        del parts[bare.__name__]
        value = written_out(bare, DEFINITIONS)
    defined = {name: written_out(part, DEFINITIONS) for name, part in parts.items()}
    return value | ({"$defs": defined} if defined else {})
