"""What a method is: a frozen record of hyper-parameters with ``init`` and ``step``; the loop belongs to the driver.

The manner is that of optimistix and optax: hyper-parameters in the method, what changes in a state that the method
hands back, and no loop over iterations anywhere but in :mod:`calcopt.solve.driver`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from calcopt.records import Status, Vector
    from calcopt.solve.tasks import Point, Task


class Move(NamedTuple):
    """A proposed and evaluated point. The driver accepts it only when it is finite."""

    point: Point
    state: Any
    tag: str
    detail: Mapping[str, float] = MappingProxyType({})


class Halt(NamedTuple):
    """The method cannot, or need not, go on from the current point: a status, and the numbers behind it.

    ``outside`` is the trial point that is not finite, where that is the reason.
    """

    status: Status
    message: str
    advice: str | None = None
    outside: Vector | None = None


class Method(Protocol):
    """A rule that leads from one point to the next.

    ``order`` is the highest derivative that an accepted point must carry; ``merit`` names what "best so far" means.
    """

    @property
    def name(self) -> str: ...
    @property
    def order(self) -> int: ...
    @property
    def merit(self) -> Literal["value", "measure"]: ...

    def init(self, task: Task, point: Point) -> Any:
        """The state at the start."""
        ...

    def step(self, task: Task, point: Point, state: Any) -> Move | Halt:
        """The next point, evaluated, with the state that belongs to it; or why there is none."""
        ...

    def settled(self, task: Task, point: Point, state: Any, tolerance: float) -> str | None:
        """Asked once the stopping measure is within the tolerance: what to add to the message (may be empty), or
        None when the method knows that this is not the end (a saddle; a Newton step still long)."""
        ...

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        """What to type instead, after a run that failed; ``largest_curvature`` is max |λ(H)| at ``best``."""
        ...


class Plain:
    """Defaults for methods without second-order knowledge: the tolerance decides, nothing to advise."""

    __slots__ = ()
    order: int = 1
    merit: Literal["value", "measure"] = "value"

    def settled(self, task: Task, point: Point, state: Any, tolerance: float) -> str | None:
        return ""

    def advise(self, task: Task, status: Status, best: Point, largest_curvature: float | None) -> str | None:
        return None
