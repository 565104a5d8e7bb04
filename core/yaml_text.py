"""YAML text → a plain tree, and the line of each of its parts.

The core schema of YAML 1.2 with days: `no` is a text, `0.6` the decimal that stands there and not the nearest
binary fraction. Refused: duplicate keys, anchors, aliases, tags, and texts that are too large or too deep.
"""

import datetime as dt
import re
from decimal import Decimal
from typing import Any, NamedTuple

import yaml
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, NodeEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from core.findings import Code, Finding, Place

BYTES_MAX = 1_000_000  # a rule version has some kilobytes; anything near this is not one
DEPTH_MAX = 20  # the deepest shipped file uses seven levels
PARTS_MAX = 50_000  # keys and values; the largest shipped file has some 3,000
DIGITS_MAX = 40  # of a number, written out; more than any amount or scale has
LINE_KEY = "__line__"
"""The key under which a mapping keeps the line on which it begins."""

Path = tuple[str | int, ...]
Scalar = str | int | bool | Decimal | dt.date | dt.datetime | None


class YamlCode(Code):
    """Faults in the form of a YAML file, whoever wrote it."""

    UNREADABLE = "Y101"
    SYNTAX = "Y102"
    DUPLICATE_KEY = "Y103"
    ALIAS = "Y104"
    TOO_LARGE = "Y105"
    UNKNOWN_KEY = "Y106"
    MISSING_KEY = "Y107"
    WRONG_VALUE = "Y108"


class Parsed(NamedTuple):
    """A text as plain mappings, tuples and scalars.

    `lines` says where each part is named: the line of its key, or of its place in a list. `value_lines` says where
    its value begins; of a folded or literal text, the first line after the sign.
    """

    tree: dict[str, Any]
    lines: dict[Path, int]
    value_lines: dict[Path, int]


