"""The profile as a TOML file that a person can read and correct. The documents themselves are not in it."""

from __future__ import annotations

import tomllib
from glob import escape
from pathlib import Path

import tomlkit
from pydantic import ValidationError

from agent.adapters.whole_file import written_whole
from agent.compose.settings_sources import config_file
from agent.logic.spelling import did_you_mean
from agent.values.errors import InputError
from agent.values.profile import Profile, ProfileClaim

_HEAD = """\
What was understood of your CV and of the job. Correct it here: remove a claim, change its name, or add one.
kind is field, seniority or skill; source is cv or job; a seniority is named junior or senior.
Only these lines are stored, not the documents."""


def profile_file() -> Path:
    """The path of the profile, next to the settings, whether or not the file exists."""
    return config_file().with_name("profile.toml")


def load_profile(path: Path) -> Profile:
    """The profile in a file. Raises InputError with the file, the claim and what would be right."""
    try:
        values = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such profile; read a CV first, or give another file", "profile") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); make it readable") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text; save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not valid TOML ({error})") from error
    try:
        return Profile(found_by=values.pop("found_by", "you"), claims=values.pop("claim", ()), **values)
    except (ValidationError, TypeError) as error:
        raise InputError(f"{path}: {_fault(error)}") from error


def _fault(error: ValidationError | TypeError) -> str:
    if not isinstance(error, ValidationError):
        return "not a profile; each claim begins with [[claim]]"
    faults = error.errors()
    # A misspelled key is also a missing one; the first says what to mend.
    first = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
    if first["loc"] == ("claims",):
        return "claims are tables; each begins with [[claim]]"
    place = [f"claim {part + 1}" if isinstance(part, int) else str(part) for part in first["loc"] if part != "claims"]
    if first["type"] == "extra_forbidden":
        *where, key = place
        names = list(ProfileClaim.model_fields) if where else ["found_by", "claim"]
        fix = did_you_mean(key, names) or f"use {', '.join(names)}"
        return f"{', '.join(where) or 'profile'}: no such key: {key}; {fix}"
    return f"{', '.join(place) or 'profile'}: {first['msg'].removeprefix('Value error, ')}"


def as_toml(profile: Profile) -> str:
    """The file's text, which load_profile() reads."""
    document = tomlkit.document()
    for line in _HEAD.splitlines():
        document.add(tomlkit.comment(line))
    document.add("found_by", tomlkit.item(profile.found_by))
    claims = tomlkit.aot()
    for claim in profile.claims:
        table = tomlkit.table()
        for name, value in (("kind", claim.kind), ("name", claim.name), ("source", claim.source), ("line", claim.line)):
            if value:
                table.add(name, str(value))
        claims.append(table)
    if profile.claims:
        document.add("claim", claims)
    return tomlkit.dumps(document)


def replace_profile(profile: Profile, path: Path) -> Path | None:
    """Writes the file and keeps a copy of what was there, if it was different; returns the copy's path.

    Raises InputError.
    """
    try:
        kept = path.read_bytes() if path.exists() else None
        new = kept is not None and kept != as_toml(profile).encode()
        copy = _copied(path, kept) if kept is not None and new else None
    except OSError as error:
        raise InputError(f"{path}: cannot be copied ({error.strerror}); give another file") from error
    save_profile(profile, path)
    return copy


def forget_profile(path: Path) -> int:
    """Deletes the file and its copies; returns how many files there were. Raises InputError."""
    files = [name for name in (path, *_copies(path)) if name.exists()]
    try:
        for name in files:
            name.unlink()
    except OSError as error:
        raise InputError(f"{path}: cannot be deleted ({error.strerror}); make its folder writable") from error
    return len(files)


def _copied(path: Path, kept: bytes) -> Path:
    """Returns the copy with these bytes, which is made if there is none."""
    known = next((copy for copy in _copies(path) if copy.read_bytes() == kept), None)
    if known is not None:
        return known
    names = (path.with_suffix(f".before{number}.toml") for number in ("", *(f"-{n}" for n in range(2, 10_000))))
    copy = next(name for name in names if not name.exists())
    with written_whole(copy, mode=0o600) as part:
        part.write_bytes(kept)
    return copy


def _copies(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{escape(path.stem)}.before*.toml"))


def save_profile(profile: Profile, path: Path) -> None:
    """Writes the file in one step, for its owner only. Raises InputError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path, mode=0o600) as part:
            part.write_text(as_toml(profile), "utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); make its folder writable") from error
