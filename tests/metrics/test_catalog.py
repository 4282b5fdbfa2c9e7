"""What there is to be read is named as Prometheus wants it, and described in docs/operations.md."""

import json
import re

import pytest

from fourhands.metrics.catalog import CATALOG, Metric, as_markdown
from tests.architecture.sources import ROOT

UNITS = ("_seconds", "_bytes")
OF_THE_SERVER = re.compile(r"(fourhands|process)_[a-z_]+")


def test_the_table_of_metrics_is_the_real_one() -> None:
    told = "run: python -c 'from fourhands.metrics.catalog import as_markdown; print(as_markdown())'"
    assert as_markdown() in (ROOT / "docs" / "operations.md").read_text(), told


@pytest.mark.parametrize("metric", CATALOG, ids=lambda metric: metric.name)
def test_a_metric_is_named_and_described(metric: Metric) -> None:
    assert OF_THE_SERVER.fullmatch(metric.name)
    assert metric.help.endswith(".")
    assert not metric.name.endswith(("_total", "_count", "_sum", "_bucket")), "those are added where it is served"
    assert (metric.kind == "histogram") == bool(metric.buckets)
    assert list(metric.buckets) == sorted(set(metric.buckets))
    assert metric.kind != "histogram" or metric.name.endswith(UNITS)
    assert not set(metric.labels) & {"room", "member", "account", "address", "path", "worker"}


def test_no_name_stands_for_two() -> None:
    assert len({metric.served for metric in CATALOG}) == len(CATALOG)


SERVED = {name for metric in CATALOG for name in ([f"{metric.name}_{end}" for end in ("bucket", "sum", "count")] if metric.buckets else [metric.served])}
LABELS = {label for metric in CATALOG for label in metric.labels} | {"le", "job", "instance", "worker"}
DASHBOARD, ALERTS = ROOT / "deploy" / "grafana-dashboard.json", ROOT / "deploy" / "prometheus-alerts.yml"


def queries_of_the_dashboard() -> list[str]:
    return [target["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"] for target in panel["targets"]]


def queries_of_the_alerts() -> list[str]:
    return re.findall(r"^ +expr: (.+)$", ALERTS.read_text(), re.MULTILINE)


@pytest.mark.parametrize("query", [*queries_of_the_dashboard(), *queries_of_the_alerts()])
def test_queries_ask_for_what_is_served(query: str) -> None:
    named = set(re.findall(r"\b(?:fourhands|process)_[a-z_]+", re.sub(r'"[^"]*"', '""', query)))
    assert named or query.startswith("up{")
    assert named <= SERVED
    asked = {label for block in re.findall(r"\{([^}]*)\}", query) for label in re.findall(r"([a-z_]+) ?=", block)}
    asked |= {label.strip() for by in re.findall(r"by \(([^)]*)\)", query) for label in by.split(",")}
    assert asked <= LABELS
    assert query.count("(") == query.count(")")


def test_the_dashboard_shows_every_metric() -> None:
    shown = " ".join(queries_of_the_dashboard())
    assert [metric.name for metric in CATALOG if metric.name not in shown] == []


def test_panels_lie_beside_each_other() -> None:
    places = [panel["gridPos"] for panel in json.loads(DASHBOARD.read_text())["panels"]]
    assert len({(place["x"], place["y"]) for place in places}) == len(places)
    assert all(place["x"] + place["w"] <= 24 for place in places)


def test_alerts_are_named_once_and_say_something() -> None:
    text = ALERTS.read_text()
    names = re.findall(r"- alert: (\w+)", text)
    assert len(set(names)) == len(names) == len(queries_of_the_alerts()) == text.count("summary:") == text.count("severity:")
