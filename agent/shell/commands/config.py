"""`config`: shows each setting and where its value comes from, and changes the settings file."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from agent.shell import options
from agent.shell.output import print_json

if TYPE_CHECKING:
    from agent.compose.settings_sources import Loaded


def add(commands: options.Commands) -> None:
    """Declares the command and its own subcommands."""
    parser = options.add_command(
        commands, "config", "show settings with their origin, and change them", "config --json", description=__doc__
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options.live_options(parser)
    options.interview_options(parser)
    parser.set_defaults(run=run_show)
    inner = parser.add_subparsers(dest="action", metavar="ACTION")
    path = options.add_command(inner, "path", "print the path of the settings file", "config path")
    path.set_defaults(run=run_path)
    change = options.add_command(inner, "set", "save a setting in the settings file", "config set voice piper")
    change.add_argument("name", metavar="NAME", help="setting, as 'mock-interview config' lists them")
    change.add_argument("value", metavar="VALUE")
    change.set_defaults(run=run_set)
    unset = options.add_command(inner, "unset", "remove a setting from the settings file", "config unset voice")
    unset.add_argument("name", metavar="NAME")
    unset.set_defaults(run=run_unset)


def run_show(args: argparse.Namespace) -> int:
    """One line per setting: name, value, origin."""
    from agent.compose.settings import Settings
    from agent.compose.settings_sources import config_file

    found = options.loaded(args)
    if args.json:
        shown = {name: {"value": _value(found, name), "origin": found.origins[name].value} for name in found.origins}
        print_json({"file": str(config_file()), "settings": shown})
        return 0
    width = max(map(len, Settings.model_fields))
    for name in Settings.model_fields:
        print(f"{name:{width}}  {_written(_value(found, name)):24}  {_origin(found, name)}")
    print(f"File: {config_file()} ('mock-interview config set NAME VALUE' writes it)")
    return 0


def _value(found: Loaded, name: str) -> str | int | float | bool | None:
    value = getattr(found.settings, name)
    if name == "api_key" and value is not None:
        return "(set)"
    if name == "base_url" and value is not None:
        # A user name and a password may be part of an address.
        return re.sub(r"//[^/@]*@", "//...@", value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _written(value: str | int | float | bool | None) -> str:
    """Returns the value as in the file; '-' means not set."""
    return "-" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _origin(found: Loaded, name: str) -> str:
    from agent.compose.settings_sources import Origin, variable

    origin = found.origins[name]
    return f"{origin.value} {variable(name)}" if origin is Origin.ENVIRONMENT else origin.value


def run_path(args: argparse.Namespace) -> int:
    """Prints the path on one line, whether or not the file exists."""
    from agent.compose.settings_sources import config_file

    print(config_file())
    return 0


def run_set(args: argparse.Namespace) -> int:
    """Saves one setting if its value is valid."""
    from agent.compose.settings_file import change

    print(f"Wrote {args.name} to {change(args.name, args.value)}")
    return 0


def run_unset(args: argparse.Namespace) -> int:
    """Removes one setting."""
    from agent.compose.settings_file import change

    print(f"Removed {args.name} from {change(args.name, None)}")
    return 0
