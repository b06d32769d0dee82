"""How much a server takes, as numbers and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hub_config.quantity import quantity

_SIZES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_STEP = 1024
_WORDS = {
    "servers": ("server", "servers"),
    "pods": ("server", "servers"),
    "cpu": ("CPU", "CPUs"),
    "persistentvolumeclaims": ("volume", "volumes"),
}


def requested(spawner: Any) -> dict[str, float]:
    """Return what Kubernetes will reserve for a server: resource name to cores, bytes or a count, and one server.

    What has a limit and no request gets the limit reserved (Kubernetes "Resource Management for Pods").
    """
    total: dict[str, float] = {"servers": 1.0}
    for container in _containers(spawner):
        for name, amount in {**container.get("limits", {}), **container.get("requests", {})}.items():
            total[name] = total.get(name, 0.0) + quantity(amount)
    return total


def _containers(spawner: Any) -> Iterator[Mapping[str, Mapping[str, Any]]]:
    """Yield the resources of each container that will run, the user's own first."""
    own = spawner.extra_container_config.get("resources")
    yield own or {
        "limits": _set(cpu=spawner.cpu_limit, memory=spawner.mem_limit) | spawner.extra_resource_limits,
        "requests": _set(cpu=spawner.cpu_guarantee, memory=spawner.mem_guarantee) | spawner.extra_resource_guarantees,
    }
    extra = spawner.extra_containers
    for each in extra.values() if isinstance(extra, Mapping) else extra:
        yield each.get("resources", {})


def _set(**amounts: float | None) -> dict[str, Any]:
    return {name: amount for name, amount in amounts.items() if amount}


def in_words(resource: str, amount: float) -> str:
    """Return an amount as people say it: `2 GPUs`, `1.5 GiB of memory`, `1 server`."""
    if _is_size(resource):
        return f"{_size(amount)} of {resource.rsplit('.', 1)[-1]}"
    one, many = _WORDS.get(resource) or _kind(resource)
    number = round(amount, 3)
    return f"{number:g} {one if number == 1 else many}"


def of(resource: str, used: float, limit: float) -> str:
    """Return how much of what there is, is used: `15 GiB of 16 GiB of memory`, `1.5 of 2 CPUs`."""
    plain = _size(used) if _is_size(resource) else f"{round(used, 3):g}"
    return f"{plain} of {in_words(resource, limit)}"


def _is_size(resource: str) -> bool:
    return resource.endswith(("memory", "storage"))


def _kind(resource: str) -> tuple[str, str]:
    """Return the words for an extended resource: `nvidia.com/gpu` are GPUs, `example.org/fpga` is called by name."""
    return ("GPU", "GPUs") if resource.endswith("/gpu") else (resource, resource)


def _size(amount: float) -> str:
    unit = _SIZES[0]
    for unit in _SIZES:
        if amount < _STEP or unit == _SIZES[-1]:
            break
        amount /= _STEP
    return f"{round(amount, 1):g} {unit}"
