"""Settings on the page: each with its value and origin, changed in the user's file, and what leaves the machine."""

from __future__ import annotations

from typing import Any

from agent.compose.endpoint import base_url, settled
from agent.compose.settings import ON_PAGE, Settings, marked, takes
from agent.compose.settings_file import change as change_file
from agent.compose.settings_sources import Origin, config_file, load_settings
from agent.shell.web.host import Host
from agent.values.errors import InputError
from agent.values.rubric import in_words

NOTHING_LEAVES = "Nothing leaves this computer: speech, grading and this page run here, and the page loads from here."


def listed(host: Host) -> dict[str, Any]:
    """Each setting with its origin, the file, and what leaves the machine."""
    found = load_settings()
    agreed = host.store.consent.to_audio
    return {
        "file": str(config_file()),
        "folder": str(host.store.folder),
        "leaves": what_leaves(host.settings),
        "keep_audio": host.settings.keep_audio if host.settings.keep_audio is not None else agreed,
        "settings": [_setting(host.settings, name, found.origins[name]) for name in marked(ON_PAGE)],
    }


def _setting(settings: Settings, name: str, origin: Origin) -> dict[str, Any]:
    value, field = getattr(settings, name), Settings.model_fields[name]
    return {
        "name": name,
        "title": in_words(name),
        "about": field.description,
        "takes": takes(name),
        "value": None if value is None else str(value).lower() if isinstance(value, bool) else str(value),
        "origin": origin.value,
        "fixed": origin is Origin.ENVIRONMENT,
    }


def change(host: Host, name: str, value: str | None) -> dict[str, Any]:
    """Writes one setting to the user's file; it counts from the next interview on. Raises InputError."""
    if name not in marked(ON_PAGE):
        raise InputError(f"the setting '{name}' is not changed here; edit {config_file()}")
    change_file(name, value)
    loaded = load_settings().settings
    host.use(settled(host.settings.model_copy(update={name: getattr(loaded, name)})))
    return listed(host)


def what_leaves(settings: Settings) -> str:
    """Says in one sentence what leaves the machine."""
    if settled(settings).grader != "llm":
        return NOTHING_LEAVES
    from agent.adapters.http_post import host_of

    url = base_url(settings)
    place = host_of(url) if url is not None else "the configured endpoint"
    return f"The transcript of each answer, with the question's points, goes to {place}. Audio never leaves."
