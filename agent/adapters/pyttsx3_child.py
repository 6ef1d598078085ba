"""The process in which pyttsx3 runs: one request on standard input, one reply on standard output, both JSON.

pyttsx3 prints, ignores errors, and can hang or crash. In its own process this does no harm, since the parent can kill
it. This file imports nothing of ours, so that it can be run by its path: python -P pyttsx3_child.py
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

_POLL_S = 0.005
_GIVE_UP_S = 60


def main() -> None:
    """Answers one request: {"do": "voices"} or {"do": "save", "text", "path", "voice", "rate"}."""
    reply = os.fdopen(os.dup(1), "w", encoding="ascii")
    # pyttsx3 prints to standard output, some engines do so from C: only the reply may arrive there.
    os.dup2(2, 1)
    request = json.loads(sys.stdin.buffer.read())
    try:
        engine = _engine()
        answer = {"voices": _voices(engine)} if request["do"] == "voices" else _save(engine, request)
    except Exception as error:
        answer = {"error": str(error) or type(error).__name__}
    json.dump(answer, reply)
    reply.flush()
    # Engines that fail at exit (espeak asserts) must not spoil a finished reply.
    os._exit(0)


def _engine() -> Any:
    if sys.platform.startswith("linux"):
        _load_espeak()
    import pyttsx3

    return pyttsx3.init()


def _load_espeak() -> None:
    """Makes pyttsx3 find the packaged espeak-ng by its soname; without it, the system's is tried."""
    try:
        import espeakng_loader

        ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)
        os.environ["ESPEAK_DATA_PATH"] = espeakng_loader.get_data_path()
    except (ImportError, OSError, RuntimeError) as error:
        print(f"espeakng-loader cannot be used: {error}", file=sys.stderr)


def _voices(engine: Any) -> list[dict[str, str]]:
    return [
        {"id": str(voice.id), "name": str(voice.name), "language": str((voice.languages or [""])[0])}
        for voice in engine.getProperty("voices")
    ]


def _save(engine: Any, request: dict[str, Any]) -> dict[str, Any]:
    errors: list[str] = []
    finished: list[bool] = []
    # pyttsx3 runs commands later, in its loop, and reports errors only to this topic.
    engine.connect("error", lambda exception, **_: errors.append(str(exception)))
    engine.connect("finished-utterance", lambda completed, **_: finished.append(bool(completed)))
    chosen = _chosen(_voices(engine), request["voice"], str(engine.getProperty("voice")))
    engine.setProperty("voice", chosen["id"])
    engine.setProperty("rate", request["rate"])
    engine.save_to_file(_paced(request["text"], request["rate"]), request["path"])
    engine.runAndWait()
    # SAPI5 saves synchronously and never says that it finished; espeak continues in its own thread long after
    # runAndWait has returned, and says so when the file is closed.
    if sys.platform != "win32":
        _await(lambda: bool(finished or errors))
    if errors:
        raise RuntimeError("; ".join(errors))
    return {"voice": chosen["name"]}


def _paced(text: str, rate: int) -> str:
    """Prefixes the rate as espeak markup: espeak sometimes begins a sentence before it has applied the rate setting."""
    return f"\x01{rate}S {text}" if sys.platform.startswith("linux") else text


def _await(done: Callable[[], bool]) -> None:
    """Returns when done; gives up by itself only in case there is no parent left to kill this process."""
    for _ in range(round(_GIVE_UP_S / _POLL_S)):
        if done():
            return
        time.sleep(_POLL_S)
    raise RuntimeError("the engine did not finish the sentence")


def _chosen(voices: list[dict[str, str]], wanted: str | None, current: str) -> dict[str, str]:
    if wanted is not None:
        return _named(voices, wanted)
    english = [voice for voice in voices if _is_english(voice)]
    # espeak's default is a general English; most speech on machine learning sounds closer to its American voice.
    american = [voice for voice in english if voice["id"] == "gmw/en-us"]
    system = [voice for voice in english if voice["id"] == current]
    candidates = american or system or english
    if not candidates:
        raise LookupError("no English voice is installed")
    return candidates[0]


def _named(voices: list[dict[str, str]], wanted: str) -> dict[str, str]:
    low = wanted.casefold()
    exact = [voice for voice in voices if low in (voice["name"].casefold(), voice["id"].casefold())]
    near = [voice for voice in voices if low in voice["name"].casefold() or low in voice["id"].casefold()]
    if not exact + near:
        names = sorted(voice["name"] for voice in voices if _is_english(voice))
        raise LookupError(f"no voice is called {wanted!r}; English ones: {', '.join(names[:12]) or 'none'}")
    return (exact + near)[0]


def _is_english(voice: dict[str, str]) -> bool:
    return voice["language"].casefold().startswith("en") or "english" in voice["name"].casefold()


if __name__ == "__main__":
    main()
