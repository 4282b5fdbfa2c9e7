"""A rate: how often somebody may do something in how long; and how somebody stands with it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`most` in any `seconds`. `what`: in the plural, for the sentence of a refusal."""

    name: str
    most: int
    seconds: int
    what: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How often one may still, and after how many seconds oftener."""

    rate: Rate
    remaining: int
    reset_seconds: float
