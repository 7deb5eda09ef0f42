"""How a training run ended, in words: each status with the inequality behind it and, where it failed, a cure.

``norm`` is the gradient norm in words (it may be that of standardized columns), made by :func:`norm_in_words`.
"""

from __future__ import annotations

from dataclasses import dataclass

from calcopt.records import Status


@dataclass(frozen=True, slots=True)
class Ending:
    """A status and its message."""

    status: Status
    message: str


STATIONARY = "with hidden layers this is a stationary point, not known to be the global minimum"
NO_MINIMUM = (
    "every row is classified rightly, so the loss falls towards 0 as the weights grow for ever; "
    "add --l2 0.001 for a minimum"
)
CURES = {
    "gd": "raise --epochs, or use --method adam, or newton for a perceptron without hidden layers",
    "newton": "raise --epochs",
    "sgd": "raise --epochs, or lower --rate to settle closer",
    "adam": "raise --epochs, or lower --rate to settle closer",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """Every row was on its right side, by ``margin`` at least, after ``epoch`` epochs."""

    epoch: int
    margin: float


def norm_in_words(norm: float, *, standardized: bool) -> str:
    return f"gradient norm {_short(norm)}{' (of the standardized columns)' if standardized else ''}"


def converged(norm: str, epoch: int, tolerance: float, *, note: str | None) -> Ending:
    claim = f"{norm} ≤ tolerance {_short(tolerance)} {_after(epoch)}"
    return Ending("converged", f"{claim}; {note}" if note else claim)


def unbounded(proof: Proof, epoch: int, *, classes: int) -> Ending:
    if classes > 2:
        text = f"planes separate the {classes} classes: every row is on the right side of all "
    else:
        text = "a plane w·x + b = 0 separates the classes: every row is on its right side "
    text += f"{_after(proof.epoch)} (smallest margin {_short(proof.margin)} > 0), so the loss has no minimum: it falls "
    text += "towards 0 as the weights grow"
    return Ending("unbounded", f"{text} for ever; stopped {_after(epoch)}")


def flat(norm: str, epoch: int, smallest: float, *, classes: int) -> Ending:
    cause = "classes that a plane separates but for rows on the plane itself"
    if classes > 2:
        cause = "a class that a plane separates from others, wholly or but for rows on the plane itself"
    return Ending(
        "stalled",
        f"{norm} {_after(epoch)}, but the smallest eigenvalue of the Hessian is {_short(smallest)}: "
        f"some weights grow while the loss flattens out, as with {cause}; add --l2 0.01",
    )


def out_of_epochs(norm: str, epoch: int, tolerance: float, cure: str) -> Ending:
    claim = f"{norm} > tolerance {_short(tolerance)} after the {_epochs(epoch)} allowed"
    return Ending("max_iterations", f"{claim}; {cure}")


def stopped_early(best: float, at: int, epoch: int, patience: int) -> Ending:
    return Ending(
        "stopped_early",
        f"the loss on the held-out rows was lowest {_after(at)} ({_short(best)}) and has not fallen below that for "
        f"{_epochs(patience)}; stopped {_after(epoch)}, with the weights of epoch {at}",
    )


def no_step(norm: str, epoch: int, tolerance: float) -> Ending:
    return Ending(
        "stalled",
        f"no step lowers the loss beyond rounding {_after(epoch)}: {norm} > tolerance "
        f"{_short(tolerance)}; the tolerance may be below what double precision can resolve on this data",
    )


def diverged(loss: float, start: float, epoch: int, rate: float | None, safe: float | None) -> Ending:
    what = "is not finite" if loss != loss or loss in (float("inf"), -float("inf")) else f"is {_short(loss)}"
    text = f"the loss {what} {_after(epoch)} (it was {_short(start)} at the start)"
    if rate is not None:
        text += f": the rate {_short(rate)} is too large"
        text += f"; a rate below {_short(safe)} cannot diverge here" if safe is not None else "; lower --rate"
    return Ending("diverged", text)


def interrupted(norm: str, epoch: int) -> Ending:
    return Ending("interrupted", f"interrupted {_after(epoch)}: {norm}")


def _after(epoch: int) -> str:
    return "at the start" if epoch == 0 else f"after {_epochs(epoch)}"


def _epochs(epoch: int) -> str:
    return f"{epoch} epoch" if epoch == 1 else f"{epoch} epochs"


def _short(value: float) -> str:
    return f"{value:.3g}"
