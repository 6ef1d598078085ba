"""Averages the weights of two point models of one descent, which keeps what either had learned.

    python -m training.average EARLIER.pt LATER.pt --out FOLDER

Of models that were fine-tuned from one another the average often does better than each (Wortsman et al., Model soups,
2022). Writes what training/train_point_model.py writes; needs the group `train` of pyproject.toml.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from transformers import AutoTokenizer

from training.train_point_model import PointModel, base_model, export


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("models", type=Path, nargs=2)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    first, second = (torch.load(file, weights_only=True) for file in args.models)
    model = PointModel(base_model())
    model.load_state_dict({name: _mean(value, second[name]) for name, value in first.items()})
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), args.out / "point-model.pt")
    tokenizer = AutoTokenizer.from_pretrained(base_model(), local_files_only=True)
    print("sha256", export(model, tokenizer, args.out / "point-model.onnx"))


def _mean(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    return (first + second) / 2 if first.is_floating_point() else second


if __name__ == "__main__":
    main()
