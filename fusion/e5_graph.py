"""The steps of e5 as a graph for ONNX Runtime, which multiplies with 4-bit weights as they lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from fusion.packed import BLOCK, Packed

Floats = NDArray[np.float32]

MICROSOFT = "com.microsoft"
"""Where ONNX Runtime keeps operators that ONNX has not."""
EIGHT_BIT = 4
"""How exact the states are that meet 4-bit weights: blocks of 32 numbers in 8 bit."""


def open_session(packed: Packed, kept: Sequence[int], threads: int) -> onnxruntime.InferenceSession:
    """The encoder's layers, ready to run.

    Inputs: `words` (tokens, width), the sums of piece and place; `into` (batch, time), which token
    stands at each place; `there` (batch, time), 1 where one does; `rows` (tokens,), the place of
    each token in the batch laid flat. Outputs: (tokens, width) after each layer of `kept`.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Waiting threads that spin take the processor from recognition and speech.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        _model(packed, kept).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _model(packed: Packed, kept: Sequence[int]) -> ModelProto:
    graph = _Graph(packed)
    graph.encoder()
    numbers = TensorProto.INT64
    states: list[str | int | None] = ["tokens", packed.width]
    given = [
        helper.make_tensor_value_info("words", TensorProto.FLOAT, states),
        helper.make_tensor_value_info("into", numbers, ["batch", "time"]),
        helper.make_tensor_value_info("there", TensorProto.INT32, ["batch", "time"]),
        helper.make_tensor_value_info("rows", numbers, ["tokens"]),
    ]
    told = [
        helper.make_tensor_value_info(f"layer{number}", TensorProto.FLOAT, states)
        for number in kept
    ]
    return helper.make_model(
        helper.make_graph(graph.nodes, "e5", given, told, graph.constants),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(MICROSOFT, 1)],
        ir_version=8,
    )


class _Graph:
    """Collects steps and the weights that they need."""

    def __init__(self, packed: Packed) -> None:
        self._packed = packed
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def encoder(self) -> None:
        """All layers, one on another."""
        states = self._norm(["words"], "emb.ln.w", "emb.ln.b", "layer0")
        flat = self._constant("flat", np.array([-1, self._packed.width], np.int64))
        for number in range(self._packed.layers):
            states = self._layer(states, f"l{number}.", f"layer{number + 1}", flat)

    def _layer(self, states: str, at: str, out: str, flat: str) -> str:
        """(tokens, width) states a layer on. Only attention needs sentences of one length."""
        attended = self._linear(states, [f"{at}q", f"{at}k", f"{at}v"])
        padded = self._add("Gather", [attended, "into"])
        parts = [f"{at}query", f"{at}key", f"{at}value"]
        self.nodes.append(helper.make_node("Split", [padded], parts, axis=-1))
        heads = self._packed.heads
        seen = self._add(
            "MultiHeadAttention", [*parts, "", "there"], domain=MICROSOFT, num_heads=heads
        )
        alone = self._add("Gather", [self._add("Reshape", [seen, flat]), "rows"])
        found = self._linear(alone, [f"{at}ao"])
        states = self._norm([found, states], f"{at}aln.w", f"{at}aln.b", f"{at}middle")
        wide = self._add("Gelu", [self._linear(states, [f"{at}fi"])], domain=MICROSOFT)
        narrow = self._linear(wide, [f"{at}fo"])
        return self._norm([narrow, states], f"{at}oln.w", f"{at}oln.b", out)

    def _linear(self, states: str, names: Sequence[str]) -> str:
        """`states` times packed matrices that stand one below another, plus their biases."""
        bias = np.concatenate([self._packed.tensor(f"{name}.b") for name in names])
        halves, scales = zip(*(self._packed.blocks(f"{name}.w") for name in names), strict=True)
        weights = np.concatenate(halves).reshape(len(bias), -1, BLOCK // 2)
        return self._add(
            "MatMulNBits",
            [
                states,
                self._constant(f"{names[0]}.halves", weights),
                self._constant(f"{names[0]}.scales", np.concatenate(scales)),
                "",
                "",
                self._constant(f"{names[0]}.bias", bias),
            ],
            domain=MICROSOFT,
            K=weights.shape[1] * BLOCK,
            N=len(bias),
            bits=4,
            block_size=BLOCK,
            accuracy_level=EIGHT_BIT,
        )

    def _norm(self, states: Sequence[str], weight: str, bias: str, out: str) -> str:
        """The sum of `states` with its numbers brought to one scale."""
        names = [self._constant(name, self._packed.tensor(name)) for name in (weight, bias)]
        kind = {"op_type": "LayerNormalization"}
        if len(states) > 1:
            kind = {"op_type": "SkipLayerNormalization", "domain": MICROSOFT}
        self.nodes.append(
            helper.make_node(
                inputs=[*states, *names], outputs=[out], epsilon=self._packed.epsilon, **kind
            )
        )
        return out

    def _add(self, kind: str, inputs: Sequence[str], **attributes: Any) -> str:
        out = f"{kind}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [out], **attributes))
        return out

    def _constant(self, name: str, values: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(values, name))
        return name
