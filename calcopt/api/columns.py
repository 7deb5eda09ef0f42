"""The columns of a table as indexed constants: ``t[i]`` and ``y[i]`` in a formula, ``n`` for the number of rows."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from calcopt.errors import UsageError

if TYPE_CHECKING:
    from typing import BinaryIO

    from calcopt.expression.tree import Expr

MOST_VALUES = 100_000
"""Every value becomes a number of the formula, whose sums are written out for them."""


def columns_of(source: str, function: str, *, stdin: BinaryIO | None = None) -> dict[str, Expr]:
    """``t[1] … t[m]`` for every numeric column of the table ``source`` that ``function`` uses as ``t[…]``; ``n`` is m.

    A value is the shortest decimal of its double, as a rule what the table says; rows are counted from 1. For many rows
    of one model use ``fit``.

    Raises:
        DataError: the table, or a column that is used, cannot be read as numbers.
        UsageError: no column is used, or there are too many values.
    """
    from calcopt.data.table import open_table
    from calcopt.expression.tree import Number

    table = open_table(source, stdin=stdin)
    named = dict.fromkeys(re.findall(r"([^\W\d]\w*)\s*\[", function))
    used = [name for name in named if name in table.columns]
    if not used:
        listed = ", ".join(table.columns[:8]) + (", …" if len(table.columns) > 8 else "")
        raise UsageError(
            f"the formula uses no column of {source}", hint=f"write them with an index, as y[i]; there are {listed}"
        )
    found: dict[str, Expr] = {}
    rows = 0
    for batch in table.batches(used):
        if (rows + len(batch)) * len(used) > MOST_VALUES:
            raise UsageError(
                f"{source} has more than {MOST_VALUES:,} values for a formula",
                hint="calcopt fit takes tables of any length: calcopt fit 'y ~ a*exp(-b*t)' data.csv",
            )
        for place, name in enumerate(used):
            for row, value in enumerate(batch.numbers[:, place].tolist(), start=rows + 1):
                found[f"{name}[{row}]"] = _number(value)
        rows += len(batch)
    found["n"] = Number(Fraction(rows))
    return found


def _number(value: float) -> Expr:
    from calcopt.expression.tree import Neg, Number

    exact = Fraction(repr(value))
    number: Expr = Number(exact) if exact >= 0 else Neg(Number(-exact))
    return number
