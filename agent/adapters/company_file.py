"""Reads company profiles: the user's own files, or those that come with the program."""

from __future__ import annotations

from pathlib import Path

from agent.adapters.yaml_file import read_yaml
from agent.values.company import Company
from agent.values.errors import InputError


def load_company(name: str, shipped: Path) -> Company:
    """The profile in the file `name`, or with that name in the folder `shipped`. Raises InputError or RubricError."""
    known = names(shipped)
    if name in known:
        path = shipped / f"{name}.yaml"
    elif name.endswith((".yaml", ".yml")):
        path = Path(name)
    else:
        raise InputError(f"no company '{name}'; use one of: {', '.join(known)}; or give a .yaml file of your own")
    return read_yaml(path).as_model(Company, Company.model_fields)


def names(shipped: Path) -> list[str]:
    """Names of the profiles in a folder."""
    return sorted(path.stem for path in shipped.glob("*.yaml"))
