"""EfficientNet-Lite0, read from torch, as graphs for ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from torch import nn

from fusion.vision.efficientnet import EfficientNetLite0
from fusion.vision.lite import Part
from fusion.vision.photos import SIDE, WIDTH

_STATES = (192, 7, 7)


def graphs(tuned: Path | None) -> dict[Part, bytes]:
    """The serialised graph of each part, batch normalisation folded in."""
    known = EfficientNetLite0(tuned=tuned)
    upper = _STATES, (WIDTH,)
    return {
        "lower": _model(known.lower, (3, SIDE, SIDE), _STATES).SerializeToString(),
        "tuned": _model(known.upper, *upper).SerializeToString(),
        "plain": _model(known.plain, *upper).SerializeToString(),
    }


def _model(steps: nn.Module, given: tuple[int, ...], told: tuple[int, ...]) -> ModelProto:
    graph = _Graph()
    at = "given"
    for step in steps.children():
        at = graph.add(step, at)
    graph.nodes.append(helper.make_node("Identity", [at], ["told"]))
    sides = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape])
        for name, shape in (("given", given), ("told", told))
    ]
    return helper.make_model(
        helper.make_graph(graph.nodes, "lite0", sides[:1], sides[1:], graph.constants),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )


class _Graph:
    """Collects steps and the weights that they need."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = [
            numpy_helper.from_array(np.array(least, np.float32), name)
            for name, least in (("least", 0.0), ("most", 6.0))
        ]

    def add(self, step: Any, at: str) -> str:
        """The name of what `step` makes of `at`; TypeError for a step it does not know."""
        match step:
            case nn.Conv2d():
                return self._convolved(step, at)
            case nn.ReLU6():
                return self._node("Clip", [at, "least", "most"])
            case nn.AdaptiveAvgPool2d():
                return self._node("GlobalAveragePool", [at])
            case nn.Flatten():
                return self._node("Flatten", [at])
            case _ if hasattr(step, "_depthwise_conv"):
                return self._block(step, at)
        raise TypeError(f"no graph for {type(step).__name__}")

    def _block(self, block: Any, at: str) -> str:
        """An inverted residual: wider, a filter per channel, narrower."""
        inside = at
        if block._block_args.expand_ratio != 1:
            inside = self.add(block._swish, self._convolved(block._expand_conv, inside))
        inside = self.add(block._swish, self._convolved(block._depthwise_conv, inside))
        inside = self._convolved(block._project_conv, inside)
        # As the package does it: a stride of [1], in a list, skips nothing.
        args = block._block_args
        if block.id_skip and args.stride == 1 and args.input_filters == args.output_filters:
            return self._node("Add", [inside, at])
        return inside

    def _convolved(self, layer: Any, at: str) -> str:
        left, right, top, bottom = getattr(layer.static_padding, "padding", (0, 0, 0, 0))
        weights = [self._constant(value) for value in (layer.weight, layer.bias)]
        return self._node(
            "Conv",
            [at, *weights],
            kernel_shape=list(layer.kernel_size),
            strides=list(layer.stride),
            pads=[top, left, bottom, right],
            group=layer.groups,
        )

    def _constant(self, weight: Any) -> str:
        name = f"w{len(self.constants)}"
        values = np.ascontiguousarray(weight.detach().numpy(), np.float32)
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def _node(self, kind: str, given: list[str], **settings: Any) -> str:
        name = f"x{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, given, [name], **settings))
        return name
