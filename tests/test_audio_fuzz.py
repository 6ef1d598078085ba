"""Any bytes that come as a recording are read or refused in our own words; tests/fuzz_audio.py runs for longer."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings

from tests.fuzz_audio import CONTAINERS, outcome, recordings, seed_file


@pytest.mark.parametrize("kind", CONTAINERS, ids="-".join)
def test_every_container_is_read_before_it_is_mutated(kind: tuple[str, str, str]) -> None:
    assert outcome(seed_file(*kind)) == "read"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(recordings())
@example(b"")
@example(b"RIFF\xff\xff\xff\xffWAVEfmt ")
def test_mutated_recordings_are_read_or_refused_in_our_own_words(data: bytes) -> None:
    outcome(data)
