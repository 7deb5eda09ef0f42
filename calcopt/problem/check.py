"""Formulas, points and lists inside a problem file, read once when it is loaded: faults have a place in the file then.

Whether every variable has a value is the command's to say: options on the command line may add constants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from calcopt.errors import FileError, SourceError, did_you_mean
from calcopt.problem.assignments import Piece, pieces_of_text, value_of
from calcopt.problem.bounds import ends_of
from calcopt.problem.files import SourceFile
from calcopt.problem.names import names_of, sizes_of
from calcopt.problem.nodes import Node, offset_in_source
from calcopt.problem.points import as_assignments, range_of

if TYPE_CHECKING:
    from calcopt.expression.tree import Expr
    from calcopt.problem.schema import Problem


def check_contents(source: SourceFile, root: Node, problem: Problem) -> None:
    """:class:`FileError` at the first fault inside the values of ``problem``."""
    if problem.function is None and problem.functions is None and problem.data is None:
        raise FileError("the problem has neither a function nor data", source.path, hint="add function: … or data: …")
    if problem.function is not None and problem.functions is not None:
        place = root.keys["functions"]
        raise source.error("'function' is given too", *place, hint="keep one of the two")
    known = _check_formulas(source, root, _check_let(source, root, problem))
    for key in ("start", "at", "box"):
        if key in root.children:
            for leaf, listed in _leaves(root.children[key]):
                is_range = key == "box" and not (listed and ".." not in str(leaf.value))
                read = (range_of if problem.model is None else ends_of) if is_range else None
                _check_leaf(source, leaf, known, read)
            _check_keys(source, root.children[key], known)
    for key in ("var", "x", "features", "hidden"):
        if key in root.children:
            _check_list(source, root.children[key], is_sizes=key == "hidden")


def _check_let(source: SourceFile, root: Node, problem: Problem) -> dict[str, Expr]:
    if problem.let is None:
        return {}
    node = root.children["let"]
    if isinstance(node.value, dict):
        for name, child in node.children.items():
            _check_constant(source, node.keys[name], name, child)
    try:
        return as_assignments(problem.let)
    except SourceError as fault:
        raise _in_file(source, node, fault) from None


def _check_constant(source: SourceFile, place: tuple[int, int], name: str, child: Node) -> None:
    try:
        as_assignments({name: child.value})
    except SourceError as fault:
        before = len(name) + 1  # the fault is in the text "name=value"
        if fault.start < before:
            raise source.error(fault.message, *place, hint=fault.hint) from None
        moved = SourceError(
            fault.message, fault.text[before:], fault.start - before, fault.end - before, hint=fault.hint
        )
        raise _in_file(source, child, moved) from None


def _check_formulas(source: SourceFile, root: Node, let: dict[str, Expr]) -> set[str] | None:
    """The variables of all formulas; None where they are not known (no formula, or indexed sums)."""
    from calcopt.expression import parse, parse_system
    from calcopt.expression.limits import MAX_FILE_LENGTH

    nodes = [root.children[key] for key in ("function",) if key in root.children]
    nodes += list(root.children["functions"].children.values()) if "functions" in root.children else []
    names: set[str] = set()
    for node in nodes:
        text = str(node.value)
        try:
            if ";" in text:
                formulas = parse_system(text, constants=let, max_length=MAX_FILE_LENGTH)
            else:
                formulas = (parse(text, constants=let, max_length=MAX_FILE_LENGTH),)
        except SourceError as fault:
            raise _in_file(source, node, fault) from None
        names.update(name for formula in formulas for name in formula.variables)
    return names if nodes and not any(name.endswith("[]") for name in names) else None


def _leaves(node: Node, *, listed: bool = False) -> Iterator[tuple[Node, bool]]:
    """The scalars below, each with whether it is an item of a list."""
    if isinstance(node.value, (dict, list)):
        for child in node.children.values():
            yield from _leaves(child, listed=isinstance(node.value, list))
    else:
        yield node, listed


def _check_leaf(
    source: SourceFile, leaf: Node, known: set[str] | None, read_range: Callable[[Piece], object] | None
) -> None:
    if not isinstance(leaf.value, str) and read_range is None:
        return
    try:
        for piece in pieces_of_text(str(leaf.value)):
            if piece.name is not None:
                _check_name(source, piece, leaf, known)
            if read_range is not None:
                read_range(piece)
            else:
                value_of(piece.text, piece.value)
    except SourceError as fault:
        raise _in_file(source, leaf, fault) from None


def _check_name(source: SourceFile, piece: Piece, leaf: Node, known: set[str] | None) -> None:
    if known is not None and piece.name not in known:
        start, end = (offset_in_source(source, leaf, at) for at in piece.name_span)
        raise _unknown(source, str(piece.name), (start, end), known)


def _check_keys(source: SourceFile, node: Node, known: set[str] | None) -> None:
    for name, place in node.keys.items():
        if known is not None and "".join(name.split()) not in known and name.isascii():
            raise _unknown(source, name, place, known)
    for child in node.children.values():
        _check_keys(source, child, known)


def _unknown(source: SourceFile, name: str, place: tuple[int, int], known: set[str]) -> FileError:
    near = did_you_mean(name, known)
    hint = f"did you mean '{near}'?" if near else f"the function has {', '.join(sorted(known)) or 'no variables'}"
    return source.error(f"unknown variable '{name}'", *place, hint=hint)


def _check_list(source: SourceFile, node: Node, *, is_sizes: bool) -> None:
    try:
        if is_sizes:
            sizes_of(node.value)
        else:
            names_of(str(node.value) if isinstance(node.value, (int, float)) else node.value)
    except SourceError as fault:
        raise _in_file(source, node, fault) from None


def _in_file(source: SourceFile, node: Node, fault: SourceError) -> FileError:
    """The same complaint at its place in the file."""
    if not isinstance(node.value, str):
        return source.error(fault.message, node.start, node.end, hint=fault.hint)
    start = offset_in_source(source, node, fault.start)
    last = offset_in_source(source, node, fault.end - 1)
    return source.error(fault.message, start, max(last, start) + 1, hint=fault.hint)
