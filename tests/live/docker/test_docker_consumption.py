"""What kernels in containers use, as the REST API tells it."""

from __future__ import annotations

import json
from typing import Any

from jupyter_workbench.targets.base import Consumption
from jupyter_workbench.targets.docker.running.consumption import read_sample

from ..jupyter import until


async def test_memory_and_processor_of_a_container_are_told(server):
    kernel_id = await server.start_kernel("myiris_docker")

    async def listed() -> dict[str, Any] | None:
        (told,) = json.loads((await server.request("GET", "workbench/api/kernels")).body)
        return told if told["memory"] and told["cpu_percent"] is not None else None

    told = await until("both are known", listed)
    assert told["id"] == kernel_id
    assert told["memory"] > 10_000_000


def test_a_container_that_has_ended_uses_nothing_that_is_known():
    assert read_sample({"memory_stats": {}, "cpu_stats": {"cpu_usage": {"total_usage": 0}}}) is None


def test_files_that_the_system_may_forget_do_not_count_as_memory():
    processor = {"cpu_usage": {"total_usage": 2_500_000_000}}
    memory = {"usage": 100, "stats": {"inactive_file": 30}}
    assert read_sample({"memory_stats": memory, "cpu_stats": processor}) == Consumption(70, 2.5)
