"""Activations and losses of perceptrons and networks, safe at any size of the argument.

All functions take and return float64 arrays. Losses are written in the logit z, never in ŷ = σ(z), so that a
saturated ŷ = 1.0 costs no digits (Goodfellow, Bengio & Courville 2016, *Deep Learning*, §6.2.2).
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Activation = Literal["sigmoid", "tanh", "relu"]
Output = Literal["identity", "sigmoid", "softmax"]
ACTIVATIONS: tuple[Activation, ...] = ("sigmoid", "tanh", "relu")


def sigmoid(z: Array) -> Array:
    """σ(z) = 1/(1+e⁻ᶻ), elementwise; with σ' = σ(1−σ). No overflow: only e^{−|z|} is taken."""
    small = np.exp(-np.abs(z))
    result: Array = np.where(z >= 0, 1.0, small) / (1.0 + small)
    return result


def softmax(z: Array) -> Array:
    """eᶻᵏ / Σⱼ eᶻʲ along each row of z (rows, classes), shifted by the row's largest logit."""
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    result: Array = powers / powers.sum(axis=1, keepdims=True)
    return result


def activate_in_place(name: Activation, z: Array) -> None:
    """The hidden activation: σ(z), tanh z or max(0, z), in the place of z.

    Call it where overflows are ignored: in σ = 1/(1 + e⁻ᶻ) an infinite power is right, and gives 0.
    """
    if name == "sigmoid":
        np.negative(z, out=z)
        np.exp(z, out=z)
        z += 1.0
        np.reciprocal(z, out=z)
    elif name == "tanh":
        np.tanh(z, out=z)
    else:
        np.maximum(z, 0.0, out=z)


def slope(name: Activation, a: Array) -> Array:
    """The activation's derivative in terms of its value a: a(1−a), 1−a² or 1 where a > 0 (0 at the kink)."""
    if name == "sigmoid":
        return a * (1.0 - a)
    if name == "tanh":
        return (1.0 - a) * (1.0 + a)
    return (a > 0.0).astype(np.float64)


def times_slope(name: Activation, a: Array, delta: Array) -> None:
    """Multiplies ``delta`` by :func:`slope` of ``a``, in place."""
    if name == "relu":
        delta *= a > 0.0
    else:
        delta *= slope(name, a)


def losses(output: Output, z: Array, targets: NDArray[Any]) -> Array:
    """The loss of every row, (rows,), from the logits z (rows, outputs).

    - identity: ½(y−ŷ)²
    - sigmoid: −y ln ŷ − (1−y) ln(1−ŷ) = ln(1 + e^{−sz}) with s = ±1 for the second and the first class
    - softmax: −ln ŷ_y = ln Σₖ eᶻᵏ − z_y, ``targets`` being the number of each row's class
    """
    result: Array
    if output == "identity":
        result = 0.5 * (targets - z[:, 0]) ** 2
    elif output == "sigmoid":
        result = np.logaddexp(0.0, (1.0 - 2.0 * targets) * z[:, 0])
    else:
        shifted = z - z.max(axis=1, keepdims=True)
        result = np.log(np.exp(shifted).sum(axis=1)) - _of_class(shifted, targets)
    return result


def residuals(output: Output, z: Array, targets: NDArray[Any]) -> Array:
    """∂L/∂z = ŷ − y, shape (rows, outputs): the same for all three outputs.

    In the target's class it is written as −(1 − ŷ) = −σ(−z), which keeps its digits when ŷ is nearly 1.
    """
    if output == "identity":
        result: Array = z - targets[:, None]
        return result
    if output == "sigmoid":
        sign = (2.0 * targets - 1.0)[:, None]
        return -sign * sigmoid(-sign * z)
    delta = softmax(z)
    rows = np.arange(len(z))
    delta[rows, targets] = 0.0
    delta[rows, targets] = -delta.sum(axis=1)
    return delta


def residuals_in_place(output: Output, z: Array, targets: Array, numbers: NDArray[np.int64]) -> None:
    """:func:`residuals` in the place of z; ``numbers`` are 0 … rows − 1, and the targets are as they are kept."""
    if output == "identity":
        z[:, 0] -= targets
    elif output == "sigmoid":
        z[...] = residuals(output, z, targets)
    else:
        classes = targets.astype(np.int64)
        z -= np.maximum.reduce(z, axis=1, keepdims=True)
        np.exp(z, out=z)
        z /= np.add.reduce(z, axis=1, keepdims=True)
        z[numbers, classes] = 0.0
        z[numbers, classes] = -np.add.reduce(z, axis=1)


def losses_and_residuals(output: Output, z: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
    """:func:`losses` and :func:`residuals` together; two classes then take one exponential instead of two.

    With m = sz: ln(1 + e⁻ᵐ) = max(−m, 0) + ln(1 + e^{−|m|}), and ŷ − y = −s σ(−m).
    """
    if output == "identity":
        return losses(output, z, targets), residuals(output, z, targets)
    if output == "softmax":
        return _of_softmax(z, targets)
    sign = 2.0 * targets - 1.0
    margin = sign * z[:, 0]
    small = np.exp(-np.abs(margin))
    each: Array = np.maximum(-margin, 0.0) + np.log1p(small)
    wrong = np.where(margin >= 0.0, small, 1.0) / (1.0 + small)
    delta: Array = (-sign * wrong)[:, None]
    return each, delta


def _of_softmax(z: Array, targets: NDArray[Any]) -> tuple[Array, Array]:
    numbers = np.arange(len(z))
    shifted = z - z.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    sums = powers.sum(axis=1)
    each: Array = np.log(sums) - shifted[numbers, targets]
    powers /= sums[:, None]
    powers[numbers, targets] = 0.0
    powers[numbers, targets] = -powers.sum(axis=1)
    return each, powers


def predicted_classes(z: Array) -> NDArray[np.int64]:
    """The number of the most probable class of every row; the first one of equals."""
    result: NDArray[np.int64] = (z[:, 0] > 0).astype(np.int64) if z.shape[1] == 1 else z.argmax(axis=1)
    return result


def margins(z: Array, targets: NDArray[Any]) -> Array:
    """How far every row is on the right side: s·z for two classes, z_y − max over the other classes for more."""
    result: Array
    if z.shape[1] == 1:
        result = (2.0 * targets - 1.0) * z[:, 0]
        return result
    others = z.copy(order="K")
    others[np.arange(len(z)), targets] = -np.inf
    result = _of_class(z, targets) - others.max(axis=1)
    return result


def _of_class(z: Array, targets: NDArray[Any]) -> Array:
    result: Array = z[np.arange(len(z)), targets]
    return result
