"""The perceptron and the layered network as pure functions of one flat parameter vector θ.

A network with L layers maps a row x = a⁰ to its logits z:

    zˡ = aˡ⁻¹ Wˡ + bˡ,   aˡ = φ(zˡ) for l < L,   z = zᴸ,   ŷ = z, σ(z) or softmax(z).

A perceptron is a network without hidden layers. θ holds W¹, b¹, …, Wᴸ, bᴸ one after another, each Wˡ of shape
(inputs, outputs) row by row, so that every training method works on plain vectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from calcopt.learn.network_functions import (
    Activation,
    Array,
    Output,
    activate_in_place,
    losses,
    residuals,
    sigmoid,
    slope,
    softmax,
)


class Layer(NamedTuple):
    """One layer: ``weights`` of shape (inputs, outputs) and ``bias`` (outputs,)."""

    weights: Array
    bias: Array


@dataclass(frozen=True, slots=True)
class Network:
    """The architecture: ``sizes`` = (inputs, hidden …, outputs), the hidden activation φ, and the output."""

    sizes: tuple[int, ...]
    activation: Activation
    output: Output

    @property
    def hidden(self) -> tuple[int, ...]:
        return self.sizes[1:-1]

    @property
    def parameters(self) -> int:
        """The length of θ."""
        return sum((inputs + 1) * outputs for inputs, outputs in zip(self.sizes, self.sizes[1:], strict=False))

    def layers(self, theta: Array) -> list[Layer]:
        """The layers in θ, as views: writing to them writes to θ."""
        layers, start = [], 0
        for inputs, outputs in zip(self.sizes, self.sizes[1:], strict=False):
            middle, end = start + inputs * outputs, start + (inputs + 1) * outputs
            layers.append(Layer(theta[start:middle].reshape(inputs, outputs), theta[middle:end]))
            start = end
        return layers

    def flatten(self, layers: list[Layer]) -> Array:
        """θ from its layers: the inverse of :meth:`layers`."""
        return np.concatenate([part.ravel() for layer in layers for part in layer])

    def is_weight(self) -> NDArray[np.bool_]:
        """True where θ holds a weight, False where it holds a bias."""
        marks = np.zeros(self.parameters)
        for layer in self.layers(marks):
            layer.weights[...] = 1.0
        return marks > 0.0


def forward(network: Network, theta: Array, rows: Array) -> list[Array]:
    """The values of all layers for ``rows`` (k, inputs): [a⁰ = rows, a¹, …, z], z of shape (k, outputs)."""
    layers = network.layers(theta)
    values = [rows]
    for number, layer in enumerate(layers, start=1):
        z = values[-1] @ layer.weights
        z += layer.bias
        if number < len(layers):
            activate_in_place(network.activation, z)
        values.append(z)
    return values


def backward(network: Network, theta: Array, values: list[Array], delta: Array) -> Array:
    """Back-propagation: ∂/∂θ of a loss whose derivative by the logits is ``delta`` (k, outputs), summed over rows.

    With δᴸ = ŷ − y (all three losses), from the last layer to the first:

        ∂L/∂Wˡ = (aˡ⁻¹)ᵀ δˡ,   ∂L/∂bˡ = Σ_rows δˡ,   δˡ⁻¹ = (δˡ (Wˡ)ᵀ) ∘ φ'(aˡ⁻¹).

    For one layer this is ∂L/∂wᵢ = −xᵢ(y−ŷ), ∂L/∂b = −(y−ŷ); for two layers of σ,
    ∂L/∂w₁₁ = −x₁ w₁ a₁(1−a₁)(y−ŷ). (Rumelhart, Hinton & Williams 1986, *Nature* 323.)
    """
    gradient = np.empty_like(theta)
    layers, parts = network.layers(theta), network.layers(gradient)
    for number in range(len(layers) - 1, -1, -1):
        np.matmul(values[number].T, delta, out=parts[number].weights)
        np.sum(delta, axis=0, out=parts[number].bias)
        if number > 0:
            delta = (delta @ layers[number].weights.T) * slope(network.activation, values[number])
    return gradient


def loss_and_gradient(network: Network, theta: Array, rows: Array, targets: NDArray[Any]) -> tuple[float, Array]:
    """The summed loss over ``rows`` and its gradient by θ; ``targets`` as in :func:`network_functions.losses`."""
    values = forward(network, theta, rows)
    loss = float(losses(network.output, values[-1], targets).sum())
    return loss, backward(network, theta, values, residuals(network.output, values[-1], targets))


def predictions(network: Network, theta: Array, rows: Array) -> Array:
    """The predicted values (k, 1), or the probability of every class (k, classes), small ones with all their digits."""
    z = forward(network, theta, rows)[-1]
    if network.output == "identity":
        return z
    return np.concatenate([sigmoid(-z), sigmoid(z)], axis=1) if network.output == "sigmoid" else softmax(z)


def initial_parameters(network: Network, generator: np.random.Generator) -> Array:
    """Where training starts: 0 for a perceptron (its loss is convex), random weights and zero biases for layers.

    Weights are uniform in ±√(6/(inputs+outputs)) for sigmoid and tanh (Glorot & Bengio 2010), normal with
    variance 2/inputs for relu (He et al. 2015): variances then stay level from layer to layer.
    """
    theta = np.zeros(network.parameters)
    if not network.hidden:
        return theta
    for layer in network.layers(theta):
        inputs, outputs = layer.weights.shape
        if network.activation == "relu":
            layer.weights[...] = generator.normal(0.0, np.sqrt(2.0 / inputs), layer.weights.shape)
        else:
            limit = np.sqrt(6.0 / (inputs + outputs))
            layer.weights[...] = generator.uniform(-limit, limit, layer.weights.shape)
    return theta
