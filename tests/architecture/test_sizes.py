"""Modules and functions stay small: hard limits, and a ratchet that lets the largest only shrink."""

import json

import pytest

from tests.architecture.sizes import RECORD, functions_of, line_count, measure, medians, p95, python_modules, web_modules

HARD_MODULE_LINES = 450
HARD_FUNCTION_LINES = 60
P95_FUNCTION_LINES = 35
MEDIAN_MODULE_LINES = 130
MEDIAN_FUNCTION_LINES = 10
POSITIONAL_PARAMETERS = 5
RECORDED: dict[str, int] = json.loads(RECORD.read_text())


def test_no_module_is_past_the_hard_limit() -> None:
    assert {str(path): lines for path in (*python_modules(), *web_modules()) if (lines := line_count(path)) > HARD_MODULE_LINES} == {}


def test_no_function_is_past_the_hard_limit() -> None:
    functions = [function for path in python_modules() for function in functions_of(path)]
    assert {function.place: function.lines for function in functions if function.lines > HARD_FUNCTION_LINES} == {}
    assert p95([function.lines for function in functions]) <= P95_FUNCTION_LINES


def test_nothing_takes_many_parameters_by_position() -> None:
    functions = [function for path in python_modules() for function in functions_of(path)]
    assert {function.place: function.positional for function in functions if function.positional > POSITIONAL_PARAMETERS} == {}


def test_the_typical_one_is_small() -> None:
    typical = medians()
    assert typical["python_module_lines"] < MEDIAN_MODULE_LINES
    assert typical["python_function_lines"] < MEDIAN_FUNCTION_LINES


def test_all_that_is_measured_is_recorded() -> None:
    assert set(measure()) == set(RECORDED)


@pytest.mark.parametrize("name", RECORDED)
def test_the_largest_only_shrinks(name: str) -> None:
    grown = f"{name} grew past {RECORDED[name]}: split what grew (python -m tests.architecture.sizes shows the figures)"
    assert measure()[name] <= RECORDED[name], grown
