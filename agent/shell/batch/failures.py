"""Describes recordings that failed: which, why, and what to do next."""

from __future__ import annotations

from agent.values.batch import FAILURES_SHOWN, BatchRow, Failure


def failure_line(row: BatchRow) -> str:
    """One failed recording in a line. Raises ValueError when it did not fail."""
    failure, recording = row.outcome.failure, row.item.recording
    if failure is None:
        raise ValueError("a recording that did not fail")
    # Most reasons name the recording themselves.
    reason = failure.reason if recording in failure.reason else f"{recording}: {failure.reason}"
    who = f" ({row.item.candidate})" if row.item.candidate else ""
    return f"{row.item.question_id}{who}: {reason.rstrip('. ')}. {next_step(failure)}".rstrip()


def next_step(failure: Failure) -> str:
    """Says what to do about it; empty for recordings that could not be read, since their reasons say it."""
    if failure.stage == "read":
        return ""
    if failure.retry:
        return "The same command tries it again."
    if failure.stage == "decode":
        return "Replace the recording, then run the same command: it grades what has changed."
    return "Run the same command with --again to try once more."


def more_failures(failed: int) -> str:
    """Says how many failures the list leaves out; empty if there are none."""
    rest = failed - FAILURES_SHOWN
    return f"and {rest} more: failure_reason in their rows says why" if rest > 0 else ""
