"""Solutions of one switching equation in one variable: exactly where possible, else by intervals in a window."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from mpmath import mp, mpf, workdps

from calcopt.calculus.precise import evaluate, literal_fraction, sign_of
from calcopt.calculus.singular.found import Window
from calcopt.calculus.singular.germs import DIGITS
from calcopt.calculus.singular.lines import closed_line, fraction, linear
from calcopt.calculus.singular.roots import SAME, Deadline, Root, Roots, number
from calcopt.calculus.singular.switching import difference, smooth_branches
from calcopt.expression.tree import Add, Call, Constant, Div, Expr, Mul, Neg, Number, Pow, Symbol, free_names, postorder
from calcopt.expression.values import exact_value

DEEPEST = 12
MOST_TURNS = 80
LARGEST = 200
"""Nodes of an equation that algebra is asked about."""
PI = Constant("pi")


def solve(equation: Expr, name: str, window: Window, *, search: bool = True, until: Deadline | None = None) -> Roots:
    """The zeros of ``equation``: all real ones, or where that cannot be, those in ``window`` (``searched`` says so).

    Points where the equation has no value, or another branch of it holds, may be among them. Without ``search`` no
    intervals are looked at: what has no exact solution stays open.
    """
    roots = Roots()
    branches = smooth_branches(equation)
    if branches is None:
        roots.complete = False
        roots.notes.append("a switch inside of many others was not solved for")
        return roots
    for branch in branches:
        if until is not None and until.passed():
            roots.complete = False
            roots.notes.append(f"the time of {until.seconds:g} seconds was up")
            break
        _Solver(name, window, roots, search=search).solve(branch, Number(0), 0)
    return roots


class _Solver:
    """Undoes the outermost function of u(x) = c as long as that is possible, and asks algebra or intervals then."""

    def __init__(self, name: str, window: Window, roots: Roots, *, search: bool) -> None:
        self.search = search
        self.name = name
        self.window = window
        self.roots = roots

    def solve(self, tree: Expr, value: Expr, depth: int) -> None:
        """Adds the solutions of tree = value; ``value`` is closed."""
        if self.name not in free_names(tree):
            return
        line = linear(tree, self.name)
        target = exact_value(value)
        if target is None and evaluate(value, {}) is None:
            return  # log(0), asin(2): nothing is equal to what does not exist
        if line is not None and target is not None:
            self._keep(fraction((target - line[1]) / line[0]))
        elif depth > DEEPEST or not self._undone(tree, value, depth):
            self._asked(tree, value, depth)

    def _keep(self, exact: Expr, period: Expr | None = None) -> None:
        number = evaluate(exact, {}, digits=DIGITS + 10)
        if number is not None:
            self.roots.add(Root(exact, number, period))

    def _undone(self, tree: Expr, value: Expr, depth: int) -> bool:
        """True when the outermost operation was undone."""
        moving = [arg for arg in tree.args if self.name in free_names(arg)]
        zero = sign_of(value, {}) == 0
        match tree:
            case Symbol():
                from calcopt.calculus.algebra.equations import tidied

                self._keep(tidied(value))
            case Neg(inner):
                self.solve(inner, Neg(value), depth)
            case Add(args) if len(moving) == 1:
                rest = [Neg(arg) for arg in args if arg is not moving[0]]
                self.solve(moving[0], Add(value, *rest), depth + 1)
            case Mul(args) if zero:
                for factor in moving:
                    self.solve(factor, Number(0), depth + 1)
            case Mul(args) if len(moving) == 1:
                rest = [arg for arg in args if arg is not moving[0]]
                self.solve(moving[0], Div(value, Mul(*rest) if len(rest) > 1 else rest[0]), depth + 1)
            case Div(numerator, denominator) if zero:
                self.solve(numerator, Number(0), depth + 1)
            case Div(numerator, denominator) if len(moving) == 1:
                inner = Mul(value, denominator) if moving[0] is numerator else Div(numerator, value)
                self.solve(moving[0], inner, depth + 1)
            case Pow(base, exponent):
                return self._power(base, exponent, value, depth)
            case Call(name, args) if len(args) == 1:
                return self._call(name, args[0], value, depth)
            case _:
                return False
        return True

    def _power(self, base: Expr, exponent: Expr, value: Expr, depth: int) -> bool:
        literal, sign = literal_fraction(exponent), sign_of(value, {})
        if self.name not in free_names(base):
            if sign is None or sign <= 0:
                return True
            self.solve(exponent, Div(Call("log", value), Call("log", base)), depth + 1)
            return True
        if literal is None and sign == 0:
            self.solve(base, Number(0), depth + 1)  # b^v is zero only where b is
            return True
        if literal is None or literal == 0 or sign is None:
            return False
        if sign == 0:
            if literal > 0:
                self.solve(base, Number(0), depth + 1)
            return True
        if literal.numerator % 2 == 0 and sign < 0:
            return True
        size = Call("abs", value) if sign < 0 else value
        root = Pow(size, fraction(1 / literal))
        if literal.numerator % 2 == 0:
            self.solve(base, root, depth + 1)
            self.solve(base, Neg(root), depth + 1)
        else:
            self.solve(base, Neg(root) if sign < 0 else root, depth + 1)
        return True

    def _call(self, name: str, inner: Expr, value: Expr, depth: int) -> bool:
        if name in INVERSES:
            # Where the value is outside of the range, its preimage has no value or is another point: both are harmless.
            self.solve(inner, INVERSES[name](value), depth + 1)
            return True
        if name in ("sin", "cos", "tan", "cot"):
            return self._wave(name, inner, value)
        if name in ("sec", "csc"):
            if sign_of(value, {}) == 0:
                return True
            return self._wave("cos" if name == "sec" else "sin", inner, Div(Number(1), value))
        return False

    def _wave(self, name: str, inner: Expr, value: Expr) -> bool:
        """sin(ax + b) = c: families of solutions, where the inside is linear."""
        line = closed_line(inner, self.name)
        angles = _angles(name, value)
        if line is None:
            return self._bent_wave(inner, angles)
        from calcopt.calculus.algebra.equations import family

        a, b = line
        for start, period in angles:
            self._keep(*family(Div(Add(start, Neg(b)), a), Div(period, a)))
        return True

    def _bent_wave(self, inner: Expr, angles: Sequence[tuple[Expr, Expr]]) -> bool:
        """sin(x²) = c in the window: x² = each of the angles that x² can reach there, when these are few."""
        from calcopt.calculus.algebra.constants import shifted

        reach, everywhere = _reach(inner, self.name, self.window)
        if reach is None:
            return False
        low, high = reach
        targets = []
        for start, period in angles:
            first, step = evaluate(start, {}, digits=50), evaluate(period, {}, digits=50)
            if first is None or step is None or (high - low) / step > MOST_TURNS:
                return False
            turns = range(int(mp.ceil((low - first) / step - SAME)), int(mp.floor((high - first) / step + SAME)) + 1)
            targets += [shifted(start, period, k) for k in turns]
        self.roots.searched |= not everywhere
        for target in targets:
            self.solve(inner, target, 1)
        return True

    def _asked(self, tree: Expr, value: Expr, depth: int) -> None:
        """Algebra on tree − value, else intervals in the window."""
        from calcopt.calculus.algebra.equations import family, real_zeros, without_denominator

        equation = difference(tree, value) if value is not Number(0) else tree
        small = sum(1 for _ in postorder(equation)) <= LARGEST
        found = real_zeros(equation, self.name) if depth <= DEEPEST and small else None
        if found is None and self._in_a_root(equation, depth):
            return
        if found is None:
            self._searched(without_denominator(equation, self.name))
            return
        for zero in found.points:
            (number,), (exact,) = zero.coordinates, zero.exact
            if exact is not None and zero.period is not None:
                self._keep(*family(exact, zero.period))
            elif exact is not None:
                self._keep(exact)
            else:
                self.roots.add(Root(None, self._refined(equation, number), zero.period))
        for inner, target in found.inner:
            self.solve(inner, target, depth + 1)

    def _in_a_root(self, equation: Expr, depth: int) -> bool:
        """Equations in powers of one root, such as x^(2/3) and x^(-1/3): solved for t, where x = t³."""
        from calcopt.calculus.algebra.equations import tidied
        from calcopt.calculus.singular.radicals import in_one_root

        found = in_one_root(equation, self.name)
        if found is None or depth > DEEPEST:
            return False
        inner = Roots()
        solver = _Solver(self.name, self.window, inner, search=False)
        solver.solve(found.equation, Number(0), depth + 1)
        if not inner.complete or any(root.period is not None for root in inner.roots):
            return False
        for root in inner.roots:
            if root.exact is not None:
                self._keep(tidied(found.back(root.exact)))
            else:
                a, b = (number(end) for end in found.line)
                with workdps(DIGITS):
                    x = (root.number**found.degree - b) / a
                self.roots.add(Root(_simple(equation, self.name, x), x))
        return True

    def _refined(self, equation: Expr, number: Any) -> Any:
        from calcopt.calculus.singular.searching import refined

        return refined(equation, self.name, number)

    def _searched(self, equation: Expr) -> None:
        from calcopt.calculus.singular.searching import zeros_in_window

        if not self.search:
            self.roots.complete = False
            self.roots.notes.append(f"{equation} = 0 has no exact solution here; a --box looks for numbers")
            return
        found = zeros_in_window(equation, self.name, self.window)
        for zero in found.numbers:
            self.roots.add(Root(_simple(equation, self.name, zero), zero))
        self.roots.searched |= not found.everywhere
        if not found.complete:
            self.roots.complete = False
            self.roots.notes.append(f"not every zero of {equation} in the window is known")


def _simple(equation: Expr, name: str, number: Any) -> Expr | None:
    """The simple fraction that a computed zero is, where the equation holds there exactly."""
    near = Fraction(int(mp.nint(number * 10**30)), 10**30).limit_denominator(1000)
    close = abs(number - mpf(near.numerator) / near.denominator) <= mpf(10) ** -25
    return fraction(near) if close and sign_of(equation, {name: near}) == 0 else None


INVERSES: dict[str, Any] = {
    "exp": lambda c: Call("log", c),
    "log": lambda c: Call("exp", c),
    "log10": lambda c: Pow(Number(10), c),
    "log2": lambda c: Pow(Number(2), c),
    "sqrt": lambda c: Pow(c, Number(2)),
    "cbrt": lambda c: Pow(c, Number(3)),
    "sinh": lambda c: Call("asinh", c),
    "tanh": lambda c: Call("atanh", c),
    "asinh": lambda c: Call("sinh", c),
    "atanh": lambda c: Call("tanh", c),
    "asin": lambda c: Call("sin", c),
    "acos": lambda c: Call("cos", c),
    "atan": lambda c: Call("tan", c),
    "sigmoid": lambda c: Call("log", Div(c, Add(Number(1), Neg(c)))),
    "softplus": lambda c: Call("log", Add(Call("exp", c), Neg(Number(1)))),
}
"""f(u) = c has at most the solution u = f⁻¹(c)."""


def _reach(tree: Expr, name: str, window: Window) -> tuple[tuple[float, float] | None, bool]:
    """An enclosure of the values: of all of them where that is bounded (True), else of those in the window."""
    from calcopt.calculus.singular.intervals import ALL, Empty, Unknown, enclose

    try:
        reach = enclose(tree, name, ALL).value
        if abs(reach[0]) < 1e9 and abs(reach[1]) < 1e9:
            return reach, True
        return enclose(tree, name, (float(window[0]), float(window[1]))).value, False
    except (Empty, Unknown):
        return None, False


def _angles(name: str, value: Expr) -> list[tuple[Expr, Expr]]:
    """(start, period) of the solutions of name(angle) = value."""
    zero = sign_of(value, {}) == 0
    if zero:
        return [(Div(PI, Number(2)) if name in ("cos", "cot") else Number(0), PI)]
    if name in ("tan", "cot"):
        return [(Call("atan", value if name == "tan" else Div(Number(1), value)), PI)]
    beyond = sign_of(Add(Call("abs", value), Neg(Number(1))), {})
    if beyond is None or beyond > 0:
        return []
    turn = Mul(Number(2), PI)
    first = Call("asin" if name == "sin" else "acos", value)
    second = Add(PI, Neg(first)) if name == "sin" else Neg(first)
    return [(first, turn)] if beyond == 0 else [(first, turn), (second, turn)]
