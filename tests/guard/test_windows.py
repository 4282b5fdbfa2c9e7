"""The storage of rates: how much it remembers, and for how long."""

from fourhands.guard.windows import BoundedWindows
from tests.house import HandClock


async def test_a_flood_of_keys_takes_bounded_memory_and_forgets_the_oldest() -> None:
    clock = HandClock()
    windows = BoundedWindows(clock, 100)
    assert await windows.acquire_sliding_window_entry("first", 1, 60)
    for number in range(1_000):
        assert await windows.acquire_sliding_window_entry(f"flood/{number}", 1, 60)
    assert len(windows) == 100
    assert await windows.acquire_sliding_window_entry("first", 1, 60), "it hit longest ago"
    assert not await windows.acquire_sliding_window_entry("flood/999", 1, 60)


async def test_whoever_hits_again_stays_remembered() -> None:
    windows = BoundedWindows(HandClock(), 3)
    for key in ("a", "b", "c", "a", "d"):
        await windows.acquire_sliding_window_entry(key, 2, 60)
    assert not await windows.acquire_sliding_window_entry("a", 2, 60)
    assert (await windows.get_sliding_window("b", 60))[2] == 0


async def test_what_counts_no_more_is_forgotten_as_others_come() -> None:
    clock = HandClock()
    windows = BoundedWindows(clock, 100)
    for number in range(50):
        await windows.acquire_sliding_window_entry(f"old/{number}", 1, 60)
    clock.pass_seconds(180)
    for number in range(25):
        await windows.acquire_sliding_window_entry(f"new/{number}", 1, 60)
    assert len(windows) == 25


async def test_the_window_slides() -> None:
    clock = HandClock()
    clock.pass_seconds(60 - clock.monotonic() % 60)  # where a window begins
    windows = BoundedWindows(clock, 100)
    for _ in range(4):
        assert await windows.acquire_sliding_window_entry("a", 4, 60)
    clock.pass_seconds(75)
    taken = [await windows.acquire_sliding_window_entry("a", 4, 60) for _ in range(3)]
    assert taken == [True, False, False], "a quarter of the last window is over"
    assert (await windows.get_sliding_window("a", 60)) == (4, 45.0, 1, 105.0)
    clock.pass_seconds(180)
    assert (await windows.get_sliding_window("a", 60))[:3:2] == (0, 0)


async def test_storages_are_emptied_as_limits_asks() -> None:
    windows = BoundedWindows(HandClock(), 10)
    for key in "abc":
        await windows.acquire_sliding_window_entry(key, 1, 60)
    await windows.clear_sliding_window("a", 60)
    await windows.clear("b")
    assert await windows.check() and await windows.reset() == 1 and len(windows) == 0
