"""The stages of a search for critical points; what was found so far is always there, also after Ctrl-C."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mpmath import mp, mpf, workdps

from calcopt.calculus.precise import evaluate
from calcopt.critical.kinks import kinks
from calcopt.critical.point import DIGITS, Candidate, gradient_at, is_critical, polish, value_at
from calcopt.errors import MathError
from calcopt.expression.tree import Expr
from calcopt.records import Continuum, CriticalPoint

if TYPE_CHECKING:
    from calcopt.calculus.algebra.partials import Partials
    from calcopt.calculus.algebra.zeros import Curve, Zero, Zeros
    from calcopt.critical.in_box import Limits, Proof

SECONDS = 10.0
"""Time limit for SymPy's solvers when nothing else can answer; with a box, a third of it."""
MOST_POINTS = 10_000
SAME = mpf(10) ** -8
ALIKE = mpf(10) ** -40


class Search:
    """State of one search: candidates, curves, whether that is all, and the notes that become the message."""

    def __init__(
        self,
        partials: Partials,
        constants: Sequence[str],
        box: Mapping[str, tuple[Expr, Expr]] | None,
        limits: Limits,
    ) -> None:
        self.partials = partials
        self.constants = tuple(constants)
        self.box = box
        self.kinks = kinks(partials.body)
        self.candidates: list[Candidate] = []
        self.symbolic: list[Zero] = []
        self.curves: list[Curve] = []
        self.complete = False
        self.interrupted = False
        self.answered = False
        self.examined = False
        """True where places without a derivative were examined too (one variable)."""
        self.corners: list[CriticalPoint] = []
        self.pieces: list[Continuum] = []
        self.limits = limits
        self.proof: Proof | None = None
        self.method = "exact"
        self.notes: list[str] = []

    def run(self) -> None:
        from calcopt.calculus.algebra.zeros import zeros_of_gradient
        from calcopt.critical import corners, vertices

        if corners.applies(self.partials, self.constants):
            corners.examine(self)
            return
        vertices.examine(self)
        zeros = None if self._is_heavy() else zeros_of_gradient(self.partials)
        if zeros is not None and zeros.solved:
            self._take(zeros)
        if self._prove_in_box():
            return
        if zeros is None or not zeros.solved:
            self._ask_sympy()
            if self.box is not None and not self.constants and not self.answered:
                self._search_box()
        if self.kinks and not self.interrupted:
            self.complete = False
            self.notes.append(f"points where {self.kink_list()} has a kink or a jump are not examined")

    def is_empty(self) -> bool:
        """Whether intervals prove that f is defined nowhere in the box."""
        box = self.float_box()
        if box is None or self.constants:
            return False
        from calcopt.critical.proved import is_nowhere

        return is_nowhere(self.partials.body, self.partials.names, box)

    def _prove_in_box(self) -> bool:
        """Intervals take over where a box is given and the exact solution is not all there is."""
        if self.box is None or self.constants or (self.complete and not self.kinks):
            return False
        from calcopt.critical.in_box import prove

        return prove(self, self.limits)

    def kink_list(self) -> str:
        texts = [str(node) for node in self.kinks[:3]]
        return ", ".join(texts) + (", …" if len(self.kinks) > 3 else "")

    # -- exact ---------------------------------------------------------------------------------------------------

    def _is_heavy(self) -> bool:
        """Three and more variables that are not linear may take a Gröbner basis long: those go to the child."""
        names = self.partials.names
        if len(names) < 3:
            return False
        seconds = (self.partials.sympy((a, b)) for a in names for b in names)
        return any(entry.free_symbols & {_symbol(name) for name in names} for entry in seconds)

    def _take(self, zeros: Zeros) -> None:
        self.complete, self.answered = zeros.complete, zeros.solved
        self.notes += zeros.notes
        self.curves += [curve for curve in zeros.curves if self._meets_box(curve)]
        for zero in zeros.points:
            if self.constants:
                self.symbolic.append(zero)
            else:
                self._take_point(zero)

    def _take_point(self, zero: Zero) -> None:
        if zero.period is not None:
            self._take_family(zero)
            return
        names = self.partials.names
        forms = [n if e is None else e for n, e in zip(zero.coordinates, zero.exact, strict=True)]
        self._add(Candidate(dict(zip(names, forms, strict=True))))

    def _take_family(self, zero: Zero) -> None:
        """The members of a periodic family in the box; without a box, the one in [0, period)."""
        from calcopt.calculus.algebra.constants import shifted

        (name,), (start,), (form,) = self.partials.names, zero.coordinates, zero.exact
        assert zero.period is not None
        first = _number(form if form is not None else start)
        period = _number(zero.period)
        low, high = (mpf(0), period) if self.box is None else map(_number, self.box[name])
        with workdps(DIGITS):
            begin, end = int(mp.ceil((low - first) / period - SAME)), int(mp.floor((high - first) / period + SAME))
            if self.box is None and first + end * period >= period * (1 - SAME):
                end -= 1
        if end - begin > MOST_POINTS:
            raise MathError(f"the box holds more than {MOST_POINTS} critical points", hint="give a smaller --box")
        for k in range(begin, end + 1):
            with workdps(DIGITS):
                place: Any = shifted(form, zero.period, k) if form is not None else first + k * period
            self._add(Candidate({name: place}))
        if self.box is None and self.complete:
            self.complete = False
            self.notes.append(f"infinitely many: each point repeats with period {zero.period}; one period is listed")

    def _ask_sympy(self) -> None:
        from calcopt.calculus.algebra.zeros import Zero, curve_of
        from calcopt.critical.child import solve_in_child

        limit = SECONDS if self.box is None or self.constants else SECONDS / 3
        solved = solve_in_child(self.partials.body, self.partials.names, seconds=limit)
        if solved is None:
            self.notes.append(f"no exact solution within {limit:.0f} seconds")
            return
        self.complete, self.answered = solved.complete, self.answered or solved.solved
        curves = [curve_of(equations, self.partials.names) for equations in solved.curves]
        self.curves = [curve for curve in curves if self._meets_box(curve)]
        self.notes += [note for note in solved.notes if solved.points or solved.solved or "symbolically" not in note]
        for point in solved.points:
            exact = tuple(c if isinstance(c, Expr) else None for c in point)
            with workdps(DIGITS):
                numbers = tuple(c if isinstance(c, Expr) else mpf(c) for c in point)
            if self.constants:
                self.symbolic.append(Zero(tuple(map(_to_sympy, point)), exact))
            else:
                self._add_checked(Candidate(dict(zip(self.partials.names, numbers, strict=True))))

    # -- numeric -------------------------------------------------------------------------------------------------

    def _search_box(self) -> None:
        import numpy as np

        from calcopt.critical.newton_search import stationary_points

        self.method = "exact and newton" if self.candidates or self.curves else "newton"
        names = self.partials.names
        box = self.float_box() or {}
        low, high = (np.array([box[name][end] for name in names]) for end in (0, 1))
        for point in stationary_points(self.partials.body, names, low, high):
            start = dict(zip(names, map(float, point), strict=True))
            if any(self._near(candidate, start) for candidate in self.candidates):
                continue
            polished = polish(self.partials, start)
            if polished is not None and not any(self._near(other, polished.floats()) for other in self.candidates):
                self._add(polished)
            if len(self.candidates) > MOST_POINTS:
                break
        self.notes.append("searched with Newton's method from many starts in the box; there may be more points")

    # -- what is kept --------------------------------------------------------------------------------------------

    def _add_checked(self, candidate: Candidate) -> None:
        """A point that SymPy's solver names: kept when the gradient is zero there, polished when it is a number."""
        if candidate.is_exact:
            self._add(candidate)
            return
        polished = polish(self.partials, candidate.floats())
        if polished is not None and not any(self._near(other, polished.floats()) for other in self.candidates):
            self._add(polished)

    def _add(self, candidate: Candidate) -> None:
        """Kept when inside the box, in the domain, new, and the gradient is zero to rounding."""
        if not self._inside(candidate) or any(_same(other, candidate) for other in self.candidates):
            return
        slope = gradient_at(self.partials, candidate)
        if slope is None or (candidate.is_exact and not self._is_differentiable(candidate)):
            self._leave_out(candidate)
            return
        if not is_critical(self.partials, candidate, slope):
            if self.complete:
                self.complete = False
                self.notes.append("a point was left out: its gradient is not zero to 25 digits")
            return
        on = " and ".join(describe(curve) for curve in self.curves if self._is_on(curve, candidate))
        self.candidates.append(
            Candidate(candidate.coordinates, f"it lies on {on}, where every point is critical" if on else "")
        )

    def _is_differentiable(self, candidate: Candidate) -> bool:
        from calcopt.calculus.algebra.at_point import PointValues

        values = PointValues(self.partials, candidate.coordinates)
        return not values.active or all(values.derivative((name,)).number == 0 for name in self.partials.names)

    def _leave_out(self, candidate: Candidate) -> None:
        """A point of the domain without a gradient may be an extremum all the same: it is named, not just dropped."""
        if value_at(self.partials.body, candidate) is None:
            return
        if any(self._near(candidate, corner.x) for corner in self.corners if corner.x is not None):
            return
        place = ", ".join(f"{name} = {value:.6g}" for name, value in candidate.floats().items())
        self.complete = False
        self.notes.append(f"at {place} the function has no gradient; such points are not examined")

    def _inside(self, candidate: Candidate) -> bool:
        if self.box is None:
            return True
        numbers = candidate.numbers()
        return all(_number(self.box[name][0]) <= x <= _number(self.box[name][1]) for name, x in numbers.items())

    def _meets_box(self, curve: Curve) -> bool:
        """False for a line x = c beside the box; any other curve is kept."""
        if self.box is None or curve.variable is None or curve.at is None:
            return True
        low, high = map(_number, self.box[curve.variable])
        return bool(low <= _number(curve.at) <= high)

    def _near(self, candidate: Candidate, point: Mapping[str, float]) -> bool:
        here = candidate.floats()
        return all(abs(here[name] - point[name]) <= SAME * (1 + abs(here[name])) for name in here)

    def _is_on(self, curve: Curve, candidate: Candidate) -> bool:
        return all(value_at(equation, candidate) == 0 for equation in curve.equations)

    # -- what is reported ----------------------------------------------------------------------------------------

    def in_order(self) -> Iterator[Candidate]:
        """Isolated points first, then points on curves; each in the order of their coordinates."""
        return iter(sorted(self.candidates, key=lambda c: (bool(c.remark), tuple(c.floats().values()))))

    def float_box(self) -> dict[str, tuple[float, float]] | None:
        if self.box is None:
            return None
        return {name: (float(_number(low)), float(_number(high))) for name, (low, high) in self.box.items()}

    def curve_values(self) -> list[float | None]:
        from calcopt.calculus.algebra.constants import value_on
        from calcopt.calculus.precise import evaluate_float

        values = [value_on(self.partials, curve) for curve in self.curves]
        return [None if value is None else evaluate_float(value, {}) for value in values]

    def continua(self) -> tuple[Continuum, ...]:
        from calcopt.calculus.algebra.constants import across, value_on

        found = [*self.pieces]
        for curve in self.curves:
            value = value_on(self.partials, curve)
            equations = tuple(f"{equation} = 0" for equation in curve.equations)
            detail = across(self.partials, curve)
            found.append(Continuum(describe(curve), equations, None if value is None else str(value), detail))
        return tuple(found)

    def message(self, count: int) -> str:
        found = f"{count} point{'' if count == 1 else 's'}"
        whole, what = len(self.curves) + len(self.pieces), "curve"
        if self.pieces and len(self.partials.names) == 1:
            what = "interval"
        if whole:
            found += f" and {whole} whole {what}{'' if whole == 1 else 's'}"
        proof = "complete: nothing else has a zero gradient" if self.complete else "not known to be complete"
        if self.complete and self.examined:
            proof = "complete: no other point has a zero gradient, or an extremum without one"
        where = " in the box" if self.box is not None and self.complete else ""
        return "; ".join([f"{found}, {proof}{where}", *dict.fromkeys(self.notes)])


def describe(curve: Curve) -> str:
    from calcopt.calculus.algebra.constants import described

    return described(curve)


def _same(one: Candidate, other: Candidate) -> bool:
    """Equal to 40 digits: points found exactly may lie closer together than doubles can tell."""
    here, there = one.numbers(), other.numbers()
    with workdps(DIGITS):
        return all(abs(here[n] - there[n]) <= ALIKE * max(abs(here[n]), abs(there[n])) for n in here)


def _number(value: Any) -> Any:
    with workdps(DIGITS):
        return evaluate(value, {}, digits=DIGITS) if isinstance(value, Expr) else _plain(value)


def _plain(value: Any) -> Any:
    return mpf(value) if not hasattr(value, "evalf") else mpf(value.evalf(DIGITS)._mpf_)


def _symbol(name: str) -> Any:
    from calcopt.calculus.algebra.into import symbol

    return symbol(name)


def _to_sympy(value: Any) -> Any:
    from calcopt.calculus.algebra.into import to_sympy

    return to_sympy(value)
