"""docs/metrics.md, the dashboard and the alerts speak of metrics that exist, and of labels that they have."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lived_workers.metrics.catalogue import CATALOGUE, OTHER, Kind

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "metrics.md").read_text()
DASHBOARD = json.loads((ROOT / "examples" / "grafana" / "lived.json").read_text())
ALERTS = yaml.safe_load((ROOT / "examples" / "prometheus" / "alerts.yml").read_text())
SCRAPE = yaml.safe_load((ROOT / "examples" / "prometheus" / "scrape.yml").read_text())

EXPORTED = {
    f"{metric.name}{part}": metric
    for metric in CATALOGUE.values()
    for part in (("_bucket", "_count", "_sum") if metric.kind is Kind.HISTOGRAM else ("",))
}
OF_PROMETHEUS = {"instance", "job", "le"}


def panels() -> Iterator[dict[str, Any]]:
    """All that show something."""
    return (panel for panel in DASHBOARD["panels"] if panel["type"] != "row")


def expressions() -> list[str]:
    """Every query of dashboard and alerts."""
    queries = [target["expr"] for panel in panels() for target in panel["targets"]]
    return queries + [rule["expr"] for group in ALERTS["groups"] for rule in group["rules"]]


def row_of(name: str) -> str:
    """What the page should say of a metric."""
    metric = CATALOGUE[name]
    labels = (f"`{label}`" + (": " + ", ".join(known) if known else "") for label, known in metric.labels.items())
    return f"| `{name}` | {metric.kind} | {', '.join(labels)} | {metric.help.rstrip('.')} |"


def test_the_page_has_what_is_exported() -> None:
    """Row by row, in the order of the catalogue, and nothing beside."""
    rows = [line for line in PAGE.splitlines() if line.startswith("| `lived_")]
    assert rows == [row_of(name) for name in CATALOGUE]


@pytest.mark.parametrize("expression", [*expressions(), *re.findall(r"`([^`]*\[[0-9]+[mhd]\][^`]*)`", PAGE)])
def test_every_query_asks_for_what_is_there(expression: str) -> None:
    """Metrics, labels and their values."""
    names = re.findall(r"\blived_\w+", expression)
    assert names
    for name in names:
        assert name in EXPORTED, name
    for name, selector in re.findall(r"(lived_\w+)\{([^}]*)\}", expression):
        labels = EXPORTED[name].labels
        for label, values in re.findall(r'(\w+)=~?"([^"]*)"', selector):
            assert label in labels or label in OF_PROMETHEUS, label
            assert label in OF_PROMETHEUS or set(values.split("|")) <= {*labels[label], OTHER}, values


def test_counters_are_asked_for_their_rise() -> None:
    """Their values alone mean nothing: they begin at 0 with the process."""
    for expression in expressions():
        for name in re.findall(r"\blived_\w+", expression):
            if EXPORTED[name].kind is not Kind.GAUGE:
                assert re.search(rf"(rate|increase)\({name}(\{{[^}}]*\}})?\[", expression), expression


def test_the_dashboard_imports() -> None:
    """No database's own ids, a source of data to choose, panels that do not lie on each other."""
    assert DASHBOARD["title"] == "lived"
    assert "id" not in DASHBOARD
    assert [v["name"] for v in DASHBOARD["templating"]["list"]] == ["datasource", "instance"]
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
    assert all(t["datasource"]["uid"] == "${datasource}" for panel in panels() for t in panel["targets"])


def test_every_metric_is_looked_at() -> None:
    """By the dashboard: who watches it sees everything there is."""
    shown = {EXPORTED[name].name for text in expressions() for name in re.findall(r"\blived_\w+", text)}
    assert set(CATALOGUE) - shown == set()


def test_alerts_say_what_to_do() -> None:
    """A name, a severity, who, and what next."""
    for group in ALERTS["groups"]:
        for rule in group["rules"]:
            assert re.fullmatch(r"Lived[A-Za-z]+", rule["alert"])
            assert rule["labels"]["severity"] in ("page", "warn")
            assert "{{ $labels.instance }}" in rule["annotations"]["summary"]
            assert rule["annotations"]["description"].endswith((".", "devices"))


def test_the_scrape_is_the_ports() -> None:
    """What the page tells to listen on is what is asked."""
    (job,) = SCRAPE["scrape_configs"]
    (target,) = job["static_configs"][0]["targets"]
    assert f'listen = "{target}"' in PAGE
    assert SCRAPE["rule_files"] == ["alerts.yml"]
