"""What Prometheus is told about the service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from app.trace import Span
from fusion.weights import cross_modal_ratio

SHARES = tuple(n / 10 for n in range(1, 11))
BUDGET_SECONDS = (0.005, 0.015, 0.03, 0.08, 0.12, 0.25, 0.5, 0.8, 1.2, 2.0, 4.0, 8.0)
"""Edges are the latency budget's: phrase cache, policy, joint NLU, ASR finalise, first clause,
endpoint, … and the whole 800 ms."""


class Metrics:
    """Counters and histograms in a registry of their own, so that two apps never collide."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._turns = Counter(
            "lingxi_turns",
            "Turns answered",
            ("modality", "language", "outcome"),
            registry=self.registry,
        )
        self._errors = Counter(
            "lingxi_errors", "Requests and turns that failed", ("code",), registry=self.registry
        )
        self._throttled = Counter(
            "lingxi_throttled", "Requests that came too often", ("what",), registry=self.registry
        )
        self._stages = Histogram(
            "lingxi_stage_seconds",
            "Time of one stage of a turn",
            ("stage",),
            buckets=BUDGET_SECONDS,
            registry=self.registry,
        )
        self._first_audio = Histogram(
            "lingxi_first_audio_seconds",
            "From the turn's arrival to its first spoken clause",
            ("language",),
            buckets=BUDGET_SECONDS,
            registry=self.registry,
        )
        self._weights, self._crossed = _weighing(self.registry)
        self.streams = Gauge("lingxi_active_streams", "Open event streams", registry=self.registry)
        self.tasks = Gauge(
            "lingxi_tasks", "Tasks of the event loop under way", registry=self.registry
        )
        self._waiting = Gauge(
            "lingxi_queue_depth", "Turns received and not yet answered", registry=self.registry
        )
        self._calls = Gauge("lingxi_live_calls", "Calls under way", registry=self.registry)

    def turned(self, modalities: Iterable[str], language: str, outcome: str) -> None:
        """Counts one turn; `outcome` is answered, silent, interrupted or failed."""
        self._turns.labels("+".join(modalities) or "none", language, outcome).inc()

    def failed(self, code: str) -> None:
        """Counts one failure."""
        self._errors.labels(code).inc()

    def throttled(self, what: str) -> None:
        """Counts one request refused as too frequent."""
        self._throttled.labels(what).inc()

    def traced(self, spans: Iterable[Span], first_audio: float | None, language: str) -> None:
        """Adds the spans of one turn; `first_audio` in seconds."""
        for span in spans:
            self._stages.labels(span.stage).observe(span.seconds)
        if first_audio is not None:
            self._first_audio.labels(language).observe(first_audio)

    def weighed(self, weights: Sequence[tuple[str, float]]) -> None:
        """Adds what each modality of one turn counted; a turn of one has nothing to weigh."""
        if len(weights) < 2:
            return
        for modality, weight in weights:
            self._weights.labels(modality).observe(weight)
        self._crossed.observe(cross_modal_ratio(weights))

    def watch_queue(self, depth: Callable[[], float]) -> None:
        """Reads the queue's depth from `depth` whenever metrics are asked for."""
        self._waiting.set_function(depth)

    def watch_calls(self, calls: Callable[[], float]) -> None:
        """Reads the number of calls from `calls` whenever metrics are asked for."""
        self._calls.set_function(calls)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)


def _weighing(registry: CollectorRegistry) -> tuple[Histogram, Histogram]:
    """What modalities count, and how far they attend to each other."""
    weights = Histogram(
        "lingxi_modality_weight",
        "How much a modality counted in a turn that had several",
        ("modality",),
        buckets=SHARES,
        registry=registry,
    )
    crossed = Histogram(
        "lingxi_cross_modal_attention_ratio",
        "Share of attention between modalities, in turns that had several",
        buckets=SHARES,
        registry=registry,
    )
    return weights, crossed
