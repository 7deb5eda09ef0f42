"""Standardizing columns for training, and folding that back into the weights that are reported."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calcopt.learn.network import Layer
from calcopt.learn.network_functions import Array


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
    def identity(rows: Array) -> Scaling:
        """No change at all."""
        zeros = np.zeros(rows.shape[1])
        return Scaling(zeros, zeros + 1.0, rows.min(axis=0) == rows.max(axis=0), zeros, standardizes=False)

    @staticmethod
    def measure(rows: Array, target: Array | None) -> Scaling:
        """Mean and population deviation of each column, shifted by its first value: large offsets cost no digits."""
        mean, deviation, constant = _moments(rows)
        noise = 4.0 * np.finfo(float).eps * (np.abs(rows).max(axis=0) + np.abs(mean)) / deviation
        if target is None:
            return Scaling(mean, deviation, constant, noise)
        target_mean, target_deviation, _ = _moments(target[:, None])
        return Scaling(mean, deviation, constant, noise, float(target_mean[0]), float(target_deviation[0]))

    def apply(self, rows: Array) -> None:
        """Standardizes ``rows`` (n, p) in place; a column that was constant stays 0, as its weight will be."""
        rows -= self.mean
        rows /= self.deviation
        rows[:, self.constant] = 0.0

    def apply_to_target(self, target: Array) -> Array:
        return (target - self.target_mean) / self.target_deviation

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


def _moments(columns: Array) -> tuple[Array, Array, NDArray[np.bool_]]:
    shift = columns[0].copy()
    constant = columns.min(axis=0) == columns.max(axis=0)
    with np.errstate(over="ignore", invalid="ignore"):
        offset = (columns - shift).mean(axis=0)
        mean = np.where(constant, shift, shift + offset)
        deviation = np.sqrt(((columns - mean) ** 2).mean(axis=0))
    usable = ~constant & np.isfinite(deviation) & (deviation > 0.0)
    return np.where(np.isfinite(mean), mean, 0.0), np.where(usable, deviation, 1.0), constant
