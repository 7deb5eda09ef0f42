"""Standardizing columns for training, and folding that back into the weights that are reported."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcopt.errors import UsageError
from calcopt.learn.network import Layer
from calcopt.learn.network_functions import Array
from calcopt.learn.shares import Block, Shares

LARGEST = 1e140
"""Numbers whose squares can be summed over any table."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """x̃ⱼ = (xⱼ − meanⱼ)/deviationⱼ for the features, and likewise for a regression's target.

    ``constant`` marks the columns with one value only; their deviation is taken as 1. ``noise`` bounds the
    rounding error of each x̃ⱼ.
    """

    mean: Array
    deviation: Array
    constant: NDArray[np.bool_]
    noise: Array
    target_mean: float = 0.0
    target_deviation: float = 1.0
    standardizes: bool = True

    @staticmethod
    def identity(shares: Shares, *, squared: bool) -> Scaling:
        """No change at all; ``UsageError`` where the features are to be ``squared`` and are too large for that."""
        zeros, moments = np.zeros(shares.width), shares.total(moments_of_rows, operator.add)
        if squared and np.maximum(np.abs(moments.smallest), np.abs(moments.largest))[:-1].max(initial=0.0) > LARGEST:
            raise _too_large()
        return Scaling(zeros, zeros + 1.0, moments.constant[:-1], zeros, standardizes=False)

    @staticmethod
    def measure(shares: Shares, *, scale_target: bool) -> Scaling:
        """Mean and population deviation of each column, and of the target where it is to be scaled too.

        ``UsageError`` where squares overflow: losses and gradients would. So for weights, in the units of the data.
        """
        moments = shares.total(moments_of_rows, operator.add)
        if not np.isfinite(moments.squares).all():
            raise _too_large()
        means, deviations = moments.usable()
        mean, deviation, constant = means[:-1], deviations[:-1], moments.constant[:-1]
        largest = np.maximum(np.abs(moments.smallest), np.abs(moments.largest))[:-1]
        noise = 4.0 * np.finfo(float).eps * (largest + np.abs(mean)) / deviation
        if not scale_target:
            return Scaling(mean, deviation, constant, noise)
        if float(deviations[-1]) / LARGEST / LARGEST > deviation.min(initial=np.inf):
            raise UsageError(
                "the target is so large beside a feature that the weight may overflow a double",
                hint="measure the columns in other units",
            )
        return Scaling(mean, deviation, constant, noise, float(means[-1]), float(deviations[-1]))

    def __call__(self, rows: Array) -> None:
        """Standardizes ``rows`` (k, p+1), the target last, in place; a constant column stays 0."""
        features, target = rows[:, :-1], rows[:, -1]
        features -= self.mean
        features /= self.deviation
        features[:, self.constant] = 0.0
        if self.target_mean != 0.0 or self.target_deviation != 1.0:
            target -= self.target_mean
            target /= self.target_deviation

    def fold_back(self, layers: list[Layer], *, scaled_target: bool) -> list[Layer]:
        """The layers that take and give the data's own units: the same function of the raw x.

        First layer: W' = W/deviation, b' = b − mean·W'. Last layer of a regression: W'·s_y, b'·s_y + mean_y.
        A constant column was standardized to zeros and taught nothing: its weights are 0.
        A bias that the subtraction leaves as mere rounding is 0.
        """
        first = layers[0].weights / self.deviation[:, None]
        if self.standardizes:
            first[self.constant] = 0.0
        bias = layers[0].bias - self.mean @ first
        rounding = 4.0 * np.finfo(float).eps * (np.abs(layers[0].bias) + np.abs(self.mean) @ np.abs(first))
        bias[np.abs(bias) <= rounding] = 0.0
        folded = [Layer(first, bias), *layers[1:]]
        if scaled_target:
            weights, bias = folded[-1]
            folded[-1] = Layer(weights * self.target_deviation, bias * self.target_deviation + self.target_mean)
        return folded


def _too_large() -> UsageError:
    hint = "divide the columns by a power of 10"
    return UsageError("the numbers in the table are too large to be squared", hint=hint)


@dataclass(frozen=True, slots=True)
class Moments:
    """Of each column of some rows: the mean, Σ(x − mean)², the smallest and the largest value, (columns,).

    The mean is ``shift`` + ``offset``, the shift being a row of the data: large offsets cost no digits.
    """

    rows: int
    shift: Array
    offset: Array
    squares: Array
    smallest: Array
    largest: Array

    def __add__(self, other: Moments) -> Moments:
        """Of both together (Chan, Golub & LeVeque 1983, *The American Statistician* 37): no digits are cancelled."""
        rows, apart = self.rows + other.rows, (other.shift - self.shift) + (other.offset - self.offset)
        return Moments(
            rows,
            self.shift,
            self.offset + apart * (other.rows / rows),
            self.squares + other.squares + apart**2 * (self.rows * other.rows / rows),
            np.minimum(self.smallest, other.smallest),
            np.maximum(self.largest, other.largest),
        )

    @property
    def constant(self) -> NDArray[np.bool_]:
        """Which columns hold one value only."""
        result: NDArray[np.bool_] = self.smallest == self.largest
        return result

    def usable(self) -> tuple[Array, Array]:
        """The means, and the population deviations: 1 for a constant column, and where squares underflow."""
        mean = np.where(self.constant, self.smallest, self.shift + self.offset)
        deviation = np.sqrt(self.squares / self.rows)
        return mean, np.where(~self.constant & (deviation > 0.0), deviation, 1.0)


def block_moments(columns: Array, shift: Array) -> Moments:
    """The moments of one block, given column by column, (columns, rows): so each is a short stretch of memory."""
    with np.errstate(over="ignore", invalid="ignore"):
        shifted = columns - shift[:, None]
        offset = shifted.mean(axis=1)
        shifted -= offset[:, None]
        squares = np.einsum("ij,ij->i", shifted, shifted)
    return Moments(columns.shape[1], shift, offset, squares, columns.min(axis=1), columns.max(axis=1))


def moments_of_rows(blocks: Iterator[Block]) -> Moments:
    """The moments of the features of a share and, last, of its target."""
    total: Moments | None = None
    with np.errstate(over="ignore", invalid="ignore"):
        for block in blocks:
            columns = np.vstack([block.rows.T, block.targets])
            part = block_moments(columns, columns[:, 0].copy() if total is None else total.shift)
            total = part if total is None else total + part
    assert total is not None
    return total
