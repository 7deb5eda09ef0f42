"""Problem files → :class:`Problem`: every fault as ``file:line:column`` with the line and what to write instead."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calcopt.errors import FileError, did_you_mean
from calcopt.problem.files import SUFFIXES, SourceFile, read_source, unified_lines

if TYPE_CHECKING:
    from calcopt.problem.nodes import Node
    from calcopt.problem.schema import Problem


def load_problem(path: str | Path) -> Problem:
    """The problem in a ``.yaml``, ``.yml`` or ``.json`` file.

    What the file does not hold is None; ``data`` becomes a path that is relative to the working directory.
    :class:`FileError` when the file is missing or holds anything that cannot be used.
    """
    if (suffix := Path(path).suffix.lower()) not in SUFFIXES:
        message = f"'{suffix}' is no ending of a problem file" if suffix else "a problem file has an ending"
        if not Path(path).is_file():
            read_source(path)  # says that it is missing, or a folder
        raise FileError(message, str(path), hint="problem files end in .yaml, .yml or .json")
    return _load(read_source(path), as_json=suffix == ".json")


def loads(text: str, path: str = "-") -> Problem:
    """The problem in ``text``, which messages call ``path``; an ending ``.json`` makes it JSON, anything else YAML."""
    return _load(SourceFile(unified_lines(text), path), as_json=path.lower().endswith(".json"))


def _load(source: SourceFile, *, as_json: bool) -> Problem:
    from calcopt.problem.check import check_contents
    from calcopt.problem.keys import check_keys
    from calcopt.problem.nodes import read_nodes

    root = read_nodes(source, as_json=as_json)
    if root is None or root.value is None:
        raise FileError("the file is empty", source.path, hint="a problem begins with function: … or data: …")
    if not isinstance(root.value, dict):
        raise source.error("a problem file holds keys and values", root.start, hint="begin with function: … or data: …")
    problem = _converted(source, root)
    check_keys(source, root, problem.command)
    check_contents(source, root, problem)
    if problem.data is not None and problem.data != "-" and "://" not in problem.data:
        problem.data = str(Path(source.path).parent / problem.data)
    return problem


# ---------------------------------------------------------------------------------------------------------------
# Keys and types
# ---------------------------------------------------------------------------------------------------------------


@cache
def key_types() -> dict[str, Any]:
    """Key → its annotated type."""
    import msgspec

    from calcopt.problem.schema import Problem

    return {field.encode_name: field.type for field in msgspec.structs.fields(Problem)}


def _converted(source: SourceFile, root: Node) -> Problem:
    import msgspec

    from calcopt.problem.schema import Problem

    types, values = key_types(), {}
    for key, node in root.children.items():
        if key not in types:
            near = did_you_mean(key.replace("_", "-"), types)
            hint = f"did you mean '{near}'?" if near else f"the keys are {', '.join(k for k in types if k[0] != '$')}"
            raise source.error(f"unknown key '{key}'", *root.keys[key], hint=hint)
        if node.value is None:
            raise source.error(f"'{key}' has no value", *root.keys[key], hint="give it one, or delete the line")
        values[key] = _value(source, key, node, types[key])
    return msgspec.convert(values, Problem)


def _value(source: SourceFile, key: str, node: Node, annotated: Any) -> object:
    """The value of ``key``, a number where text is wanted taken as that text; :class:`FileError` for another type."""
    import msgspec

    candidates: list[object] = [node.value]
    if isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        candidates.append(source.text[node.start : node.end])
    for candidate in candidates:
        try:
            msgspec.convert(candidate, annotated)
        except msgspec.ValidationError:
            continue
        return candidate
    culprit = _culprit(node, annotated, key)
    expects = next(meta.extra["expects"] for meta in annotated.__metadata__ if meta.extra)
    hint = _choice_hint(node.value, annotated)
    if isinstance(node.value, str) and node.value.lower() in ("yes", "no", "on", "off") and "true" in expects:
        hint = f"write {'true' if node.value.lower() in ('yes', 'on') else 'false'}"
    raise source.error(f"'{key}' is {expects}, not {_shown(culprit.value)}", culprit.start, culprit.end, hint=hint)


def _culprit(node: Node, annotated: Any, key: str) -> Node:
    """The innermost place at fault: the child without which the rest would do."""
    import msgspec

    for index, child in node.children.items():
        rest = [value for place, value in _items(node) if place != index]
        without: object = rest if isinstance(node.value, list) else {k: v for k, v in _items(node) if k != index}
        try:
            msgspec.convert(without, annotated)
        except msgspec.ValidationError:
            continue
        deeper = any(
            not isinstance(inner.value, (str, int, float)) or inner.value is True or inner.value is False
            for inner in child.children.values()
        )
        return _culprit(child, annotated, key) if deeper else child
    return node


def _items(node: Node) -> list[tuple[Any, Any]]:
    return list(node.value.items()) if isinstance(node.value, dict) else list(enumerate(node.value))


def _choice_hint(value: object, annotated: Any) -> str | None:
    import msgspec

    info = msgspec.inspect.type_info(annotated)
    while isinstance(info, msgspec.inspect.Metadata):
        info = info.type
    options = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    choices = [
        str(one) for option in options if isinstance(option, msgspec.inspect.LiteralType) for one in option.values
    ]
    if not choices:
        return None
    near = did_you_mean(str(value), choices)
    return f"did you mean '{near}'?" if near else f"one of {', '.join(choices)}"


def _shown(value: object) -> str:
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    shown = f"'{value}'" if isinstance(value, str) else json.dumps(value)
    return shown if len(shown) <= 40 else shown[:39] + "…"
