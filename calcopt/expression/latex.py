"""Tree → LaTeX of the formula as it was typed: nothing is simplified or reordered."""

from __future__ import annotations

from collections.abc import Sequence

from calcopt.expression.limits import digits_of
from calcopt.expression.printer import ADD, ATOM, MUL, NEG, NOT, POW, Piece, decimal_text
from calcopt.expression.tokens import GREEK_NAMES
from calcopt.expression.tree import (
    Add,
    And,
    Call,
    Compare,
    Constant,
    Div,
    Expr,
    Indexed,
    Mul,
    Neg,
    Not,
    Number,
    Or,
    Piecewise,
    Pow,
    Sum,
    Symbol,
    postorder,
)

_GREEK = {name for name in GREEK_NAMES if name != "omicron"}
_CAPITALS = {"Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega", "Upsilon"}
_OWN_COMMAND = frozenset(
    ["log", "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "min", "max"],
)
_RELATIONS = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}


def to_latex(expr: Expr) -> str:
    r"""``expr`` as LaTeX for math mode: ``x^2/2`` gives ``\frac{x^{2}}{2}``."""
    return to_latexes(expr)[0]


def to_latexes(*exprs: Expr) -> list[str]:
    """The LaTeX of several expressions; what they share is written once."""
    pieces: dict[Expr, Piece] = {}
    for node in postorder(*exprs):
        pieces[node] = _piece(node, [pieces[child] for child in node.args])
    return [pieces[expr][0] for expr in exprs]


def name_latex(name: str) -> str:
    r"""A name: one letter or Greek as it is, digits and what follows ``_`` as an index, words upright."""
    base, _, index = name.partition("_")
    digits = base.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    if digits.isdecimal() and len(digits) < len(base):
        base, index = base[: -len(digits)], f"{digits},{index}" if index else digits
    if base in _GREEK or base in _CAPITALS:
        base = f"\\{base}"
    elif len(base) > 1:
        base = rf"\mathrm{{{base}}}"
    index = index.replace("_", ",")
    if index and not index.replace(",", "").isdecimal() and len(index) > 1:
        index = rf"\mathrm{{{index}}}"
    return f"{base}_{{{index}}}" if index else base


def _piece(node: Expr, args: Sequence[Piece]) -> Piece:
    if isinstance(node, Number):
        return _number(node)
    if isinstance(node, Constant):
        return (r"\pi" if node.name == "pi" else "e"), ATOM
    if isinstance(node, Symbol):
        return name_latex(node.name), ATOM
    if isinstance(node, Add):
        return _sum_of_terms(args), ADD
    if isinstance(node, Mul):
        return _product(args), NEG if args[0][1] == NEG and isinstance(node.args[0], Number) else MUL
    if isinstance(node, Neg):
        return f"-{_within(args[0], MUL)}", NEG
    if isinstance(node, Div):
        return rf"\frac{{{args[0][0]}}}{{{args[1][0]}}}", MUL
    if isinstance(node, Pow):
        return _power(node, args), POW
    return _call(node, args) or _condition(node, args)


def _within(piece: Piece, strength: int) -> str:
    return piece[0] if piece[1] >= strength else rf"\left({piece[0]}\right)"


def _number(node: Number) -> Piece:
    value = abs(node.value)
    text = decimal_text(value)
    if text is None:
        text, strength = rf"\frac{{{digits_of(value.numerator)}}}{{{digits_of(value.denominator)}}}", MUL
    elif "e" in text:
        mantissa, _, exponent = text.partition("e")
        power = f"10^{{{exponent}}}"
        text, strength = (power if mantissa == "1" else rf"{mantissa} \cdot {power}"), MUL
    else:
        strength = ATOM
    return (text, strength) if node.value >= 0 else (f"-{text}", NEG)


def _sum_of_terms(args: Sequence[Piece]) -> str:
    text = _within(args[0], NEG)
    for piece in args[1:]:
        text += f" - {piece[0][1:]}" if piece[1] == NEG else f" + {_within(piece, MUL)}"
    return text


def _product(args: Sequence[Piece]) -> str:
    """Factors side by side; a dot where a number would follow another factor."""
    text = args[0][0] if args[0][1] == NEG and args[0][0][1:2].isdecimal() else _within(args[0], MUL)
    for piece in args[1:]:
        factor = _within(piece, MUL)
        text += (r" \cdot " if factor[0].isdecimal() or factor.startswith(r"\frac") else r" \, ") + factor
    return text


def _power(node: Pow, args: Sequence[Piece]) -> str:
    base, (exponent, _) = args[0], args[1]
    if isinstance(node.base, Call) and node.base.name in _OWN_COMMAND and len(node.base.args) == 1:
        command, _, rest = base[0].partition(r"\left(")
        if rest and node.base.name not in ("exp", "min", "max"):
            return rf"{command}^{{{exponent}}}\left({rest}"
    return f"{{{_within(base, ATOM)}}}^{{{exponent}}}" if base[1] < ATOM else f"{base[0]}^{{{exponent}}}"


def _call(node: Expr, args: Sequence[Piece]) -> Piece | None:
    texts = [piece[0] for piece in args]
    if isinstance(node, Indexed):
        return f"{name_latex(node.name)}_{{{','.join(texts)}}}", ATOM
    if isinstance(node, Sum):
        index = name_latex(node.index)
        return rf"\sum_{{{index}={texts[1]}}}^{{{texts[2]}}} {_within(args[0], MUL)}", MUL - 1
    if isinstance(node, Piecewise):
        rows = [rf"{value} & \text{{if }} {test}" for test, value in zip(texts[0:-1:2], texts[1:-1:2], strict=True)]
        rows.append(rf"{texts[-1]} & \text{{otherwise}}")
        return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}", ATOM
    if not isinstance(node, Call):
        return None
    return _function(node.name, texts), POW if node.name == "exp" else ATOM


def _function(name: str, texts: Sequence[str]) -> str:
    arguments = ", ".join(texts)
    around = {
        "exp": r"e^{%s}",
        "sqrt": r"\sqrt{%s}",
        "cbrt": r"\sqrt[3]{%s}",
        "abs": r"\left|%s\right|",
        "floor": r"\left\lfloor %s \right\rfloor",
        "ceil": r"\left\lceil %s \right\rceil",
    }
    if name in around:
        return around[name] % arguments
    if name == "log" and len(texts) == 2:
        return rf"\log_{{{texts[1]}}}\left({texts[0]}\right)"
    if name in ("log10", "log2"):
        return rf"\log_{{{name[3:]}}}\left({arguments}\right)"
    if name == "sigmoid":
        return rf"\sigma\left({arguments}\right)"
    if name in _OWN_COMMAND:
        return rf"\{name}\left({arguments}\right)"
    if name[0] == "a" and name[1:] in ("sin", "cos", "tan"):
        return rf"\arc{name[1:]}\left({arguments}\right)"
    shown = {"sign": "sgn", "step": "step"}.get(
        name, name.replace("a", "ar", 1) if name.endswith("h") and name[0] == "a" else name
    )
    return rf"\operatorname{{{shown}}}\left({arguments}\right)"


def _condition(node: Expr, args: Sequence[Piece]) -> Piece:
    if isinstance(node, Compare):
        return f"{args[0][0]} {_RELATIONS[node.operator]} {args[1][0]}", NOT
    if isinstance(node, Not):
        return rf"\lnot {_within(args[0], ATOM)}", NOT
    word = r" \land " if isinstance(node, And) else r" \lor "
    assert isinstance(node, (And, Or))
    return word.join(_within(piece, NOT) for piece in args), NOT - 1
