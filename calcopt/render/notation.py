"""How a derivative is written: f'(x), f''(x), f_xy (Lagrange) or d/dx f, ∂²f/∂x∂y (Leibniz); as text and as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Literal

Notation = Literal["lagrange", "leibniz"]
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def default_notation(variables: Sequence[str]) -> Notation:
    """Primes for one variable, ∂ for several, as textbooks do."""
    return "lagrange" if len(variables) == 1 else "leibniz"


def text(with_respect_to: Sequence[str], variables: Sequence[str], name: str, notation: Notation) -> str:
    """The derivative's name for a screen."""
    order = len(with_respect_to)
    if notation == "leibniz":
        mark = "d" if len(variables) == 1 else "∂"
        power = "" if order == 1 else str(order).translate(SUPERSCRIPTS)
        below = "".join(f"{mark}{variable}{_text_power(count)}" for variable, count in _grouped(with_respect_to))
        return f"{mark}{power}{name}/{below}"
    arguments = f"({', '.join(variables)})"
    if len(variables) == 1:
        return f"{name}{_primes(order)}{arguments}"
    separator = "" if all(len(variable) == 1 for variable in with_respect_to) else ","
    return f"{name}_{separator.join(with_respect_to)}{arguments}"


def latex(with_respect_to: Sequence[str], variables: Sequence[str], name: str, notation: Notation) -> str:
    """The derivative's name for a document."""
    order = len(with_respect_to)
    if notation == "leibniz":
        mark = r"\mathrm{d}" if len(variables) == 1 else r"\partial"
        power = "" if order == 1 else f"^{{{order}}}"
        below = r" \, ".join(
            f"{mark} {symbol(variable)}" + ("" if count == 1 else f"^{{{count}}}")
            for variable, count in _grouped(with_respect_to)
        )
        return rf"\frac{{{mark}{power} {symbol(name)}}}{{{below}}}"
    arguments = rf"\left({', '.join(map(symbol, variables))}\right)"
    if len(variables) == 1:
        primes = "'" * order if order <= 3 else rf"^{{\left({order}\right)}}"
        return f"{symbol(name)}{primes}{arguments}"
    return f"{symbol(name)}_{{{' '.join(map(symbol, with_respect_to))}}}{arguments}"


GREEK = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|rho|sigma|tau|upsilon|phi|chi|psi|omega|"
    "Gamma|Delta|Theta|Lambda|Xi|Sigma|Upsilon|Phi|Psi|Omega"
)


def symbol(name: str) -> str:
    """A variable's name in LaTeX: ``x1`` → ``x_{1}``, ``lambda`` → ``\\lambda``, a word upright."""
    head = name.rstrip("0123456789")
    digits = name[len(head) :]
    head, _, below = head.partition("_") if not head.startswith("_") else (head, "", "")
    letters = rf"\{head}" if GREEK.fullmatch(head) else head if len(head) == 1 else rf"\mathrm{{{_escaped(head)}}}"
    index = ",".join(part for part in (_escaped(below), digits) if part)
    return f"{letters}_{{{index}}}" if index else letters


def _escaped(name: str) -> str:
    return name.replace("_", r"\_")


def _grouped(names: Sequence[str]) -> list[tuple[str, int]]:
    return [(name, len(list(same))) for name, same in groupby(names)]


def _text_power(count: int) -> str:
    return "" if count == 1 else str(count).translate(SUPERSCRIPTS)


def _primes(order: int) -> str:
    return "'" * order if order <= 3 else f"^({order})"
