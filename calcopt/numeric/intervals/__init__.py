"""Interval arithmetic on arrays of boxes: what f, ∇f and ∇²f can be on each of thousands of boxes at once.

:class:`IntervalFunction` compiles a formula::

    function = IntervalFunction(expr, ("x", "y"))
    values = function.value(lo, hi)          # boxes as two arrays of shape (m, n): lower and upper ends
    slopes = function.gradient(lo, hi)
    curvatures = function.hessian(lo, hi)

Every number a formula takes at the points of a box *where it is defined* lies in [lo, hi] of the answer; ends may be
infinite, never nan. All operations round outwards, rational constants are enclosed, π and e too. Flags of each box say
what is known there; a flag that is False claims nothing:

``everywhere``  f is defined at every point of the box.
``nowhere``     f is defined at no point of the box.
``continuous``  f is defined and continuous on the box.
``unbroken``    f has no jump where it is defined (a pole or the domain's end is none).
``lipschitz``   f is defined and locally Lipschitz continuous on the box (and so in a neighbourhood of its inner
                points); the gradient's enclosure then holds every element of Clarke's generalized gradient, and the
                mean-value theorem holds with it.
``smooth``      f is twice continuously differentiable on the box: only then is the Hessian's enclosure of any use.

Single points of the domain that no neighbourhood belongs to do not count: (−2)^y at y = 2 is "nowhere".
At a point that just touches a switch (x = 0 of |x|, the end of the domain of √x) ``smooth`` is False.

References: R. E. Moore, R. B. Kearfott, M. J. Cloud, *Introduction to Interval Analysis* (SIAM, 2009), ch. 2-6;
F. H. Clarke, *Optimization and Nonsmooth Analysis* (1983), ch. 2.
"""

from calcopt.numeric.intervals.function import Curvatures, IntervalFunction, Slopes, Values

__all__ = ["Curvatures", "IntervalFunction", "Slopes", "Values"]
