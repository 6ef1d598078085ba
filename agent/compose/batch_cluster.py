"""A batch's workers as Ray actors."""

from __future__ import annotations

from functools import partial

from agent.adapters.ray_pool import RayPool, RaySetup
from agent.compose.batch import WORKERS_PER_CARD, BatchPlan, environments, whisper_folder, worker, workers_for


def ray_pool(plan: BatchPlan, workers: int | None, address: str | None, limit_s: float | None = None) -> RayPool:
    """As many actors as this machine, or the cluster at `address`, has cores for, or as wished.

    `limit_s` is how many seconds a recording may take.

    Raises InputError when Ray is not installed.
    """
    count = workers_for(plan.settings, workers)
    threads = plan.settings.threads or (1 if address else count.threads)
    settings = plan.settings.model_copy(update={"threads": threads})
    environment = {**environments(count._replace(threads=threads, cards=0))[0]}
    setup = RaySetup(
        make=partial(worker, plan._replace(settings=settings)),
        files=whisper_folder(settings),
        cpus=threads,
        gpus=1 / WORKERS_PER_CARD if settings.whisper_device == "cuda" else 0,
        environment=environment,
        address=address,
        limit_s=limit_s,
    )
    return RayPool(setup, None if address and workers is None else count.workers)
