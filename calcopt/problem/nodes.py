"""YAML and JSON → plain values, each with its place in the text.

The text is composed into nodes and the nodes are read here, one by one: so two equal keys, aliases, tags and numbers
that no program should swallow are refused with their place, and nothing in a file can construct an object.

Reference: YAML 1.2.2 (Ben-Kiki, Evans, döt Net, 2021), core schema; RFC 8259 for JSON.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from calcopt.errors import FileError
from calcopt.problem.files import SourceFile

MAX_NODES = 200_000
"""Values in one file, counted where they are used: nested aliases multiply."""
MAX_DEPTH = 20
MAX_BRACKETS = 250
"""More than the levels of a formula, whose indices may be nested in a text."""
_TAG = "tag:yaml.org,2002:"


@dataclass(slots=True)
class Node:
    """``value`` is plain (str, int, float, bool, None, dict, list); ``start:end`` is its place; ``style`` its quotes.

    ``children`` are the nodes of a mapping by key or of a sequence by index; ``keys`` the places of a mapping's keys.
    """

    value: Any
    start: int
    end: int
    style: str = ""
    children: dict[Any, Node] = field(default_factory=dict)
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)


def read_nodes(source: SourceFile, *, as_json: bool) -> Node | None:
    """The root node, or None for a file without content; :class:`FileError` at the place of a fault."""
    if _deepest(source.text) > MAX_BRACKETS:
        raise _too_deep(source)
    if as_json:
        _check_json(source)
    root = _compose(source, source.text.replace("\t", " ") if as_json else source.text)
    return None if root is None else _Reader(source).read(root, 0)


def _deepest(text: str) -> int:
    """How many brackets are open at once at most: thousands would keep the YAML scanner busy for seconds."""
    steps = (1 if bracket in "[{" else -1 for bracket in re.findall(r"[][{}]", text))
    return max(accumulate(steps), default=0)


def _check_json(source: SourceFile) -> None:
    """JSON is read as the YAML it is; this makes sure that it is JSON."""
    if not source.text.strip():
        return

    def refuse(name: str) -> None:
        raise source.error(f"{name} is not JSON", max(source.text.find(name), 0), hint="numbers are finite")

    try:
        json.loads(source.text, parse_constant=refuse)
    except json.JSONDecodeError as problem:
        message = problem.msg[0].lower() + problem.msg[1:]
        raise source.error(f"this is not JSON: {message}", problem.pos) from None
    except ValueError:  # an integer with more digits than Python converts; the reader says where
        return
    except RecursionError:
        raise _too_deep(source) from None


def _compose(source: SourceFile, text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    try:
        return YAML(typ="safe", pure=True).compose(text)
    except ReaderError as problem:
        raise source.error("a control character", problem.position, hint="delete it") from None
    except MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        raise _syntax_error(source, problem, mark.index if mark is not None else 0) from None
    except YAMLError as problem:
        raise FileError(f"this is not YAML: {problem}", source.path) from None
    except RecursionError:
        raise _too_deep(source) from None


def _syntax_error(source: SourceFile, problem: Any, start: int) -> FileError:
    said = str(problem.problem or problem.context or "unexpected text")
    said = said.replace("'<stream end>'", "the end of the file").replace("end of stream", "end of the file")
    hint = None
    if problem.context == "while scanning a block scalar":
        said, hint = "'|' and '>' begin a block of lines", 'put a formula with |…| in quotes: "|x| + 1"'
    elif "mapping values are not allowed" in said:
        said, hint = "a second ':' in one line, or a wrong indentation", "put text with ': ' in quotes"
    elif "cannot start any token" in said:
        character = source.text[start : start + 1]
        said = "a tab in the indentation" if character == "\t" else f"a value cannot begin with '{character}'"
        hint = "use blanks" if character == "\t" else "put it in quotes"
    elif "could not find expected ':'" in said:
        said, hint = "a line without 'key: value'", None
        start = problem.context_mark.index if problem.context_mark is not None else start
    elif "undefined alias" in said:
        said, hint = "a value that begins with '*' is an alias", "put it in quotes"
    elif "another document" in said:
        said = "a second document begins here"
        hint = "one problem a file"
    return source.error(f"this is not YAML: {said}", start, hint=hint)


def _too_deep(source: SourceFile) -> FileError:
    return FileError(
        "lists or mappings are nested too deeply", source.path, hint="a problem needs three levels at most"
    )


_NUMBER = re.compile(r"[-+]?(?:0x[0-9a-fA-F]+|0o[0-7]+|[0-9]{1,4000})")


class _Reader:
    """Nodes of ruamel.yaml → :class:`Node`, with a budget."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.budget = MAX_NODES

    def read(self, node: Any, depth: int) -> Node:
        start, end = node.start_mark.index, node.end_mark.index
        self.budget -= 1
        if self.budget < 0:
            raise self.source.error(f"more than {MAX_NODES} values", start, hint="tables belong in a file of their own")
        if depth > MAX_DEPTH:
            raise _too_deep(self.source)
        kind = node.tag.removeprefix(_TAG)
        if kind == "map" and isinstance(node.value, list):
            return self._mapping(node, start, end, depth)
        if kind == "seq" and isinstance(node.value, list):
            children = {place: self.read(item, depth + 1) for place, item in enumerate(node.value)}
            return Node([child.value for child in children.values()], start, end, children=children)
        if isinstance(node.value, list):
            raise self.source.error(f"the tag '{node.tag}' is not known here", start, hint="write the value without it")
        return Node(self._scalar(kind, node.value, start, end), start, end, node.style or "")

    def _mapping(self, node: Any, start: int, end: int, depth: int) -> Node:
        found = Node({}, start, end)
        for key_node, value_node in node.value:
            place = (key_node.start_mark.index, key_node.end_mark.index)
            key = key_node.value
            if not isinstance(key, str):
                raise self.source.error("a key is a word", *place)
            if key in found.keys:
                first = self.source.text.count("\n", 0, found.keys[key][0]) + 1
                raise self.source.error(f"'{key}' is given twice (first in line {first})", *place)
            child = self.read(value_node, depth + 1)
            found.value[key], found.children[key], found.keys[key] = child.value, child, place
        return found

    def _scalar(self, kind: str, text: str, start: int, end: int) -> object:
        if kind in ("str", "timestamp", "merge", "value"):
            return text
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() in ("true", "yes", "on")
        if kind == "int" and _NUMBER.fullmatch(plain := text.replace("_", "")):
            return int(plain, 0 if plain.lstrip("+-").startswith(("0x", "0o")) else 10)
        if kind == "float":
            return self._float(text, start, end)
        if kind == "int":
            raise self.source.error("this is no number that can be read", start, end)
        raise self.source.error(
            f"the tag '!{kind.lstrip('!')}' is not known here", start, hint="write the value without it"
        )

    def _float(self, text: str, start: int, end: int) -> float:
        try:
            number = float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:
            raise self.source.error("this is no number that can be read", start, end) from None
        if not math.isfinite(number):
            raise self.source.error(f"{text} is not a finite number", start, end)
        return number


