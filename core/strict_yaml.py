"""Strict YAML: what an author wrote, checked against a model, every fault with its line.

Refused: unknown keys, values of another type than declared, and everything that `core.yaml_text` refuses. A model
derived from `Written` knows the line on which it begins.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.fields import FieldInfo

from core.errors import MianshenError
from core.findings import Finding, Place, nearest_help
from core.yaml_text import LINE_KEY, Parsed, YamlCode, YamlFaultsError, parse_tree

NAMING_KEYS = ("id", "code", "name")  # by one of these, items of lists are known to their author
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


class Written(BaseModel):
    """One mapping of a YAML file; strict, immutable, and aware of its line."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    line: Annotated[int, Field(alias=LINE_KEY, ge=1, exclude=True, repr=False)] = 1

    @model_validator(mode="before")
    @classmethod
    def _free_mappings(cls, tree: Any) -> Any:  # noqa: ANN401  # a YAML tree
        """Take the line mark out of mappings whose keys the author chooses."""
        if not isinstance(tree, dict):
            return tree
        free = {_key(name, field) for name, field in cls.model_fields.items() if get_origin(field.annotation) is dict}
        return {
            key: {k: v for k, v in value.items() if k != LINE_KEY} if key in free and isinstance(value, dict) else value
            for key, value in tree.items()
        }


Model = TypeVar("Model", bound=Written)


def read_yaml(path: Path, model: type[Model], *, error: type[MianshenError], name: str | None = None) -> Model:
    """Return a file as a model.

    Fails: `error`, with one finding per fault; places carry `name`, or the path where none is given.
    """
    place = name or str(path)
    return parse_yaml(read_text(path, error=error, name=place), model, error=error, name=place)


def read_text(path: Path, *, error: type[MianshenError], name: str) -> str:
    """Return a file's text.

    Fails: `error`, where it cannot be read or is not UTF-8; the place carries `name`.
    """
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise error.one(YamlCode.UNREADABLE, name, f"the file cannot be read: {fault.strerror}") from fault
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        raise error.one(YamlCode.UNREADABLE, Place(name, line), "the file is not UTF-8", "save it as UTF-8") from fault


def parse_yaml(text: str, model: type[Model], *, error: type[MianshenError], name: str) -> Model:
    """Return a text as a model; as `read_yaml`."""
    return parse_located(text, model, error=error, name=name)[0]


def parse_located(
    text: str, model: type[Model], *, error: type[MianshenError], name: str
) -> tuple[Model, Mapping[tuple[str | int, ...], int]]:
    """Return a text as a model, as `read_yaml`, and the line on which each of its values begins."""
    try:
        parsed = parse_tree(text, name)
    except YamlFaultsError as faults:
        raise error(faults.findings) from None
    try:
        return model.model_validate(parsed.tree), parsed.value_lines
    except ValidationError as faults:
        raise error(_findings(faults, model, parsed, name)) from None


def _findings(faults: ValidationError, model: type[Written], parsed: Parsed, name: str) -> Iterator[Finding]:
    for fault in faults.errors():
        loc = _steps(fault["loc"], parsed.tree)
        word = str(loc[-1]) if loc else ""
        place = Place(name, _line_of(loc, parsed.lines))
        match fault["type"]:
            case "extra_forbidden":
                known = _known_keys(model, loc[:-1])
                yield Finding(YamlCode.UNKNOWN_KEY, place, f"unknown key `{word}`", nearest_help(word, known, "key"))
            case "missing":
                inside = f" in {_name_of(loc[:-1], parsed.tree)}" if len(loc) > 1 else ""
                yield Finding(YamlCode.MISSING_KEY, place, f"the key `{word}` is missing{inside}")
            case _:
                what = f"{_name_of(loc, parsed.tree)}: " if loc else ""
                yield Finding(YamlCode.WRONG_VALUE, place, f"{what}{_complaint(fault)}", _remedy(fault))


def _steps(loc: tuple[str | int, ...], tree: Any) -> tuple[str | int, ...]:  # noqa: ANN401  # a YAML tree
    """Leave out the parts of a location that pydantic adds for unions."""
    steps: list[str | int] = []
    node = tree
    for position, step in enumerate(loc):
        if isinstance(node, dict) and step in node:
            node = node[step]
        elif isinstance(node, tuple) and isinstance(step, int) and step < len(node):
            node = node[step]
        elif position != len(loc) - 1 or not isinstance(node, dict):
            continue
        steps.append(step)
    return tuple(steps)


def _name_of(loc: tuple[str | int, ...], tree: Any) -> str:  # noqa: ANN401  # a YAML tree
    """Say which part of a file stands at a location: `amount`, `card` of `criteria`, the second item of `tariff`."""
    place = loc[-1]
    if isinstance(place, str):
        return f"`{place}`"
    node = tree
    for step in loc:
        node = node[step]
    own = next((node[key] for key in NAMING_KEYS if key in node), None) if isinstance(node, dict) else None
    name = f"`{own}`" if isinstance(own, str) else f"the {_ordinal(place + 1)} item"
    of = next(step for step in reversed(loc) if isinstance(step, str))
    return f"{name} of `{of}`"


def _ordinal(number: int) -> str:
    if number <= len(ORDINALS):
        return ORDINALS[number - 1]
    tens, ones = number // 10 % 10, number % 10
    return f"{number}{'th' if tens == 1 else ('th', 'st', 'nd', 'rd', *['th'] * 6)[ones]}"


def _line_of(loc: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int]) -> int:
    while loc and loc not in lines:
        loc = loc[:-1]
    return lines.get(loc, 1)


def _known_keys(model: type[Written], loc: tuple[str | int, ...]) -> set[str]:
    """Return the keys that the mapping at a location may have."""
    models: set[type[BaseModel]] = {model}
    for step in loc:
        if isinstance(step, int):
            continue
        fields = [m.model_fields[step] for m in models if step in m.model_fields]
        found = {inner for field in fields for inner in _models_in(field.annotation)}
        models = found or models
    return {_key(name, field) for m in models for name, field in m.model_fields.items()} - {LINE_KEY}


def _key(name: str, field: FieldInfo) -> str:
    return field.alias or name


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401  # any annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


_EXPECTED = {
    "string_type": "expected a text",
    "int_type": "expected a whole number",
    "bool_type": "expected true or false",
    "list_type": "expected a list",
    "tuple_type": "expected a list",
    "dict_type": "expected a mapping",
    "model_type": "expected a mapping",
    "date_type": "expected a day such as 2025-07-01",
    "date_from_datetime_inexact": "expected a day without a time",
}


def _complaint(fault: Any) -> str:  # noqa: ANN401  # pydantic's error dictionary
    kind = str(fault["type"])
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    if kind in {"literal_error", "enum"}:
        return f"`{fault['input']}` is not one of {fault['ctx']['expected']}".replace("'", "`")
    if kind == "value_error":
        return str(fault["ctx"]["error"])
    message = str(fault["msg"])
    return message[:1].lower() + message[1:]


def _remedy(fault: Any) -> str | None:  # noqa: ANN401  # pydantic's error dictionary
    if fault["type"] == "string_type" and isinstance(fault["input"], int | Decimal):
        return f'put it in quotes: "{fault["input"]}"'
    if fault["type"] in {"literal_error", "enum"}:
        expected = str(fault["ctx"]["expected"]).replace(" or ", ", ")
        return nearest_help(str(fault["input"]), [w.strip(" '") for w in expected.split(",")], "word")
    return None
