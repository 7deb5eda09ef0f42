"""All partial derivatives of a function up to an order, each derived once and shared by symmetry."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import combinations_with_replacement
from typing import Any

from calcopt.calculus.algebra.derive import differentiate, refuse_elements_of_open_sums, writes_power_of_e
from calcopt.calculus.algebra.into import symbol, to_sympy
from calcopt.calculus.algebra.outof import NotExpressible, from_sympy
from calcopt.calculus.algebra.tidy import tidy
from calcopt.errors import MathError
from calcopt.expression.tree import Expr

Names = tuple[str, ...]


class Partials:
    """∂^k f/∂v₁…∂v_k on demand. Derivation goes on from the raw form, so a tidied one costs nothing downstream."""

    def __init__(self, body: Expr, names: Sequence[str]) -> None:
        refuse_elements_of_open_sums(body, names)
        self.body = body
        self.names = tuple(names)
        self._raw: dict[Names, Any] = {}
        self._tidy: dict[Names, Any] = {}
        self._trees: dict[Names, Expr] = {}

    @cached_property
    def function(self) -> Any:
        """f itself in SymPy."""
        return to_sympy(self.body)

    @cached_property
    def power_of_e(self) -> bool:
        return writes_power_of_e(self.body)

    def raw(self, by: Names) -> Any:
        """∂f/∂by as derived. The order of ``by`` does not matter (Schwarz), it is sorted as the variables are."""
        by = self.sorted(by)
        if not by:
            return self.function
        if by not in self._raw:
            self._raw[by] = differentiate(self.raw(by[:-1]), symbol(by[-1]))
        return self._raw[by]

    def sympy(self, by: Names) -> Any:
        """∂f/∂by, tidied, in SymPy."""
        by = self.sorted(by)
        if by not in self._tidy:
            self._tidy[by] = tidy(self.raw(by))
        return self._tidy[by]

    def tree(self, by: Names) -> Expr:
        """∂f/∂by, tidied, in calcopt's language."""
        by = self.sorted(by)
        if by not in self._trees:
            self._trees[by] = self._written(by)
        return self._trees[by]

    def _written(self, by: Names) -> Expr:
        """Odd roots in a derivative come from even ones of f (its own odd roots are ``RealPower``): bases are > 0."""
        try:
            return from_sympy(self.sympy(by), power_of_e=self.power_of_e, positive_bases=True)
        except NotExpressible as problem:
            raise MathError(
                f"{leibniz(by, partial=len(self.names) > 1)} has no form in calcopt's language: {problem}"
            ) from None

    def sorted(self, by: Names) -> Names:
        return tuple(sorted(by, key=self.names.index))

    def of_order(self, order: int) -> list[Names]:
        """Every multiset of ``order`` variables, in the order of the variables: xx, xy, yy."""
        return list(combinations_with_replacement(self.names, order))

    def gradient(self) -> tuple[Expr, ...]:
        return tuple(self.tree((name,)) for name in self.names)

    def hessian(self) -> tuple[tuple[Expr, ...], ...]:
        return tuple(tuple(self.tree((row, column)) for column in self.names) for row in self.names)


def leibniz(by: Names, *, partial: bool = True, function: str = "f") -> str:
    """∂²f/∂x∂y or d²f/dx² as plain text."""
    d, order = ("∂" if partial else "d"), len(by)
    below = "".join(f"{d}{name}{_superscript(by.count(name))}" for name in dict.fromkeys(by))
    return f"{d}{_superscript(order)}{function}/{below}"


def _superscript(number: int) -> str:
    return "" if number == 1 else str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
