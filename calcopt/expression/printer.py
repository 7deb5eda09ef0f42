"""Tree → text in calcopt's own syntax, with as few parentheses as parse back to the identical tree."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from calcopt.expression.limits import digits_of
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

OR, AND, NOT, COMPARE, ADD, NEG, MUL, POW, ATOM = range(1, 10)
"""How tightly the outermost operator of a text binds."""

Piece = tuple[str, int]
"""A text and its binding strength."""


def to_text(expr: Expr) -> str:
    """``expr`` as text that :func:`calcopt.expression.parse` reads back.

    A tree made by the parser comes back as the same object. Trees made by calculus may hold numbers that the parser
    does not make (negative, 1/3); their text has the same value.
    """
    return to_texts(expr)[0]


def to_texts(*exprs: Expr) -> list[str]:
    """The texts of several expressions; what they share is written once."""
    pieces: dict[Expr, Piece] = {}
    for node in postorder(*exprs):
        pieces[node] = _piece(node, [pieces[child] for child in node.args])
    return [pieces[expr][0] for expr in exprs]


def _piece(node: Expr, args: Sequence[Piece]) -> Piece:
    if isinstance(node, Number):
        return number_piece(node.value)
    if isinstance(node, (Symbol, Constant)):
        return node.name, ATOM
    if isinstance(node, Add):
        return _sum_of_terms(args), ADD
    if isinstance(node, Mul):
        return _product(node, args)
    if isinstance(node, Neg):
        return f"-{within(args[0], MUL)}", NEG
    if isinstance(node, Div):
        return f"{within(args[0], MUL)}/{within(args[1], POW)}", MUL
    if isinstance(node, Pow):
        return f"{within(args[0], ATOM)}^{within(args[1], POW)}", POW
    return _bracketed(node, args) or _condition(node, args)


def within(piece: Piece, strength: int) -> str:
    """The text, in parentheses when it binds less tightly than its surroundings need."""
    return piece[0] if piece[1] >= strength else f"({piece[0]})"


def _sum_of_terms(args: Sequence[Piece]) -> str:
    texts: list[str] = []
    for piece in args:
        if not texts:
            texts.append(within(piece, NEG))
        elif piece[1] == NEG:  # Neg, a negative number, or a product that begins with one
            texts.append(f" - {piece[0][1:]}")
        else:
            texts.append(f" + {within(piece, MUL)}")
    return "".join(texts)


def _product(node: Expr, args: Sequence[Piece]) -> Piece:
    first = node.args[0]
    rest = [within(piece, POW) for piece in args[1:]]
    if isinstance(first, Number) and first.value < 0:
        if first.value == -1 and rest:
            return "-" + "*".join(rest), NEG
        return "*".join([args[0][0], *rest]), NEG
    head = f"({args[0][0]})" if isinstance(first, Mul) else within(args[0], MUL)
    return "*".join([head, *rest]), MUL


def _bracketed(node: Expr, args: Sequence[Piece]) -> Piece | None:
    texts = [piece[0] for piece in args]
    if isinstance(node, Call):
        return f"{node.name}({', '.join(texts)})", ATOM
    if isinstance(node, Indexed):
        return f"{node.name}[{','.join(texts)}]", ATOM
    if isinstance(node, Piecewise):
        return f"{'if' if len(texts) == 3 else 'piecewise'}({', '.join(texts)})", ATOM
    if isinstance(node, Sum):
        return f"sum({texts[0]}, {node.index}, {texts[1]}, {texts[2]})", ATOM
    return None


def _condition(node: Expr, args: Sequence[Piece]) -> Piece:
    if isinstance(node, Compare):
        return f"{within(args[0], ADD)} {node.operator} {within(args[1], ADD)}", COMPARE
    if isinstance(node, Not):
        return f"not {within(args[0], NOT)}", NOT
    if isinstance(node, And):
        if is_chain(node):
            return _chain(node, args), COMPARE
        return " and ".join(within(piece, NOT) for piece in args), AND
    assert isinstance(node, Or)
    return " or ".join(within(piece, AND) for piece in args), OR


def is_chain(node: And) -> bool:
    """True for what ``a < b < c`` means: comparisons linked by a common side, all the same way round."""
    links = node.args
    if not all(isinstance(link, Compare) for link in links):
        return False
    for left, right in pairwise(links):
        if left.args[1] is not right.args[0] or left.fields[0][0] != right.fields[0][0]:
            return False
        if any(isinstance(inner, Piecewise) for inner in postorder(left.args[1])):
            return False
    return True


def _chain(node: And, args: Sequence[Piece]) -> str:
    """``a < b < c`` from the texts ``a < b`` and ``b < c``: each text without the left side it shares."""
    text = args[0][0]
    for link, piece in zip(node.args[1:], args[1:], strict=True):
        side = within((to_text(link.args[0]), ADD), ADD)
        text += piece[0][len(side) :]
    return text


# ---------------------------------------------------------------------------------------------------------------
# Numbers
# ---------------------------------------------------------------------------------------------------------------


def number_piece(value: Fraction) -> Piece:
    """A rational as a decimal where it has one (``0.9``, ``1e-06`` → ``1e-6``), else as ``p/q``."""
    if value < 0:
        text, _ = number_piece(-value)
        return f"-{text}", NEG
    decimal = decimal_text(value)
    if decimal is not None:
        return decimal, ATOM
    return f"{digits_of(value.numerator)}/{digits_of(value.denominator)}", MUL


def decimal_text(value: Fraction) -> str | None:
    """The shortest exact decimal of a rational ≥ 0; None where its denominator has a factor other than 2 and 5."""
    if value == 0:
        return "0"
    places = _decimal_places(value.denominator)
    if places is None:
        return None
    digits = digits_of(value.numerator * 10**places // value.denominator)
    significant = digits.rstrip("0")
    exponent = len(digits) - len(significant) - places  # value = significant · 10^exponent
    magnitude = len(significant) + exponent  # value = 0.significant · 10^magnitude
    if exponent >= 0:
        return significant + "0" * exponent if magnitude <= 15 or exponent < 6 else _scientific(significant, exponent)
    if magnitude > 0:
        return f"{significant[:magnitude]}.{significant[magnitude:]}"
    return f"0.{'0' * -magnitude}{significant}" if magnitude > -4 else _scientific(significant, exponent)


def _scientific(significant: str, exponent: int) -> str:
    if len(significant) == 1:
        return f"{significant}e{exponent}"
    return f"{significant[0]}.{significant[1:]}e{exponent + len(significant) - 1}"


def _decimal_places(denominator: int) -> int | None:
    twos = (denominator & -denominator).bit_length() - 1
    rest, fives = denominator >> twos, 0
    while rest > 1:
        rest, remainder = divmod(rest, 5)
        if remainder:
            return None
        fives += 1
    return max(twos, fives)
