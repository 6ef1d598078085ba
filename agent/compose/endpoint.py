"""Where an LLM is served: according to the settings, or on this machine. Uses no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.compose.settings import Settings
from agent.values.errors import InputError

if TYPE_CHECKING:
    from agent.adapters.chat_endpoint import ChatAddress
    from agent.adapters.local_servers import LocalServer

OPENAI = "https://api.openai.com/v1"
"""Where answers go if a key is set but no address."""


def base_url(settings: Settings) -> str | None:
    """Address of the LLM endpoint; None if none is configured, so that nothing can be sent. Raises InputError."""
    from agent.adapters.http_post import host_of

    url = (settings.base_url or "").strip() or (OPENAI if _key(settings) else None)
    try:
        if url is not None:
            host_of(url)
    except ValueError as error:
        raise InputError(
            f"the address of the LLM endpoint cannot be used ({error}); it looks like {OPENAI}", "address"
        ) from error
    return url


def settled(settings: Settings) -> Settings:
    """Returns the settings with `auto` replaced by a grader. Raises InputError for an address that cannot be used."""
    if settings.grader != "auto":
        return settings
    configured = base_url(settings) is not None and settings.llm_model is not None
    return settings.model_copy(update={"grader": "llm" if configured else "embedded"})


def model_address(settings: Settings) -> ChatAddress:
    """Where the LLM is served. Raises InputError if the settings do not say."""
    from agent.adapters.chat_endpoint import NO_KEY, ChatAddress

    url = base_url(settings)
    if url is None:
        raise InputError("no LLM endpoint is configured; set its address, and a key if it needs one", "address")
    if not settings.llm_model:
        raise InputError("no model is set; name one that the LLM endpoint serves", "model")
    key = _key(settings)
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise InputError(
            "the key of the LLM endpoint contains characters that no key has, such as spaces or curly quotes; "
            "copy it again",
            "key",
        )
    return ChatAddress(url, settings.llm_model, key or NO_KEY)


def local_servers() -> list[LocalServer]:
    """The servers of language models that run on this machine; they are asked for their models only."""
    from agent.adapters.local_servers import running

    return running()


def _key(settings: Settings) -> str:
    return settings.api_key.get_secret_value().strip() if settings.api_key else ""