class YamlFaultsError(Exception):
    """A text that is no acceptable YAML; whoever asked for it says who has to mend it."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = findings
        super().__init__(*findings)


class _Loader(yaml.CSafeLoader):
    """Composes nodes; what a plain scalar means is decided here, not by YAML 1.1."""

    yaml_implicit_resolvers = {}  # how the package wants it


_CORE_SCHEMA: tuple[tuple[str, str, str], ...] = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL", "~nN"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ].+)?", "0123456789"),
)
_TAG = "tag:yaml.org,2002:"
for _name, _pattern, _firsts in _CORE_SCHEMA:
    _Loader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(rf"^(?:{_pattern})$"), list(_firsts))
_Loader.add_implicit_resolver(f"{_TAG}null", re.compile(r"^$"), [""])
_KNOWN_TAGS = frozenset({f"{_TAG}{name}" for name in ("str", "map", "seq", *(each for each, _, _ in _CORE_SCHEMA))})


def parse_tree(text: str, name: str) -> Parsed:
    """Return a text as a plain tree; places carry `name`.

    Fails: YamlFaultsError with every duplicate key, or with the first fault of another kind.
    """
    if len(text.encode("utf-8", "replace")) > BYTES_MAX:
        raise _fault(YamlCode.TOO_LARGE, Place(name), f"the file is larger than {BYTES_MAX:,} bytes")
    try:
        _refuse_references(text, name)
        root = compose(text)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        where = Place(name, mark.line + 1 if mark else None)
        raise _fault(YamlCode.SYNTAX, where, f"not valid YAML: {fault.problem or fault.context}") from None
    except UnicodeEncodeError:  # half of a pair of code units, from a text that was no file
        raise _fault(YamlCode.UNREADABLE, Place(name), "the file is not UTF-8", "save it as UTF-8") from None
    except yaml.YAMLError as fault:
        raise _fault(YamlCode.SYNTAX, Place(name), f"not valid YAML: {str(fault).splitlines()[0]}") from None
    if not isinstance(root, MappingNode):
        raise _fault(YamlCode.WRONG_VALUE, Place(name, 1), "the file must be a mapping of keys to values")
    building = _Building(name)
    tree = building.plain(root, ())
    if building.faults:
        raise YamlFaultsError(*building.faults)
    return Parsed(tree, building.lines, building.value_lines)


def compose(text: str) -> Node | None:
    """Return a text as YAML nodes, each with its place and with the tag that our schema gives it.

    Fails: yaml.YAMLError.
    """
    return yaml.compose(text, Loader=_Loader)


def _fault(code: YamlCode, place: Place, message: str, remedy: str | None = None) -> YamlFaultsError:
    return YamlFaultsError(Finding(code, place, message, remedy))


def _refuse_references(text: str, name: str) -> None:
    """Walk the events before anything is built, so that an alias bomb costs nothing."""
    depth = documents = 0
    for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            message = "anchors and aliases are not allowed"
            raise _fault(YamlCode.ALIAS, _where(event, name), message, "write the value out where it is used")
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if count > PARTS_MAX:
            raise _fault(
                YamlCode.TOO_LARGE, _where(event, name), f"the file has more than {PARTS_MAX:,} keys and values"
            )
        if depth > DEPTH_MAX:
            raise _fault(YamlCode.TOO_LARGE, _where(event, name), f"nested deeper than {DEPTH_MAX} levels")
        if documents > 1:
            raise _fault(
                YamlCode.SYNTAX,
                _where(event, name),
                "not valid YAML: a second document begins",
                "keep one in a file",
            )


def _where(event: yaml.Event, name: str) -> Place:
    return Place(name, event.start_mark.line + 1 if event.start_mark else None)


class _Building:
    """The building of one tree."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Path, int] = {}
        self.value_lines: dict[Path, int] = {}
        self.faults: list[Finding] = []

    def plain(self, node: Node, path: Path) -> Any:  # noqa: ANN401  # a YAML tree
        """Return a node as plain values and remember where its parts stand."""
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        self.value_lines[path] = line + (isinstance(node, ScalarNode) and node.style in {"|", ">"})
        if node.tag not in _KNOWN_TAGS:
            self._add(YamlCode.SYNTAX, line, f"not valid YAML: the tag `{node.tag}` is not allowed", "leave it out")
            return None
        match node:
            case MappingNode():
                return self._mapping(node, path)
            case SequenceNode():
                return tuple(self.plain(item, (*path, index)) for index, item in enumerate(node.value))
            case ScalarNode():
                return self._scalar(node, line)
            case _:
                raise AssertionError(node)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        plain: dict[str, Any] = {LINE_KEY: node.start_mark.line + 1}
        for key_node, value in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self._add(YamlCode.SYNTAX, line, "not valid YAML: a key must be a word")
                continue
            key = str(key_node.value)
            if key in plain:
                self._add(YamlCode.DUPLICATE_KEY, line, f"`{key}` stands twice", "keep one of them")
            self.lines[*path, key] = line
            plain[key] = self.plain(value, (*path, key))
        return plain

    def _scalar(self, node: ScalarNode, line: int) -> Scalar:
        word, tag = str(node.value), node.tag.removeprefix(_TAG)
        if tag in {"int", "float"} and _digit_count(word) > DIGITS_MAX:
            self._add(YamlCode.TOO_LARGE, line, f"a number has more than {DIGITS_MAX} digits", "write fewer")
            return None
        try:
            match tag:
                case "bool":
                    return word.lower() == "true"
                case "null":
                    return None
                case "int":
                    return int(word)
                case "float":
                    return Decimal(word)
                case "timestamp":
                    return (
                        dt.date.fromisoformat(word)
                        if len(word) == len("2025-07-01")
                        else dt.datetime.fromisoformat(word)
                    )
                case _:
                    return word
        except (ValueError, ArithmeticError):
            self._add(YamlCode.SYNTAX, line, f"not valid YAML: `{word}` is no day", "write it as 2025-07-01")
            return None

    def _add(self, code: YamlCode, line: int, message: str, remedy: str | None = None) -> None:
        self.faults.append(Finding(code, Place(self.name, line), message, remedy))


def _digit_count(word: str) -> int:
    """Return how many digits a number has, written out: `1e9` has ten."""
    mantissa, _, exponent = word.lower().partition("e")
    if len(mantissa) > DIGITS_MAX + len("-0.") or len(exponent) > len(str(DIGITS_MAX)) + len("-"):
        return DIGITS_MAX + 1
    return sum(each.isdigit() for each in mantissa) + abs(int(exponent or 0))
