"""What ``calcopt verify`` found: certificates checked again in other arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecheckedPoint:
    """One certificate: whether exactly one critical point of that kind lies in the enclosure; ``reason`` if not."""

    enclosure: Mapping[str, tuple[float, float]]
    classification: str | None
    holds: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Recheck:
    """All certificates of one file; ``arithmetic`` names the library that was asked."""

    function: str
    variables: tuple[str, ...]
    arithmetic: str
    certificates: tuple[RecheckedPoint, ...]
    message: str

    @property
    def reached_goal(self) -> bool:
        """True when there are certificates and every one holds."""
        return bool(self.certificates) and all(item.holds for item in self.certificates)
