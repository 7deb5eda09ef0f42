"""A trained model as formulas in calcopt's own syntax, which ``calcopt diff`` and the other commands read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from calcopt.errors import CalcoptError
from calcopt.expression import parse
from calcopt.learn.network import Layer, Network

LONGEST = 20_000
"""Characters a formula may have to be accepted on a command line."""


class TooLongError(ValueError):
    """A formula beyond ``LONGEST`` characters."""


def variables(features: Sequence[str]) -> tuple[str, ...]:
    """A variable for every feature: its own name where the grammar takes it, a tidied one, or x1, x2 … by position."""
    taken: set[str] = set()
    own, names = set(features), []
    for place, feature in enumerate(features, start=1):
        tidy = re.sub(r"[^A-Za-z0-9_]+", "_", feature).strip("_")
        name, again = feature, 0
        while name in taken or (again and name in own) or not _is_name(name):
            again += 1
            name = tidy if again == 1 else f"x{place}" if again == 2 else f"x{place}_{again - 1}"
        taken.add(name)
        names.append(name)
    return tuple(names)


def formulas(network: Network, layers: Sequence[Layer], names: Sequence[str]) -> list[str]:
    """The value ŷ (identity), σ(z) for the second class (sigmoid), or a probability for every class (softmax).

    Softmax is written as 1/(1 + Σⱼ exp(zⱼ − zₖ)). Raises :class:`TooLongError`.
    """
    values = list(names)
    for number, layer in enumerate(layers, start=1):
        sums = [_sum(layer.weights[:, unit].tolist(), values, float(bias)) for unit, bias in enumerate(layer.bias)]
        _check(sums)
        values = sums if number == len(layers) else [f"{network.activation}({text})" for text in sums]
    head = f"f({', '.join(names)}) = "
    if network.output == "sigmoid":
        values = [f"sigmoid({values[0]})"]
    elif network.output == "softmax":
        _check(values, times=2 * len(values))
        values = [_share(values, place) for place in range(len(values))]
    _check([head, *values])
    return [head + value for value in values]


def _share(logits: Sequence[str], place: int) -> str:
    others = [f"exp({_grouped(z)} - {_grouped(logits[place])})" for index, z in enumerate(logits) if index != place]
    return f"1/(1 + {' + '.join(others)})"


def _grouped(text: str) -> str:
    return f"({text})"


def _sum(weights: Sequence[float], values: Sequence[str], bias: float) -> str:
    """``2.5*a - 0.5*b + 1``, every number with all its digits; what weighs 0 is left out."""
    terms = [(weight, f"{abs(weight)!r}*{value}") for weight, value in zip(weights, values, strict=True) if weight]
    if bias or not terms:
        terms.append((bias, repr(abs(bias))))
    first = ("-" if terms[0][0] < 0 else "") + terms[0][1]
    return first + "".join(f" {'-' if weight < 0 else '+'} {text}" for weight, text in terms[1:])


def _check(texts: Sequence[str], *, times: int = 1) -> None:
    if times * max(map(len, texts)) > LONGEST or sum(map(len, texts)) > 100 * LONGEST:
        raise TooLongError


def _is_name(word: str) -> bool:
    """Whether the grammar reads ``word`` as one variable of exactly that name."""
    if not re.fullmatch(r"[A-Za-z_]\w*", word, re.ASCII):
        return False
    try:
        formula = parse(f"f({word}) = 2*{word} + 1")
    except CalcoptError:
        return False
    return formula.variables == (word,) and formula.text.count(word) >= 2
