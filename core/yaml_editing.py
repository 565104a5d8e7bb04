"""Changes to a YAML text that keep every other byte: comments, order, quoting, line ends.

Values are found by where `core.yaml_text` reads them. Several changes are gathered and made at once; what an author
wrote around them stays.
"""

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

import yaml
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from core.yaml_text import Path, Scalar, compose

WIDTH_MAX = 100  # signs in a line that is written anew; a Chinese one is two columns wide
_NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")  # and what JSON escapes by itself

Item = Mapping[str, str]
"""One mapping to be written, each value as YAML text that may stand in a flow collection."""


def written_scalar(value: Scalar) -> str:
    """Return a value as YAML text that reads back as the same, also within a flow collection; in quotes if need be."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | dt.date():
            return str(value)
        case Decimal():
            return f"{value:f}"
        case str():
            return value if _reads_as_itself(value) else _quoted(value)


def written_line(value: str) -> str:
    """Return a text as the value of a key on a line of its own, where commas and brackets need no quotes."""
    try:
        node = compose(f"key: {value}")
    except yaml.YAMLError:
        return _quoted(value)
    pairs = node.value if isinstance(node, MappingNode) else []
    is_plain = len(pairs) == 1 and _is_text(pairs[0][1], value) and "\n" not in value
    return value if is_plain else _quoted(value)


def written_flow(values: Mapping[str, Scalar]) -> str:
    """Return a mapping in one line."""
    return "{" + ", ".join(f"{written_scalar(key)}: {written_scalar(value)}" for key, value in values.items()) + "}"


def written_list(values: Sequence[Scalar]) -> str:
    """Return a list in one line."""
    return f"[{', '.join(map(written_scalar, values))}]"


def _quoted(word: str) -> str:
    return _NOT_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(word, ensure_ascii=False))


def _reads_as_itself(word: str) -> bool:
    """Say whether a text needs no quotes wherever it stands."""
    try:
        node = compose(f"[{word}]")
        alone = compose(f"{word}: {word}")
    except yaml.YAMLError:
        return False
    inside = node.value if isinstance(node, SequenceNode) else []
    pairs = [part for pair in alone.value for part in pair] if isinstance(alone, MappingNode) else []
    return (
        len(inside) == 1 and len(pairs) == len(("key", "value")) and all(_is_text(n, word) for n in (*inside, *pairs))
    )


def _is_text(node: Node, word: str) -> bool:
    return isinstance(node, ScalarNode) and node.tag == "tag:yaml.org,2002:str" and node.value == word


@dataclass(frozen=True, slots=True)
class _Part:
    """A value's place: where its key or itself begins, where it begins and ends."""

    start: int
    value_start: int
    end: int
    node: Node


