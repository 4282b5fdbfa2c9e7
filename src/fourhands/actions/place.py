"""What every action needs, put together by `app`."""

from dataclasses import dataclass, field

from fourhands.access.tokens import RoomTokens
from fourhands.accounts.accounts import Accounts
from fourhands.desk.mode import Mode
from fourhands.execution.executor import Executor, switched_off
from fourhands.execution.languages import Language
from fourhands.guard.audit import Audit
from fourhands.guard.bans import Bans
from fourhands.guard.rates import Rates
from fourhands.metrics.spans import NO_SPANS, Spans
from fourhands.model.clock import Clock
from fourhands.model.limits import Limits
from fourhands.room.following import Following
from fourhands.room.inside import Inside
from fourhands.room.registry import Registry
from fourhands.room.seeking import Seeks
from fourhands.shared_state.likeness import Likeness
from fourhands.shared_state.port import SharedState
from fourhands.shared_state.words import Words
from fourhands.store.port import Store


@dataclass(frozen=True, slots=True)
class Place:
    store: Store
    registry: Registry
    tokens: RoomTokens
    clock: Clock
    limits: Limits
    languages: tuple[Language, ...]
    adhoc: bool
    seeks: Seeks = field(default_factory=Seeks)
    executor: Executor = field(default_factory=switched_off)
    accounts: Accounts = field(kw_only=True)
    rates: Rates = field(kw_only=True)
    shared: SharedState | None = field(default=None, kw_only=True)
    spans: Spans = field(default=NO_SPANS, kw_only=True)
    likeness: Likeness | None = field(default=None, kw_only=True)
    words: Words = field(init=False)
    following: Following = field(init=False)
    inside: Inside = field(init=False)
    audit: Audit = field(init=False)
    bans: Bans = field(init=False)
    mode: Mode = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "audit", Audit(self.store.audit, self.clock))
        object.__setattr__(self, "words", Words(self.clock, self.shared))
        object.__setattr__(self, "bans", Bans(self.store.bans, self.clock, self.words))
        object.__setattr__(self, "following", Following(self.registry, self.store))
        object.__setattr__(self, "inside", Inside(self.registry))
        object.__setattr__(self, "mode", Mode(self.clock))
