"""Starts for many variables: ``x[i]=-1.2``, ``x[i]=if(i < 10, 1, 0)``, or a file with one number a line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from calcopt.errors import FileError, ParseError

if TYPE_CHECKING:
    from calcopt.expression.tree import Expr
    from calcopt.records import Vector

_LETTERS = r"[^\W\d]\w*"
_FAMILY = re.compile(rf"\s*({_LETTERS})\s*\[\s*({_LETTERS}(?:\s*,\s*{_LETTERS})*)\s*\]\s*")
_FILES = (".csv", ".txt", ".dat")


class Rule(NamedTuple):
    """One ``target=value``: a family of elements with its indices, or (no indices) a single variable."""

    name: str
    indices: tuple[str, ...]
    value: Expr
    span: tuple[int, int]


def is_spread(start: object) -> bool:
    """Whether ``start`` is the text of a start for many variables, which the usual reading of points does not know."""
    if not isinstance(start, str):
        return False
    if start.strip().lower().endswith(_FILES):
        return True
    return any(_FAMILY.fullmatch(target) for target, _, _ in _targets(start))


def spread_start(text: str, variables: Sequence[str], constants: Mapping[str, Expr] | None = None) -> Vector:
    """The start as an array (n,) in the order of ``variables``.

    Later parts win over earlier ones: ``x[i]=0,x[1]=1``. Values are formulas of the indices, and of ``constants``.

    Raises:
        ValueTextError: an unknown name, a value that is not finite, a variable without a value.
        FileError: a file that is not there, or does not hold one number for each variable.
    """
    import numpy as np

    if text.strip().lower().endswith(_FILES):
        return _from_file(text.strip(), len(variables))
    from calcopt.problem.assignments import error

    places = _places(variables)
    x = np.full(len(variables), np.nan)
    for rule in _rules(text, constants or {}):
        found = places.get((rule.name, len(rule.indices)))
        if rule.indices and found is not None:
            x[found[1]] = _values(rule, found[0], text)
        elif not rule.indices and rule.name in variables:
            x[variables.index(rule.name)] = _values(rule, np.zeros((1, 0)), text)[0]
        else:
            known = ", ".join([*variables[:4]]) + (", …" if len(variables) > 4 else "")
            raise error(f"no variable is named '{text[slice(*rule.span)]}'", text, rule.span, hint=f"they are {known}")
    missing = np.flatnonzero(np.isnan(x))
    if missing.size:
        names = ", ".join(variables[int(place)] for place in missing[:4]) + (", …" if missing.size > 4 else "")
        raise error(f"no value for {names}", text, (0, len(text)), hint="give every variable a value")
    return x


def _targets(text: str) -> list[tuple[str, int, int]]:
    """Target, its place, and the end of its part, for every part between commas that has a ``=``."""
    from calcopt.problem.assignments import outside_brackets

    ends = [*outside_brackets(text, ","), len(text)]
    found = []
    for start, end in zip([0, *(at + 1 for at in ends[:-1])], ends, strict=True):
        equals = outside_brackets(text[start:end], "=")
        if equals:
            found.append((text[start : start + equals[0]], start, end))
    return found


def _rules(text: str, constants: Mapping[str, Expr]) -> list[Rule]:
    from calcopt.expression import parse
    from calcopt.expression.tree import free_names
    from calcopt.problem.assignments import error

    rules = []
    for target, start, end in _targets(text):
        family = _FAMILY.fullmatch(target)
        name = family[1] if family else "".join(target.split())
        indices = tuple(part.strip() for part in family[2].split(",")) if family else ()
        middle = start + len(target) + 1
        left = middle + len(text[middle:end]) - len(text[middle:end].lstrip())
        try:
            body = parse(text[left:end], constants=constants).body
        except ParseError as problem:
            raise error(problem.message, text, (left + problem.start, left + problem.end), hint=problem.hint) from None
        others = [other for other in free_names(body) if other not in indices]
        if others:
            hint = f"use {' and '.join(indices)} and numbers only" if indices else "a value is a number"
            raise error(f"'{others[0]}' has no value here", text, (left, end), hint=hint)
        rules.append(Rule(name, indices, body, (start, start + len(target))))
    return rules


def _values(rule: Rule, rows: Vector, text: str) -> Vector:
    """The values of the rule's formula at rows (k, number of indices)."""
    import numpy as np

    from calcopt.numeric.evaluate import compile_functions
    from calcopt.problem.assignments import error

    values: Vector = compile_functions([rule.value], rule.indices)(rows)[0]
    if not np.isfinite(values).all():
        bad = rows[int(np.flatnonzero(~np.isfinite(values))[0])].tolist()
        where = ", ".join(f"{name} = {value:g}" for name, value in zip(rule.indices, bad, strict=True))
        raise error(f"the value is not finite at {where}", text, rule.span, hint="give every element a finite number")
    return values


def _places(variables: Sequence[str]) -> dict[tuple[str, int], tuple[Vector, Vector]]:
    """Name and number of indices → the indices of its elements (k, m), and where those are among the variables."""
    import numpy as np

    from calcopt.numeric.layout import split_element

    found: dict[tuple[str, int], tuple[list[tuple[int, ...]], list[int]]] = {}
    for place, name in enumerate(variables):
        element = split_element(name)
        if element is not None:
            rows, places = found.setdefault((element[0], len(element[1])), ([], []))
            rows.append(element[1])
            places.append(place)
    return {key: (np.array(rows, dtype=np.float64), np.array(places)) for key, (rows, places) in found.items()}


def _from_file(path: str, count: int) -> Vector:
    """The numbers of a file, one a line or separated by commas."""
    import numpy as np

    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise FileError(f"cannot read the start: {problem}", path=path) from None
    values: list[float] = []
    for number, line in enumerate(lines, start=1):
        for cell in line.replace(",", " ").split():
            try:
                values.append(float(cell))
            except ValueError:
                values.append(float("nan"))
            if not np.isfinite(values[-1]):
                raise FileError(f"'{cell[:40]}' is not a finite number", path=path, line=number)
    if len(values) != count:
        raise FileError(f"{len(values):,} numbers, but the function has {count:,} variables", path=path)
    return np.array(values)
