"""Filling in missing numbers with the mean of their column (``--missing mean``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcopt.errors import DataError
from calcopt.learn.network_functions import Array


@dataclass(frozen=True, slots=True)
class Imputation:
    """The mean of each of the numeric ``columns`` (over the rows learned from), and the cells filled in."""

    columns: tuple[str, ...]
    means: Array
    cells: int = 0

    def fill(self, numbers: Array) -> int:
        """Replaces every NaN of ``numbers`` (rows, columns) in place; returns how many there were."""
        rows, places = np.nonzero(np.isnan(numbers))
        numbers[rows, places] = self.means[places]
        return len(rows)


def column_means(columns: Sequence[str], numbers: Array, rows: NDArray[np.int64], place: str) -> Imputation:
    """The means over ``rows`` of what is there; ``DataError`` for a column with nothing in it."""
    means = np.empty(len(columns))
    for position, column in enumerate(columns):
        cells = numbers[rows, position]
        cells = cells[~np.isnan(cells)]
        if not len(cells):
            raise DataError(f"column '{column}' is empty in every row", place, hint="leave it out of --features")
        means[position] = cells[0] + (cells - cells[0]).mean()  # shifted: a large offset costs no digits
    return Imputation(tuple(columns), means)
