"""Reads the list of words that CVs use for fields and skills."""

from __future__ import annotations

from pathlib import Path

from agent.adapters.yaml_file import read_yaml
from agent.logic.profile.vocabulary import Vocabulary


def load_vocabulary(path: Path) -> Vocabulary:
    """The vocabulary in a file. Raises RubricError."""
    return read_yaml(path).as_model(Vocabulary, Vocabulary.model_fields)
