"""Reads the shipped int8 file back into the point model, so that training goes on from what is in the repository."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

_SUFFIX = "_quantized"
_LAYER = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)


def weights(file: Path) -> dict[str, torch.Tensor]:
    """The parameters by name, in float32; matrices lost their names in the export and come in the graph's order."""
    graph = onnx.load(str(file)).graph
    stored = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    found = {name: value for name, value in stored.items() if name.startswith(("encoder.", "head."))}
    found |= {
        name.removesuffix(_SUFFIX): _restored(stored, name.removesuffix(_SUFFIX))
        for name in stored
        if name.startswith("encoder.") and name.endswith(_SUFFIX)
    }
    matrices = [
        name.removesuffix(_SUFFIX)
        for node in graph.node
        for name in node.input
        if node.op_type == "MatMulInteger" and name in stored and name.endswith(_SUFFIX)
    ]
    layers = (len(matrices) - 1) // len(_LAYER)
    names = [f"encoder.encoder.layer.{layer}.{part}.weight" for layer in range(layers) for part in _LAYER]
    for name, matrix in zip([*names, "head.1.weight"], matrices, strict=True):
        found[name] = _restored(stored, matrix).T
    return {
        name: torch.from_numpy(np.ascontiguousarray(value, dtype=np.float32))
        for name, value in found.items()
        if not name.endswith((_SUFFIX, "_scale", "_zero_point"))
    }


def _restored(stored: dict[str, np.ndarray], name: str) -> np.ndarray:
    whole, scale = stored[name + _SUFFIX].astype(np.float32), stored[name + "_scale"]
    # One scale for all, or one for each output channel: the last axis.
    return (whole - stored[name + "_zero_point"].astype(np.float32)) * scale