# ---------------------------------------------------------------------------------------------------------------
# Places inside a scalar
# ---------------------------------------------------------------------------------------------------------------

_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}


def offset_in_source(source: SourceFile, node: Node, offset: int) -> int:
    """Where character ``offset`` of a text value stands in the file.

    Plain, quoted and block scalars are walked side by side with their source: exact on one line and in literal
    blocks; where lines are folded, blanks may be off by one, the line is right.
    """
    text, position = source.text, node.start
    if node.style in ("|", ">"):
        position = text.find("\n", node.start) + 1
    elif node.style in ("'", '"'):
        position += 1
    for index, wanted in enumerate(node.value):
        while position < node.end and not _matches(text, position, wanted, node.style):
            position += 1
        if index == offset:
            return min(position, node.end)
        position += _width(text, position, wanted, node.style)
    return min(position, node.end)


def _matches(text: str, position: int, wanted: str, style: str) -> bool:
    char = text[position]
    return (
        char == wanted
        or (wanted == " " and char == "\n")
        or (style == '"' and char == "\\" and text[position + 1] != "\n")
    )


def _width(text: str, position: int, wanted: str, style: str) -> int:
    if style == '"' and text[position : position + 1] == "\\":
        return _ESCAPE_LENGTHS.get(text[position + 1], 2)
    return 2 if style == "'" and wanted == "'" else 1
