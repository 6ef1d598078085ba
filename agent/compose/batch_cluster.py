"""A batch's workers as Ray actors."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from agent.adapters.ray_pool import RayPool, RaySetup
from agent.compose.batch import (
    WORKERS_PER_CARD,
    BatchPlan,
    WorkerCount,
    environments,
    whisper_folder,
    worker,
    workers_for,
)


class ClusterLimits(NamedTuple):
    """Limits on the workers."""

    workers: int | None = None
    """None for as many as there are cores."""
    recordings: int | None = None
    """Number of recordings; more workers would have nothing to do."""
    each_s: float | None = None
    """Maximum seconds for one recording."""


def ray_pool(plan: BatchPlan, limits: ClusterLimits, address: str | None) -> RayPool:
    """Returns a pool with the given number of actors, or as many as this machine, or the cluster at `address`, has
    cores for.

    Raises InputError when Ray is not installed, or when this machine has no room for that many; ModelError.
    """
    settings, workers = plan.settings, limits.workers
    if address is None:
        count = workers_for(settings, workers, limits.recordings)
        workers, threads = count.workers, count.threads
    else:
        threads = settings.threads or 1
    settings = settings.model_copy(update={"threads": threads})
    setup = RaySetup(
        make=partial(worker, plan._replace(settings=settings)),
        files=whisper_folder(settings),
        cpus=threads,
        gpus=1 / WORKERS_PER_CARD if settings.whisper_device == "cuda" else 0,
        environment=environments(WorkerCount(1, threads))[0],
        address=address,
        limit_s=limits.each_s,
        most=limits.recordings,
    )
    return RayPool(setup, workers)
