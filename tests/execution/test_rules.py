"""Limits are fitted to a language and to the machine."""

import pytest
from msgspec.structs import replace

from fourhands.execution.port import Needs, Runtime
from fourhands.execution.queue import Lane, QueueLimits
from fourhands.execution.rules import Rules

GiB = 1024**3
JAVA = Runtime(language="java", version="17", compiled=True, needs=Needs(memory_bytes=2 * GiB, processes=128))
PYTHON = Runtime(language="python", version="3")


def test_a_language_gets_what_it_cannot_do_without() -> None:
    rules = Rules(queue=QueueLimits(memory_bytes=8 * GiB))
    fitted = rules.fitted(rules.program, JAVA, "batch")
    assert (fitted.memory_bytes, fitted.processes) == (2 * GiB, 128)
    assert rules.fitted(rules.program, PYTHON, "batch") == rules.program


@pytest.mark.parametrize("lane", ["batch", "interactive"])
def test_no_program_gets_more_memory_than_the_machine_gives_to_one(lane: Lane) -> None:
    rules = Rules(queue=QueueLimits(memory_bytes=GiB // 2))
    fitted = rules.fitted(rules.program, JAVA, lane)
    assert rules.memory_bytes(fitted, JAVA) == rules.queue.most_bytes(lane)


def test_what_is_compiled_counts_with_its_compiler() -> None:
    limits = Rules().program
    assert Rules.memory_bytes(limits, JAVA) == limits.compile_memory_bytes
    assert Rules.memory_bytes(limits, PYTHON) == limits.memory_bytes
    large = replace(limits, memory_bytes=4 * GiB)
    assert Rules.memory_bytes(large, JAVA) == 4 * GiB
