"""Zeros of trigonometric polynomials of one variable: all of them, as families with a period.

With t = tan(ωx/2), sin ωx = 2t/(1+t²) and cos ωx = (1−t²)/(1+t²): a polynomial in t, whose real roots are the
zeros in one period, save ωx = π, which is looked at by itself.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import sympy
from sympy import S

from calcopt.calculus.algebra.outof import NotExpressible, from_sympy
from calcopt.calculus.algebra.polynomials import DIGITS, real_roots

if TYPE_CHECKING:
    from calcopt.calculus.algebra.zeros import Zeros

LARGEST_MULTIPLE = 12
"""sin(kx) is expanded up to this k."""


def periodic_zeros(equation: Any, variable: Any) -> Zeros | None:
    """Zeros of a polynomial in sin(kωx), cos(kωx), …, tan(kωx) with rational coefficients, or None if it is not one."""
    from calcopt.calculus.algebra.zeros import Zero, Zeros

    frequency = _frequency(equation, variable)
    if frequency is None:
        return None
    s, c, t = sympy.Dummy("s"), sympy.Dummy("c"), sympy.Dummy("t")
    angle = sympy.Dummy("angle", real=True)
    unrolled = sympy.expand_trig(equation.subs(variable, angle / frequency).rewrite([sympy.tan, sympy.cot], sympy.sin))
    unrolled = sympy.numer(sympy.together(unrolled)).subs({sympy.sin(angle): s, sympy.cos(angle): c})
    if unrolled.has(angle) or not unrolled.is_polynomial(s, c):
        return None
    half = unrolled.subs({s: 2 * t / (1 + t**2), c: (1 - t**2) / (1 + t**2)})
    polynomial = sympy.numer(sympy.together(half))
    if not all(value.is_Rational for value in sympy.Poly(polynomial, t).coeffs()):
        return None
    period = from_sympy(2 * S.Pi / frequency)
    zeros = Zeros()
    for number, exact in real_roots(polynomial, t):
        zeros.points.append(_at_angle(number, exact, frequency, period))
    if unrolled.subs({s: 0, c: -1}) == 0:
        zeros.points.append(Zero((S.Pi / frequency,), (from_sympy(S.Pi / frequency),), period))
    zeros.notes.append("a trigonometric polynomial: all zeros of one period, by t = tan(x/2)")
    return zeros


def _at_angle(number: Any, exact: Any | None, frequency: Any, period: Any) -> Any:
    from mpmath import mp, mpf, workdps

    from calcopt.calculus.algebra.zeros import Zero

    with workdps(DIGITS):
        coordinate = 2 * mp.atan(number) * mpf(int(frequency.q)) / int(frequency.p)
    form = None
    if exact is not None:
        try:
            form = from_sympy(2 * sympy.atan(exact) / frequency)
        except NotExpressible:
            form = None
    return Zero((coordinate,), (form,), period)


def _frequency(equation: Any, variable: Any) -> Any | None:
    """The common ω of all sin(kωx), …; None when the variable occurs in any other way."""
    waves = equation.atoms(sympy.sin, sympy.cos, sympy.tan, sympy.cot)
    slopes = [wave.args[0].coeff(variable) for wave in waves if wave.has(variable)]
    alone = equation.subs({wave: sympy.Dummy() for wave in waves})
    pure = all(
        wave.args[0] == slope * variable
        for wave, slope in zip((w for w in waves if w.has(variable)), slopes, strict=True)
    )
    if not slopes or alone.has(variable) or not pure or not all(slope.is_Rational and slope != 0 for slope in slopes):
        return None
    common = reduce(lambda a, b: sympy.Rational(sympy.gcd(a.p * b.q, b.p * a.q), a.q * b.q), map(abs, slopes))
    return common if max(map(abs, slopes)) / common <= LARGEST_MULTIPLE else None
