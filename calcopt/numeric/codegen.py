"""Graph → Python source. A node used once is written in place, a node used again gets a name.

The source holds nothing but names we make here (``v0`` variables, ``d0`` data, ``t0`` temporaries, the primitives of
``functions.py`` behind an underscore) and number literals: no text of the user ever reaches it, so ``exec`` is safe.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from calcopt.calculus.graph import Graph
from calcopt.numeric.functions import ARRAY, SCALAR, parameters

Kernel = Callable[[Sequence[Any], Sequence[Any]], tuple[Any, ...]]
"""``kernel(variables, data)`` → one value (a number or an array) for each root."""

_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
_DEEPEST = 12  # nesting of one line of source; Python's parser has a limit too

_NAMES_SCALAR: dict[str, Any] = {f"_{name}": function for name, function in SCALAR.items()}
_NAMES_ARRAY: dict[str, Any] = {f"_{name}": function for name, function in ARRAY.items()}
for _table in (_NAMES_SCALAR, _NAMES_ARRAY):
    _table.update({"inf": math.inf, "nan": math.nan, "__builtins__": {}})


def scalar_kernel(graph: Graph, roots: Sequence[int]) -> Kernel:
    """A kernel for Python floats that never raises and never warns: nan and inf as NumPy would give."""
    code = compile(source(graph, roots), "<calcopt kernel>", "exec")
    fast = _define(code, _NAMES_SCALAR)
    slow: list[Kernel] = []

    def kernel(variables: Sequence[Any], data: Sequence[Any]) -> tuple[Any, ...]:
        try:
            return fast(variables, data)
        except (ValueError, ArithmeticError):
            if not slow:
                slow.append(_define(code, _NAMES_ARRAY))
            with np.errstate(all="ignore"):
                doubles = [np.float64(x) for x in variables]
                return tuple(float(value) for value in slow[0](doubles, [np.float64(x) for x in data]))

    return kernel


def array_kernel(graph: Graph, roots: Sequence[int]) -> Kernel:
    """A kernel for NumPy arrays (scalars broadcast); the caller silences floating-point warnings."""
    return _define(compile(source(graph, roots), "<calcopt kernel>", "exec"), _NAMES_ARRAY)


def _define(code: Any, names: dict[str, Any]) -> Kernel:
    namespace = dict(names)
    exec(code, namespace)  # noqa: S102 - source made by source() below: our names and number literals only
    kernel: Kernel = namespace["kernel"]
    return kernel


def source(graph: Graph, roots: Sequence[int]) -> str:
    """The text of ``def kernel(v, d)`` that returns the values of ``roots`` as a tuple."""
    writer = _Writer(graph, roots)
    returned = ", ".join(writer.text(root) for root in roots)
    lines = [*writer.header, *writer.lines, f"return ({returned},)"]
    return "def kernel(v, d):\n " + "\n ".join(lines) + "\n"


class _Writer:
    def __init__(self, graph: Graph, roots: Sequence[int]) -> None:
        self.graph = graph
        self.lines: list[str] = []
        self.header: list[str] = []
        self._texts: dict[int, tuple[str, int]] = {}  # node → (text, nesting)
        order = graph.reachable(roots)
        self._uses = dict.fromkeys(order, 0)
        for node in order:
            for arg in graph.args[node]:
                self._uses[arg] += 1
        for root in roots:
            self._uses[root] += 1
        self._closed: dict[int, Any] = {}
        for node in order:
            self._write(node)

    def text(self, node: int) -> str:
        return self._texts[node][0]

    def _write(self, node: int) -> None:
        op, payload, args = self.graph.ops[node], self.graph.payloads[node], self.graph.args[node]
        if op in ("var", "data"):
            name = f"{op[0]}{payload}"
            self.header.append(f"{name} = {op[0]}[{payload}]")
            self._texts[node] = (name, 0)
            return
        if all(arg in self._closed for arg in args):
            self._closed[node] = value = self._constant(op, payload, args)
            self._texts[node] = (_literal(value), 0)
            return
        nesting = 1 + max(self._texts[arg][1] for arg in args)
        text = self._operation(op, payload, args)
        if self._uses[node] > 1 or nesting > _DEEPEST:
            text, nesting = self._name(text), 0
        self._texts[node] = (text, nesting)

    def _constant(self, op: str, payload: Any, args: tuple[int, ...]) -> Any:
        """Nodes without variables, folding left them because they are nan or inf: decided here, by NumPy."""
        if op == "const":
            return float(payload)
        if op in ("true", "false"):
            return op == "true"
        with np.errstate(all="ignore"):
            values = [np.float64(self._closed[arg]) for arg in args]
            return float(ARRAY[op](*values, *parameters(op, payload)))

    def _name(self, text: str) -> str:
        name = f"t{len(self.lines)}"
        self.lines.append(f"{name} = {text}")
        return name

    def _atom(self, node: int) -> str:
        """A name for the node, to be written several times."""
        text, _ = self._texts[node]
        if not text.isidentifier():
            text = self._name(text)
            self._texts[node] = (text, 0)
        return text

    def _operation(self, op: str, payload: Any, args: tuple[int, ...]) -> str:
        if op in _INFIX:
            return f"({self.text(args[0])} {_INFIX[op]} {self.text(args[1])})"
        if op == "neg":
            return f"(-{self.text(args[0])})"
        if op == "powi" and abs(payload) <= 4:
            return self._small_power(args[0], payload)
        operands = [self.text(arg) for arg in args]
        return f"_{op}({', '.join([*operands, *map(str, parameters(op, payload))])})"

    def _small_power(self, base: int, n: int) -> str:
        if n < 0:
            return f"(1.0 / {self._small_power(base, -n)})"
        atom = self._atom(base)
        if n == 4:
            atom, n = self._name(f"{atom} * {atom}"), 2
        return f"({' * '.join([atom] * n)})"


def _literal(value: Any) -> str:
    text = repr(value)
    return f"({text})" if text.startswith("-") else text
