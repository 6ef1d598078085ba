"""Options for commands that take recordings: which track and channel to read, and whether one person speaks."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.shell import options
from agent.values.errors import ChoiceError, InputError
from agent.values.selection import MIX, Channel, Selection

if TYPE_CHECKING:
    from agent.adapters.audio_source import Source
    from agent.values.selection import Recording
    from agent.values.session import Turn

ONE_VOICE = "--one-voice grades it as it is."


def recording_options(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument(
        "--track", type=options.count, metavar="N", help="read this audio track, from 1 (default: the one with speech)"
    )
    parser.add_argument(
        "--channel", type=_channel, metavar="N", help="read this channel, from 1, or mix (default: the one with speech)"
    )
    parser.add_argument(
        "--one-voice", action="store_true", help="grade the recording even if a second voice seems to speak"
    )


def read(args: argparse.Namespace, source: Source) -> Recording:
    """The recording that the options select. Raises AudioError, which names the options that can solve the problem."""
    from agent.adapters.audio_file import read_recording

    with naming_options():
        return read_recording(source, selection(args))


def selection(args: argparse.Namespace) -> Selection:
    """The track and channel that the options select."""
    return Selection(args.track, args.channel)


def waits_for_one_voice(turn: Turn) -> bool:
    """Whether a turn was left ungraded because a second person seems to speak."""
    from agent.logic.grading.other_person import CONTRADICTION, TWO_VOICES

    reason = turn.grade.ungraded_reason or ""
    return any(reason.startswith(text.split("{", 1)[0]) for text in (CONTRADICTION, TWO_VOICES))


def note_way_out(turns: Sequence[Turn], note: Callable[[str], None]) -> None:
    """Adds the option that grades answers left ungraded because a second person seems to speak."""
    if any(map(waits_for_one_voice, turns)):
        note(f"Where only one person speaks: {ONE_VOICE}")


def _channel(text: str) -> Channel:
    return MIX if text.strip().lower() == MIX else options.count(text)


@contextmanager
def naming_options() -> Iterator[None]:
    """Adds the options to an error that a choice of track or channel would fix. Raises InputError."""
    try:
        yield
    except ChoiceError as error:
        ways = " or ".join(f"--{error.what} {number}" for number in error.numbers)
        everybody = f" (--channel {MIX} reads everybody)" if error.what == "channel" else ""
        raise InputError(f"{error}: {ways}{everybody}") from error
