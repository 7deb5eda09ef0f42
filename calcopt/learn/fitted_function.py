"""A saved line or curve as a function of its columns: values, gradients in the parameters, and its formula."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from calcopt.learn.model_formula import LONGEST, TooLongError, formulas, variables
from calcopt.learn.responses import Inverse, inverse_of, is_plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from calcopt.expression.tree import Expr
    from calcopt.learn.saved_fit import SavedFit
    from calcopt.numeric.codegen import Kernel

    Array = NDArray[np.float64]


class FittedFunction(Protocol):
    """f of the columns (m, n) of a saved fit, in its order. What is not finite comes back quietly.

    ``plain`` says that a column as it is was fitted; else ``inverse`` leads back to it, where there is a simple one.
    ``variables`` are the columns as the formulas name them.
    """

    plain: bool
    inverse: Inverse | None
    variables: tuple[str, ...]

    def values(self, columns: Array) -> Array:
        """f (n,)."""
        ...

    def gradient(self, columns: Array) -> Array:
        """∂f/∂θ (n, p)."""
        ...

    def formulas(self) -> dict[str, str]:
        """f by the name of what it predicts, then what was measured where ``inverse`` says; raises TooLongError."""
        ...


def fitted_function(saved: SavedFit) -> FittedFunction:
    """The function that ``saved`` holds."""
    return FittedLine(saved) if saved.kind == "line" else FittedCurve(saved)


class FittedLine:
    """Σ βⱼ xⱼ + β₀, summed in the order of the columns, as its formula is."""

    plain: bool = True
    inverse: Inverse | None = None

    def __init__(self, saved: SavedFit) -> None:
        self.variables = variables(saved.columns)
        self._target = saved.target
        self._slopes = saved.theta[: len(saved.columns)]
        self._intercept = saved.theta[len(saved.columns) :]

    def values(self, columns: Array) -> Array:
        total = np.zeros(columns.shape[1])
        with np.errstate(all="ignore"):
            for slope, column in zip(self._slopes, columns, strict=True):
                total += slope * column
            for constant in self._intercept:
                total += constant
        return total

    def gradient(self, columns: Array) -> Array:
        return np.vstack([columns, np.ones((len(self._intercept), columns.shape[1]))]).T

    def formulas(self) -> dict[str, str]:
        from calcopt.learn.network import Layer, Network

        p = len(self._slopes)
        bias = np.array(self._intercept or [0.0])
        layer = Layer(np.array(self._slopes).reshape(p, 1), bias)
        return {self._target: formulas(Network((p, 1), "sigmoid", "identity"), [layer], self.variables)[0]}


class FittedCurve:
    """The right side of the model, compiled, with the values of its parameters."""

    def __init__(self, saved: SavedFit) -> None:
        from calcopt.calculus.graph import Graph
        from calcopt.calculus.lowering import lower

        model = saved.parsed()
        names = dict(zip(model.columns, model.names, strict=True))
        self.variables = tuple(names[column] for column in saved.columns)
        self.plain, self.inverse = is_plain(model.response), inverse_of(model.response)
        self._target, self._body, self._names = model.target, model.body, saved.names
        self._theta = saved.theta
        slots = {name: slot for slot, name in enumerate([*self._names, *self.variables])}
        self._graph = Graph()
        self._root = lower(model.body, slots, self._graph)[1]
        self._kernels: dict[tuple[int, ...], Kernel] = {}
        self._gradient: list[int | None] | None = None

    def values(self, columns: Array) -> Array:
        out = np.empty(columns.shape[1])
        out[:] = self._run([self._root], columns)[0]
        return out

    def gradient(self, columns: Array) -> Array:
        from calcopt.calculus.derivatives import gradient

        if self._gradient is None:
            self._gradient = list(gradient(self._graph, self._root, len(self._theta)))
        out = np.zeros((columns.shape[1], len(self._theta)))
        places = [place for place, node in enumerate(self._gradient) if node is not None]
        found = self._run([node for node in self._gradient if node is not None], columns)
        for place, value in zip(places, found, strict=True):
            out[:, place] = value
        return out

    def _run(self, roots: Sequence[int], columns: Array) -> Sequence[Any]:
        from calcopt.numeric.codegen import array_kernel

        key = tuple(roots)
        if key not in self._kernels:
            self._kernels[key] = array_kernel(self._graph, key)
        with np.errstate(all="ignore"):
            found: Sequence[Any] = self._kernels[key]([*self._theta, *columns], ())
        return found

    def formulas(self) -> dict[str, str]:
        from calcopt.expression import parse
        from calcopt.expression.tree import substitute

        body = substitute(self._body, self._numbers())
        found = {self._target: body}
        if self.inverse is not None:
            found[self.inverse.name] = substitute(parse(self.inverse.text).body, {"z": body})
        head = f"f({', '.join(self.variables)}) = "
        texts = {name: f"{head}{formula}" for name, formula in found.items()}
        if max(map(len, texts.values())) > LONGEST:
            raise TooLongError
        return texts

    def _numbers(self) -> Mapping[str, Expr]:
        """The parameters as the shortest decimals of their doubles."""
        from calcopt.expression.tree import Neg, Number

        numbers: dict[str, Expr] = {}
        for name, value in zip(self._names, self._theta, strict=True):
            size = Number(Fraction(repr(abs(value))))
            numbers[name] = Neg(size) if value < 0 else size
        return numbers