class YamlEditing:
    """One text and the changes to be made to it; nothing is changed before `text` is asked for.

    Expects: a text that `core.yaml_text.parse_tree` accepts.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._edits: list[tuple[int, int, str]] = []

    def text(self) -> str:
        """Return the text with all changes made."""
        out, at = [], 0
        for start, end, new in sorted(self._edits, key=lambda edit: edit[:2]):
            assert start >= at, "two changes of one place"
            out += [self._text[at:start], new]
            at = end
        return "".join([*out, self._text[at:]])

    def count(self, path: Path) -> int:
        """Return how many entries a list or a mapping has; 0 where it is not there."""
        part = self._parts.get(path)
        return len(part.node.value) if part is not None and isinstance(part.node, CollectionNode) else 0

    def has(self, path: Path) -> bool:
        """Say whether something stands at a path."""
        return path in self._parts

    def set(self, path: Path, value: str) -> None:
        """Put another value, given as YAML text, where one stands."""
        part = self._parts[path]
        self._edits.append((part.value_start, part.end, value))

    def append(self, key: str, items: Sequence[Item]) -> None:
        """Add items to the end of a list at the top; a list that is missing is begun at the end of the text."""
        self.insert((key,), self.count((key,)), items)

    def insert(self, path: Path, index: int, items: Sequence[Item]) -> None:
        """Add items to a list, before the one that stands at an index now."""
        if not items:
            return
        part, count = self._parts.get(path), self.count(path)
        if part is None:
            assert len(path) == 1, "only a list at the top is begun"
            self._edits.append((len(self._text), len(self._text), self._begun(str(path[0]), items)))
        elif count and not _is_flow(part.node):
            self._insert_lines(path, index, items)
        elif count:
            flow = ", ".join(map(_flow_item, items))
            at, new = (self._at(path, index - 1).end, f", {flow}") if index else (self._at(path, 0).start, f"{flow}, ")
            self._edits.append((at, at, new))
        else:
            lines = "".join(self._block_item(item, 2) for item in items)
            key_end = len(self._text[: part.value_start].rstrip())
            self._edits.append((key_end, part.end, self._newline + lines.removesuffix(self._newline)))

    def drop(self, path: Path) -> None:
        """Take an entry with its key out of a mapping."""
        names = [str(key.value) for key, _ in self._parts[path[:-1]].node.value]
        self.remove_all(path[:-1], [names.index(str(path[-1]))])

    def remove_all(self, path: Path, indexes: Sequence[int]) -> None:
        """Take entries out of a list or a mapping by their places; of one that becomes empty the brackets are left."""
        whole, count = self._parts[path], self.count(path)
        if len(indexes) == count:
            self._edits.append((whole.value_start, whole.end, "[]" if isinstance(whole.node, SequenceNode) else "{}"))
            return
        kept = [index for index in range(count) if index not in indexes]
        for index in indexes:
            part = self._at(path, index)
            if not _is_flow(whole.node) and self._begins_its_line(part, whole.node):
                start = self._line_start(part.start)
                self._edits.append((start, self._line_end(part.end), ""))
            elif any(each > index for each in kept):
                self._edits.append((part.start, self._at(path, index + 1).start, ""))
            else:
                self._edits.append((self._at(path, index - 1).end, part.end, ""))

    def put(self, path: Path, entries: Mapping[str, str], *, before: str = "") -> None:
        """Add entries to the end of a mapping; one that is missing at the top is begun before another key."""
        if not entries:
            return
        whole, count = self._parts.get(path), self.count(path)
        written = [f"{written_scalar(key)}: {value}" for key, value in entries.items()]
        if whole is None:
            at = self._line_start(self._parts[before,].start)
            lines = [f"{path[0]}:", *(f"  {each}" for each in written)]
            self._edits.append((at, at, "".join(line + self._newline for line in lines)))
        elif not count:
            self._edits.append((whole.value_start, whole.end, "{" + ", ".join(written) + "}"))
        elif _is_flow(whole.node):
            at = self._at(path, count - 1).end
            self._edits.append((at, at, "".join(f", {each}" for each in written)))
        else:
            last = self._at(path, count - 1)
            indent = " " * (last.start - self._line_start(last.start))
            at, lead = self._after_line(last.end)
            self._edits.append((at, at, lead + "".join(f"{indent}{each}{self._newline}" for each in written)))

    @cached_property
    def _parts(self) -> dict[Path, _Part]:
        found: dict[Path, _Part] = {}
        root = compose(self._text)
        assert isinstance(root, MappingNode)
        self._gather(root, (), found)
        return found

    def _gather(self, node: Node, path: Path, found: dict[Path, _Part]) -> None:
        if isinstance(node, MappingNode):
            for key, value in node.value:
                own = (*path, str(key.value))
                found[own] = _Part(key.start_mark.index, value.start_mark.index, self._end(value), value)
                self._gather(value, own, found)
        elif isinstance(node, SequenceNode):
            before = node.start_mark.index
            for index, value in enumerate(node.value):
                start = value.start_mark.index
                dash = start if _is_flow(node) else self._text.rfind("-", before, start)
                found[*path, index] = _Part(dash, start, self._end(value), value)
                self._gather(value, (*path, index), found)
                before = self._end(value)

    def _end(self, node: Node) -> int:
        """Return where a value ends: of a block, where its last part ends, before comments that follow it."""
        if isinstance(node, CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._end(last[1] if isinstance(last, tuple) else last)
        end = int(node.end_mark.index)
        if isinstance(node, ScalarNode) and node.style in {"|", ">"}:
            return len(self._text[:end].rstrip())
        return end

    def _at(self, path: Path, index: int) -> _Part:
        node = self._parts[path].node
        return self._parts[*path, str(node.value[index][0].value) if isinstance(node, MappingNode) else index]

    def _begins_its_line(self, part: _Part, of: Node) -> bool:
        """Say whether nothing stands before an entry: the first of a mapping may stand behind the dash of an item."""
        return isinstance(of, SequenceNode) or not self._text[self._line_start(part.start) : part.start].strip()

    def _insert_lines(self, path: Path, index: int, items: Sequence[Item]) -> None:
        first = self._at(path, min(index, self.count(path) - 1))
        indent = first.start - self._line_start(first.start)
        lines = "".join(self._block_item(item, indent) for item in items)
        if index:
            at, lead = self._after_line(self._at(path, index - 1).end)
            self._edits.append((at, at, lead + lines))
        else:
            at = self._line_start(first.start)
            self._edits.append((at, at, lines))

    def _begun(self, key: str, items: Sequence[Item]) -> str:
        lead = "" if self._text.endswith("\n") else self._newline
        return f"{lead}{key}:{self._newline}" + "".join(self._block_item(item, 2) for item in items)

    def _block_item(self, item: Item, indent: int) -> str:
        marks = ["- ", *["  "] * len(item)]
        lines = [
            line
            for mark, (key, value) in zip(marks, item.items(), strict=False)
            for line in _folded(f"{' ' * indent}{mark}{key}: {value}", indent + 4)
        ]
        return "".join(line + self._newline for line in lines)

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        """Return where the next line begins."""
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end + 1

    def _after_line(self, at: int) -> tuple[int, str]:
        """Return where the next line begins, and the line end that a text without its last one lacks."""
        end = self._line_end(at)
        return end, "" if self._text[:end].endswith("\n") else self._newline


def _is_flow(node: Node) -> bool:
    return isinstance(node, CollectionNode) and bool(node.flow_style)


def _flow_item(item: Item) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in item.items()) + "}"


def _folded(line: str, indent: int) -> list[str]:
    """Break a long flow mapping between its entries."""
    lines, start = [], 0
    lead = ""
    breaks = [*_breaks(line), len(line)]
    for here, following in pairwise(breaks):
        if len(lead) + following - start > WIDTH_MAX and here > start:
            lines.append(lead + line[start:here])
            start, lead = here + 1, " " * indent
    return [*lines, lead + line[start:]]


def _breaks(line: str) -> Iterator[int]:
    """Give the places after commas that part the entries of a flow collection, outside quotes."""
    depth, in_quotes, is_escaped = 0, False, False
    for at, sign in enumerate(line):
        if in_quotes:
            in_quotes = sign != '"' or is_escaped
            is_escaped = sign == "\\" and not is_escaped
        elif sign == '"' and depth:
            in_quotes = True
        elif sign in "{[":
            depth += 1
        elif sign in "}]":
            depth -= 1
        elif sign == "," and depth == 1:
            yield at + 1
