"""A method's memory as plain values, and back to the same bits: what a checkpoint keeps beside the weights."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from calcopt.learn.network_functions import Array
from calcopt.learn.training_adam import Moments


def pack(array: Array) -> str:
    """The doubles of ``array`` as base64 text, little-endian: every bit is kept."""
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f8").tobytes()).decode("ascii")


def unpack(text: str) -> Array:
    """The inverse of :func:`pack`, flat."""
    return np.frombuffer(base64.b64decode(text, validate=True), dtype="<f8").astype(np.float64)


def freeze(memory: Any) -> Any:
    """``memory`` of any of the methods: nothing, a rate, an epoch with a shuffling generator, or Adam's moments."""
    if memory is None or isinstance(memory, float):
        return memory
    if isinstance(memory, Moments):
        return {
            "steps": memory.steps,
            "epochs": memory.epochs,
            "mean": pack(memory.mean),
            "square": pack(memory.square),
            "generator": memory.generator.bit_generator.state,
        }
    epoch, generator = memory
    return {"epoch": epoch, "generator": generator.bit_generator.state}


def thaw(frozen: Any, fresh: Any) -> Any:
    """The memory that :func:`freeze` took apart; ``fresh`` is one that the method has just made.

    Raises ``KeyError``, ``TypeError`` or ``ValueError`` where ``frozen`` is not such a memory.
    """
    if fresh is None or isinstance(fresh, float):
        if type(frozen) is not type(fresh):
            raise TypeError("not the memory of this method")
        return frozen
    if isinstance(fresh, Moments):
        mean, square = unpack(frozen["mean"]), unpack(frozen["square"])
        if not mean.shape == square.shape == fresh.mean.shape:
            raise ValueError("the moments do not have the size of the weights")
        fresh.generator.bit_generator.state = frozen["generator"]
        return Moments(int(frozen["steps"]), int(frozen["epochs"]), mean, square, fresh.generator)
    _, generator = fresh
    generator.bit_generator.state = frozen["generator"]
    return int(frozen["epoch"]), generator
