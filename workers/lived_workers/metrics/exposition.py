"""The metrics on a local port, in Prometheus' formats: the one door to prometheus-client."""

import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, groupby
from socketserver import TCPServer
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import make_wsgi_app
from prometheus_client.registry import Collector

from lived_workers.metrics.catalogue import Kind, Metric
from lived_workers.metrics.store import Histogram, Sample

log = logging.getLogger("lived.metrics")

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily

READ_S = 2.0
"""Longest that one who asks may leave us waiting for its next byte. One is answered at a time, so a hundred who ask at
once cost no more than one; the next five wait in the kernel."""


class Exposition(Collector):
    """Answers who asks with what ``read`` gives at that moment."""

    def __init__(self, read: Callable[[], list[Sample]]) -> None:
        """``read`` is called in the thread that answers."""
        self._read = read
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        self._app = make_wsgi_app(registry)

    def collect(self) -> Iterator[Family]:
        """For the registry."""
        for metric, samples in groupby(self._read(), lambda sample: sample.metric):
            yield _family(metric, samples)

    def serve(self, host: str, port: int) -> int:
        """Listen, and answer from a thread of its own from now on; the port.

        Raises:
            OSError: the port is taken, or not ours to listen on.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        server = _Server(host, port, family)
        server.set_app(self._app)
        # it ends with the process; 60 s is how often it looks whether it should end before, which nobody asks of it
        threading.Thread(target=server.serve_forever, args=(60.0,), name="metrics", daemon=True).start()
        return server.server_port


def _family(metric: Metric, samples: Iterable[Sample]) -> Family:
    labels = list(metric.labels)
    if metric.kind is Kind.HISTOGRAM:
        histograms = HistogramMetricFamily(metric.name, metric.help, labels=labels)
        for sample in samples:
            assert sample.histogram is not None  # noqa: S101
            histograms.add_metric(sample.labels, _buckets(sample.histogram), sample.histogram.sum)
        return histograms
    kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    family = kind(metric.name, metric.help, labels=labels)
    for sample in samples:
        family.add_metric(sample.labels, sample.value)
    return family


def _buckets(histogram: Histogram) -> list[tuple[str, float]]:
    """As Prometheus counts: each bucket has all that is below it too."""
    bounds = [*(f"{bound:g}" for bound in histogram.bounds), "+Inf"]
    return list(zip(bounds, map(float, accumulate(histogram.counts)), strict=True))


class _Server(WSGIServer):
    def __init__(self, host: str, port: int, family: socket.AddressFamily) -> None:
        self.address_family = family
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """As HTTPServer's, which asks the name server who we are, and waits for the answer."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()

    def handle_error(self, *_: object) -> None:
        """One who asked and went away, or said nothing, is no error."""
        error = sys.exception()
        if not isinstance(error, OSError):
            log.error("a request for metrics could not be answered", exc_info=error)


class _Handler(WSGIRequestHandler):
    timeout = READ_S

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Every 15 s somebody asks; that is no news."""
