"""What is served is what Prometheus reads."""

import subprocess
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_families
from prometheus_client.parser import text_string_to_metric_families

from fourhands.metrics.catalog import CLOSED, COMMIT, ROOMS
from fourhands.metrics.exposition import expose
from fourhands.metrics.sample import Series, Snapshot

COUNTS = (1, *(0,) * (len(COMMIT.buckets) - 1), 2)
ONE = Snapshot("", (Series(ROOMS.name, ("occupied",), 3), Series(CLOSED.name, ("client", "1001"), 5), Series(COMMIT.name, (), 20.5, COUNTS)))


def test_counters_gauges_and_histograms() -> None:
    told = expose([ONE], "text/plain")
    assert told.media_type.startswith("text/plain")
    families = {family.name: family for family in text_string_to_metric_families(told.body.decode())}
    samples = {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for family in families.values() for sample in family.samples}
    assert samples["fourhands_rooms", (("state", "occupied"),)] == 3
    assert samples["fourhands_websocket_closed_total", (("by", "client"), ("code", "1001"))] == 5
    assert samples["fourhands_journal_commit_seconds_bucket", (("le", "0.001"),)] == 1
    assert samples["fourhands_journal_commit_seconds_bucket", (("le", "10.0"),)] == 1
    assert samples["fourhands_journal_commit_seconds_bucket", (("le", "+Inf"),)] == 3
    assert samples["fourhands_journal_commit_seconds_count", ()] == 3
    assert samples["fourhands_journal_commit_seconds_sum", ()] == 20.5


def test_whoever_asks_for_open_metrics_gets_them() -> None:
    told = expose([ONE], "application/openmetrics-text; version=1.0.0")
    assert told.media_type.startswith("application/openmetrics-text")
    assert {family.name for family in open_families(told.body.decode())} == {ROOMS.name, CLOSED.name, COMMIT.name}


def test_several_workers_are_told_apart() -> None:
    body = expose([Snapshot("a", ONE.series), Snapshot("b", ONE.series)], "").body.decode()
    assert 'fourhands_rooms{state="occupied",worker="a"} 3.0' in body
    assert 'fourhands_rooms{state="occupied",worker="b"} 3.0' in body
    assert body.count("# TYPE fourhands_rooms ") == 1


def test_a_worker_is_named_also_where_the_others_do_not_answer() -> None:
    assert 'worker="b"' in expose([Snapshot("b", ONE.series)], "").body.decode()


def test_the_library_is_loaded_when_somebody_asks() -> None:
    code = "import sys, fourhands.app; print([name for name in sys.modules if name.startswith('prometheus_client')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
