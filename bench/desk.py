"""What the administrator's desk costs: the server's processor with and without it, under the same load, and the frames of a real browser that shows it.

`python -m bench.desk`, about two minutes; docs/performance.md has what came of it. The load generator has 1,000 rooms of 5 people, in some of which somebody
types; meanwhile the desk is closed and open by turns. Whoever looks goes through every part of it, scrolls, sorts and searches.

Two processors are one too few for server, load and browser. What it costs the server is measured with the server on a processor of its own; frames,
with the browser on one (`--alone browser`): beside the load generator they tell when the browser was given time, and not what the page takes. Tasks of
the page's thread are told in time that passed and, for the same reason, in time of the processor.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession, Page, async_playwright

from bench.compare import allow_many_connections
from bench.servers import LOAD_CPU, SERVER_CPU, SERVERS, Start, free_port, load_words, running, scratch
from bench.workshop import HERE, Workshop, default_home, generated_trace, prepare, require_two_processors

OURS = "fourhands"
LOGIN, PASSWORD = "desk", "a password of this bench alone"
PARTS = ("Rooms", "People", "Programs", "Audit log", "Bans", "Server")
SETTLE_SECONDS = 4.0
"""After it was opened or closed: what that costs by itself is not what it costs to look."""
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")
WITHOUT_PROGRAMS = {"FOURHANDS_RUNNER": "off"}
"""Its self-test would be measured, too."""
WIDE, HIGH = 1440, 900

RECORD_FRAMES = """
window.frames_ = []
window.tasks_ = []
let last_ = performance.now()
const look_ = (now) => { window.frames_.push(now - last_); last_ = now; requestAnimationFrame(look_) }
requestAnimationFrame((now) => { last_ = now; requestAnimationFrame(look_) })
new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.tasks_.push(entry.duration) }).observe({ type: 'longtask', buffered: true })
"""
TAKE_FRAMES = "() => { const taken = [window.frames_, window.tasks_]; window.frames_ = []; window.tasks_ = []; return taken }"


@dataclass
class Frames:
    """Milliseconds between two frames, of tasks that took more than 50, and of what each task computed."""

    between: list[float] = field(default_factory=list[float])
    tasks: list[float] = field(default_factory=list[float])
    computed: list[float] = field(default_factory=list[float])

    def add(self, taken: Sequence[Sequence[float]], computed: Sequence[float]) -> None:
        self.between += taken[0]
        self.tasks += taken[1]
        self.computed += computed

    def told(self) -> dict[str, Any]:
        ordered = sorted(self.between)
        at = lambda part: round(ordered[min(len(ordered) - 1, int(len(ordered) * part))], 1) if ordered else None  # noqa: E731
        over = sum(one > 100 for one in ordered)
        told = {"frames": len(ordered), "p50": at(0.5), "p99": at(0.99), "most": at(1), "over_100": over}
        return told | {"longest_task": round(max(self.tasks, default=0)), "most_computed": round(max(self.computed, default=0))}


class Trace:
    """What tasks of the page's thread take of the processor: Chromium's own trace knows it (its format's `tdur`, microseconds), no script does."""

    def __init__(self, devtools: CDPSession) -> None:
        self.devtools = devtools
        self.events: list[dict[str, Any]] = []
        devtools.on("Tracing.dataCollected", lambda piece: self.events.extend(piece["value"]))

    async def start(self) -> None:
        self.events.clear()
        await self.devtools.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": {"includedCategories": ["toplevel"]}})

    async def take(self) -> list[float]:
        """Milliseconds of each task since it was started."""
        complete: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.devtools.once("Tracing.tracingComplete", lambda _: complete.set_result(None))
        await self.devtools.send("Tracing.end")
        await complete
        threads = {self._thread(one) for one in self.events if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"}
        tasks = (one for one in self.events if one["ph"] == "X" and one["name"].endswith("RunTask") and self._thread(one) in threads)
        return [one.get("tdur", 0) / 1000 for one in tasks]

    @staticmethod
    def _thread(event: dict[str, Any]) -> tuple[int, int]:
        return event["pid"], event["tid"]


@dataclass
class Measured:
    """Processors that the server used, piece by piece; frames by what was done meanwhile."""

    closed: list[float] = field(default_factory=list[float])
    open: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    frames: dict[str, Frames] = field(default_factory=dict[str, Frames])

    def told(self) -> dict[str, Any]:
        closed = sum(self.closed) / len(self.closed)
        opened = {part: sum(pieces) / len(pieces) for part, pieces in self.open.items()}
        return {
            "closed_percent": round(closed * 100, 2),
            "closed_pieces": [round(one * 100, 2) for one in self.closed],
            "more_percent": {part: round((used - closed) * 100, 2) for part, used in opened.items()},
            "frames": {part: frames.told() for part, frames in self.frames.items()},
        }


def seconds_of(pids: Sequence[int]) -> float:
    """What these processes have used of the processor (proc_pid_stat(5): utime, stime)."""
    used = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        used += int(fields[11]) + int(fields[12])
    return used / os.sysconf("SC_CLK_TCK")


async def used(pids: Sequence[int], seconds: float) -> float:
    """Processors that they use on average, from now on for so long."""
    before, began = seconds_of(pids), time.monotonic()
    await asyncio.sleep(seconds)
    return (seconds_of(pids) - before) / (time.monotonic() - began)


def make_administrator(data: Path) -> None:
    command = [sys.executable, "-m", "fourhands", "admin", "create-user", LOGIN, "--admin", "--data-dir", str(data)]
    subprocess.run(command, input=f"{PASSWORD}\n", text=True, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(HERE.parent / "src")})


async def log_in(page: Page, url: str) -> None:
    """Raises `RuntimeError`."""
    answer = await page.context.request.post(f"{url}/api/login", data={"login": LOGIN, "password": PASSWORD})
    if not answer.ok:
        raise RuntimeError(f"{answer.status}: {await answer.text()}")


async def work(page: Page, part: str) -> None:
    """What an administrator does with a table: scroll through it, search, sort, open a row and another."""
    if part not in ("Rooms", "People"):
        return
    # by CSS: for roles Playwright reads all elements, in the page's own thread, and that would be measured
    await page.hover(".data-scroll")
    for _ in range(12):
        await page.mouse.wheel(0, 4000)
        await page.wait_for_timeout(100)
    search = page.locator(".data-tools input")
    await search.press_sequentially("r1", delay=100)
    await page.wait_for_timeout(200)
    await search.fill("")
    for head in await page.locator(".data-head .sorter").all():
        await head.click()
        await page.wait_for_timeout(150)
    rows = page.locator(".row-opener")
    for number in (0, 2):
        await rows.nth(number).click()
        await page.wait_for_timeout(200)
    await rows.nth(1).press("End")
    await page.wait_for_timeout(200)


class Looking:
    """A browser beside the load."""

    def __init__(self, page: Page, trace: Trace, url: str, pids: Sequence[int], piece_seconds: float) -> None:
        self.page, self.trace, self.url, self.pids, self.piece = page, trace, url, pids, piece_seconds
        self.measured = Measured()

    async def closed(self) -> None:
        await self.page.goto("about:blank")
        await asyncio.sleep(SETTLE_SECONDS)
        self.measured.closed.append(await used(self.pids, self.piece))
        print(f"closed: {self.measured.closed[-1] * 100:.2f} %", flush=True)

    async def open(self, part: str, *, works: bool) -> None:
        await self.trace.start()
        await self.page.goto(f"{self.url}/admin")
        await self.page.locator(".desk-tabs .tab", has_text=part).click()
        await self.page.locator(".desk-part").wait_for()
        await self.keep(f"{part}: opened")
        await self.trace.start()
        await asyncio.sleep(SETTLE_SECONDS)
        self.measured.open.setdefault(part, []).append(await used(self.pids, self.piece))
        print(f"{part} open: {self.measured.open[part][-1] * 100:.2f} %", flush=True)
        await self.keep(f"{part}: watched")
        if works:
            await self.trace.start()
            await work(self.page, part)
            await self.keep(f"{part}: worked with")

    async def keep(self, what: str) -> None:
        frames = await self.page.evaluate(TAKE_FRAMES)
        self.measured.frames.setdefault(what, Frames()).add(frames, await self.trace.take())
        print(f"{what}: {self.measured.frames[what].told()}", flush=True)


def exchange_processors(pids: Sequence[int], data: Path, browser_path: str) -> str:
    """Puts the server, with its threads, to the load; the browser that is returned starts on the processor that this leaves free."""
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {int(LOAD_CPU)})
    pinned = data / "browser"
    pinned.write_text(f'#!/bin/sh\nexec taskset -c {SERVER_CPU} "{browser_path}" "$@"\n')
    pinned.chmod(0o700)
    return str(pinned)


