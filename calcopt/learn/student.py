"""Student's t distribution: two-sided p values and the quantile of the 95 % intervals.

With ν degrees of freedom P(|T| > t) = I_x(ν/2, ½), x = ν/(ν + t²), the regularized incomplete beta function. SciPy has
it, but a fit that needs nothing else of SciPy would wait twice as long for the import as for ten million rows.
Reference: NIST Digital Library of Mathematical Functions, §8.17 (the continued fraction 8.17.22) and §5.11 (5.11.13).
"""

from __future__ import annotations

import math


def two_sided(t: float, freedom: float) -> float:
    """P(|T| > |t|); NaN for a NaN."""
    square = t * t
    if math.isnan(t) or math.isinf(square):
        return math.nan if math.isnan(t) else 0.0
    if square == 0:
        return 1.0
    a, x, rest = freedom / 2, freedom / (freedom + square), square / (freedom + square)
    # x^a √(1−x) / B(a, ½), which both ways have in common
    factor = math.sqrt(rest / math.pi) * math.exp(-a * math.log1p(square / freedom)) * _gamma_ratio(a)
    if x < (a + 1) / (a + 2.5):
        return factor / _fraction(a, 0.5, x, rest)
    return 1.0 - factor / _fraction(0.5, a, rest, x)


def quantile(tail: float, freedom: float) -> float:
    """The t > 0 with P(|T| > t) = ``tail``, 0 < tail < 1.

    Newton's method from the left: P is convex and falls for t > 0, so no step goes too far.
    """
    from statistics import NormalDist

    t = -NormalDist().inv_cdf(tail / 2)  # the normal distribution has the lighter tails
    density = 2 * _gamma_ratio(freedom / 2) / math.sqrt(freedom * math.pi)
    for _ in range(200):
        slope = density * math.exp(-(freedom + 1) / 2 * math.log1p(t * t / freedom))
        step = (two_sided(t, freedom) - tail) / slope
        t += step
        if abs(step) <= 4e-16 * t:
            break
    return t


def _gamma_ratio(a: float) -> float:
    """Γ(a + ½)/Γ(a); for large a by its expansion in w = a − ¼, which has even powers only."""
    if a < 100:
        return math.gamma(a + 0.5) / math.gamma(a)
    w = (a - 0.25) ** -2
    return math.sqrt(a - 0.25) * (1 + w * (1 / 64 + w * (-19 / 8192 + w * (631 / 524288))))


def _fraction(a: float, b: float, x: float, y: float) -> float:
    """F of I_x(a, b) = x^a y^b / (B(a, b) F) with y = 1 − x: the even part of the continued fraction 8.17.22,

        F = β₀ + α₁/(β₁ + α₂/(β₂ + …)),   αₘ = (a+m−1)(a+b+m−1) m (b−m) x² / (a+2m−1)²,
        βₘ = m + m (b−m) x/(a+2m−1) + (a+m)(a y − b x + 1 + m (1+y))/(a+2m+1),

    by the modified Lentz method. Where a is large and x near 1, a y − b x keeps the digits that 1 − x would lose.
    Some √max(a, b) terms are needed where x < (a+1)/(a+b+2).
    """
    excess = a * y - b * x + 1
    value = c = a * excess / (a + 1)
    d = 0.0
    for m in range(1, 1_000_000):
        alpha = (a + m - 1) * (a + b + m - 1) * m * (b - m) * x * x / (a + 2 * m - 1) ** 2
        beta = m + m * (b - m) * x / (a + 2 * m - 1) + (a + m) * (excess + m * (1 + y)) / (a + 2 * m + 1)
        d = 1.0 / (beta + alpha * d)
        c = beta + alpha / c
        value *= c * d
        if abs(c * d - 1.0) <= 2e-16:
            break
    return value
