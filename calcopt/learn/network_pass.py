"""Forward and backward through a network many times: views and buffers are made once, not for every block of rows."""

from __future__ import annotations

import numpy as np

from calcopt.learn.network import Network
from calcopt.learn.network_functions import Array, activate_in_place, times_slope


class NetworkPass:
    """The formulas of :func:`calcopt.learn.network.forward` and ``backward``, in arrays that are used again.

    ``theta`` may be changed in place between two passes. Call it within ``np.errstate(all="ignore")``.
    """

    def __init__(self, network: Network, theta: Array) -> None:
        self._network = network
        self._layers = network.layers(theta)
        self._turned = [layer.weights.T for layer in self._layers]
        self._gradient = np.empty_like(theta)
        self._parts = network.layers(self._gradient)
        self._rows = -1
        self._values: list[Array] = []
        self._deltas: list[Array] = []

    def forward(self, rows: Array) -> Array:
        """The logits (k, outputs) of ``rows`` (k, inputs); valid, and to be written to, until the next pass."""
        if len(rows) != self._rows:
            self._make_room(len(rows))
        last, values = len(self._layers) - 1, rows
        for number, (layer, z) in enumerate(zip(self._layers, self._values, strict=True)):
            np.matmul(values, layer.weights, out=z)
            np.add(z, layer.bias, out=z)
            if number < last:
                activate_in_place(self._network.activation, z)
            values = z
        return values

    def backward(self, rows: Array, delta: Array) -> Array:
        """∂/∂θ of the losses of the rows that went forward last; ``delta`` (k, outputs). Valid until the next pass."""
        for number in range(len(self._layers) - 1, -1, -1):
            below = self._values[number - 1] if number else rows
            np.matmul(below.T, delta, out=self._parts[number].weights)
            np.add.reduce(delta, axis=0, out=self._parts[number].bias)
            if number:
                np.matmul(delta, self._turned[number], out=self._deltas[number - 1])
                delta = self._deltas[number - 1]
                times_slope(self._network.activation, below, delta)
        return self._gradient

    def _make_room(self, rows: int) -> None:
        self._rows = rows
        self._values = [np.empty((rows, units)) for units in self._network.hidden]
        # the logits stand by column: a maximum or a sum over ten classes then runs along the rows, 10 times as fast
        self._values.append(np.empty((self._network.sizes[-1], rows)).T)
        self._deltas = [np.empty((rows, units)) for units in self._network.hidden]
