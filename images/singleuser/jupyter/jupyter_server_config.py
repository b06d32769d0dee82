"""A kernel that computes counts as activity, however long it prints nothing: idle culling must not end its work.

Jupyter Server itself only counts messages of kernels, so a silent computation, with its browser tab closed, looks idle
to the hub. `cull.maxAge` still ends what never ends by itself.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

BUSY = "busy"


class BusyCountsAsActive(AsyncMappingKernelManager):
    """The kernels of a server, whose last activity is now as long as one of them is busy."""

    _last_message: datetime | None = None

    @property
    def last_kernel_activity(self) -> datetime:
        """Return when a kernel was last active, which is what the server reports to the hub."""
        busy = any(getattr(kernel, "execution_state", "") == BUSY for kernel in self._kernels.values())
        return datetime.now(UTC) if busy or self._last_message is None else self._last_message

    @last_kernel_activity.setter
    def last_kernel_activity(self, when: datetime) -> None:
        self._last_message = when


c: Any = get_config()  # type: ignore[name-defined]  # noqa: F821 - traitlets gives it to configuration files
c.ServerApp.kernel_manager_class = BusyCountsAsActive
