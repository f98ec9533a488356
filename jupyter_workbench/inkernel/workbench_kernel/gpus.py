"""How busy NVIDIA's GPUs are, from the library of the driver that nvidia-smi and pynvml ask too (NVML).

No process is started: it would be a child of the kernel, for which code of the user may wait. The library is looked
for once, by the thread that measures long cells.
https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceQueries.html
"""

from __future__ import annotations

import os
import sys
from typing import Any, List, NamedTuple, Optional

_handles: Optional[List[Any]] = None
_library: Any = None


class Reading(NamedTuple):
    """Of the GPUs that this process may use, other processes' share included: the driver tells no other."""

    busy: float  # percent of the time, of the busiest one
    memory: int  # bytes in use, on all of them


def read() -> Optional[Reading]:
    """Return how busy they are; None where there is none."""
    global _handles
    if _handles is None:
        _handles = _open()
    busy, memory = [], 0
    for handle in _handles:
        import ctypes

        used = (ctypes.c_ulonglong * 3)()  # nvmlMemory_t: total, free, used
        rates = (ctypes.c_uint * 2)()  # nvmlUtilization_t: gpu, memory
        if _library.nvmlDeviceGetMemoryInfo(handle, used) == 0:
            memory += used[2]
        if _library.nvmlDeviceGetUtilizationRates(handle, rates) == 0:
            busy.append(float(rates[0]))
    return Reading(max(busy, default=0.0), memory) if _handles else None


def _open() -> List[Any]:
    """Return handles of the GPUs; none of them where the driver is not there or does not answer."""
    global _library
    try:
        import ctypes

        _library = _load(ctypes)
        if _library is None or _library.nvmlInit_v2() != 0:
            return []
        count = ctypes.c_uint()
        if _library.nvmlDeviceGetCount_v2(ctypes.byref(count)) != 0:
            return []
        return [handle for handle in map(_handle, _visible(count.value)) if handle is not None]
    except Exception:  # whatever an unfit driver does, cells are measured without it
        return []


def _load(ctypes: Any) -> Any:
    try:
        return ctypes.CDLL("nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1")
    except OSError:
        return None


def _handle(index: int) -> Any:
    import ctypes

    handle = ctypes.c_void_p()
    return handle if _library.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(handle)) == 0 else None


def _visible(count: int) -> List[int]:
    """Return the numbers that ``CUDA_VISIBLE_DEVICES`` leaves; all where it names them in another way."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is None:
        return list(range(count))
    words = [word.strip() for word in named.split(",") if word.strip()]
    if all(word.lstrip("-").isdigit() for word in words):
        return [int(word) for word in words if 0 <= int(word) < count]
    return list(range(count))
