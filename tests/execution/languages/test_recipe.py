"""A recipe that makes no sense says why, before anything is run by it."""

import pytest
from msgspec.structs import replace

from fourhands.execution.languages.recipe import Extra, Prepared, Recipe, Sizes, Version, fault_of
from fourhands.execution.port import Added, MiB, Placing

WHOLE = Recipe(name="X", program=("/usr/bin/x",), run="exec {program} {main}", packages=("x",))


def test_one_that_is_whole_has_no_fault() -> None:
    assert fault_of(WHOLE) == ""
    assert fault_of(replace(WHOLE, compile="x ${name} {sources}")) == "", "braces after a dollar are the shell's"


@pytest.mark.parametrize(
    ("recipe", "says"),
    [
        (replace(WHOLE, program=()), "may not be empty"),
        (replace(WHOLE, run=""), "may not be empty"),
        (replace(WHOLE, run="exec {prog}"), "{prog} stands for nothing"),
        (replace(WHOLE, also=("x.jar",)), "'x.jar' is not an absolute path"),
        (replace(WHOLE, binds=("/usr/../etc",)), "not an absolute path"),
        (replace(WHOLE, support={"/usr/lib/x": "x"}), "is not below /opt/fourhands/"),
        (replace(WHOLE, prepared=Prepared("/etc/x", ("x",))), "is not below /opt/fourhands/"),
        (replace(WHOLE, extra=(Extra("y", "y.py", ()),)), "'y.py' is not an absolute path"),
        (replace(WHOLE, version=Version(pattern="1.2")), "version.pattern has to hold one group, not 0"),
        (replace(WHOLE, placing=Placing(stem="(")), "placing.stem is not a pattern"),
        (replace(WHOLE, placing=Placing(added=(Added("a", "b", when="["),))), "added a is not a pattern"),
        (replace(WHOLE, placing=Placing(class_="(x)")), "placing.class and {class} in run belong together"),
        (replace(WHOLE, run="exec {class}"), "placing.class and {class} in run belong together"),
    ],
)
def test_a_fault_is_named(recipe: Recipe, says: str) -> None:
    assert says in fault_of(recipe)


def test_sizes_are_megabytes_of_1024_kilobytes() -> None:
    needs = Sizes(memory_megabytes=1, compile_memory_megabytes=2, disk_megabytes=3, processes=4).as_needs()
    assert (needs.memory_bytes, needs.compile_memory_bytes, needs.disk_bytes, needs.processes) == (MiB, 2 * MiB, 3 * MiB, 4)


def test_packages_of_extras_count() -> None:
    assert replace(WHOLE, extra=(Extra("y", "/y", ("python3-y",)),)).all_packages == ("x", "python3-y")