async def look(url: str, pids: Sequence[int], data: Path, options: argparse.Namespace) -> dict[str, Any]:
    found = os.environ.get("FOURHANDS_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    async with async_playwright() as playwright:
        browser_path = found or playwright.chromium.executable_path
        if options.alone == "browser":
            browser_path = exchange_processors(pids, data, browser_path)
        browser = await playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        page = await browser.new_page(viewport={"width": WIDE, "height": HIGH})
        await page.add_init_script(RECORD_FRAMES)
        await log_in(page, url)
        looking = Looking(page, Trace(await browser.new_browser_cdp_session()), url, pids, options.piece)
        for turn in range(options.turns):
            for part in options.parts:
                await looking.closed()
                await looking.open(part, works=turn == 0)
        await looking.closed()
        await browser.close()
    return looking.measured.told()


def measure(workshop: Workshop, options: argparse.Namespace) -> dict[str, Any]:
    """One server, one load, one browser. Raises `RuntimeError`."""
    os.sched_setaffinity(0, {int(LOAD_CPU)})  # and of all that this starts; the server is put on the other
    with scratch(workshop) as data:
        make_administrator(data)
        load = f"run -R {options.rooms} -c {options.people} -a {options.typing} -W 1 -r {options.rate} -A -d 3600 -w 1"
        with running(Start(workshop, free_port(), data, persist=False), OURS, WITHOUT_PROGRAMS) as (port, pids):
            words = load_words(SERVERS[OURS], port, pids, load.replace("3600", str(options.seconds)))
            environment = {**os.environ, "BENCH_DATA": str(generated_trace(workshop.home))}
            with subprocess.Popen([str(workshop.loadgen), *words], env=environment, stdout=subprocess.PIPE, text=True) as generator:
                try:
                    time.sleep(options.join)
                    if generator.poll() is not None:
                        raise RuntimeError("the load generator has ended")
                    found = asyncio.run(look(f"http://127.0.0.1:{port}", pids[:1], data, options))
                    if generator.poll() is not None:
                        raise RuntimeError("the load ended before the measurement: give more --seconds")
                finally:
                    generator.kill()
    return {"load": load, "alone": options.alone, **found}


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.desk", description="What the administrator's desk costs.")
    parser.add_argument("--rooms", type=int, default=1000)
    parser.add_argument("--people", type=int, default=5, help="in each room (default: 5)")
    parser.add_argument("--typing", type=int, default=200, help="rooms in which somebody types (default: 200)")
    parser.add_argument("--rate", type=float, default=2, help="edits a second there, each with a cursor (default: 2)")
    parser.add_argument("--piece", type=float, default=6, help="seconds of each piece of a measurement (default: 6)")
    parser.add_argument("--alone", choices=("server", "browser"), default="server", help="who has a processor of its own (default: server)")
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--join", type=float, default=10, help="seconds until everybody is in (default: 10)")
    parser.add_argument("--seconds", type=int, default=600, help="how long the load lasts at most")
    parser.add_argument("--parts", type=lambda text: text.split(","), default=["Rooms", "People"], help=f"of {','.join(PARTS)} (default: Rooms,People)")
    options = parser.parse_args(words)
    require_two_processors()
    allow_many_connections()
    print(json.dumps(measure(prepare(default_home(), peers=False), options), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
