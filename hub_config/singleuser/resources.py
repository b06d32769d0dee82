"""CPU and memory of a user's server: what is guaranteed to it, and what it may never exceed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator
from traitlets.config import Config

from hub_config.base import JsonMap, Model, Reader
from hub_config.facts import Facts
from hub_config.quantity import Bytes, to_bytes

if TYPE_CHECKING:
    from hub_config.values import Values


class Cpu(Model):
    """CPU of a user's server, in cores."""

    reader: ClassVar[Reader] = Reader.HUB

    limit: Annotated[float, Field(ge=0)] | None = None
    """The most it gets; null means no limit."""
    guarantee: Annotated[float, Field(ge=0)] | None = None
    """What it always gets; null means nothing is promised."""

    @model_validator(mode="after")
    def _guarantee_within_limit(self) -> Self:
        if self.limit is not None and self.guarantee is not None and self.guarantee > self.limit:
            raise ValueError(
                f"guarantee {self.guarantee:g} is above limit {self.limit:g}: raise limit or lower guarantee"
            )
        return self


class Memory(Model):
    """Memory of a user's server: bytes, or a text such as `512M` or `1.5G` in powers of 1024."""

    reader: ClassVar[Reader] = Reader.HUB

    limit: Bytes | None = None
    """The most it gets; a process that wants more is killed. Null means no limit."""
    guarantee: Bytes | None = "1G"
    """What it always gets; null means nothing is promised."""

    @model_validator(mode="after")
    def _guarantee_within_limit(self) -> Self:
        if self.limit and self.guarantee and to_bytes(self.guarantee) > to_bytes(self.limit):
            raise ValueError(f"guarantee {self.guarantee} is above limit {self.limit}: raise limit or lower guarantee")
        return self


class ExtraResource(Model):
    """Other resources of a user's container, such as GPUs."""

    reader: ClassVar[Reader] = Reader.HUB

    limits: JsonMap = {}
    """The most it gets: resource name, such as `nvidia.com/gpu`, to amount."""
    guarantees: JsonMap = {}
    """What it always gets: resource name to amount."""


class ResourceOptions(Model):
    """CPU, memory and other resources."""

    reader: ClassVar[Reader] = Reader.HUB

    cpu: Cpu = Cpu()
    """CPU of a user's server, in cores."""
    memory: Memory = Memory()
    """Memory of a user's server: bytes, or a text such as `512M` or `1.5G` in powers of 1024."""
    extra_resource: ExtraResource = ExtraResource()
    """Other resources of a user's container, such as GPUs."""


def configure(values: Values, _facts: Facts) -> Config:
    """Configure KubeSpawner's guarantees and limits; what is null stays unset."""
    config = Config()
    spawner, user = config.KubeSpawner, values.singleuser
    wanted: dict[str, Any] = {
        "cpu_limit": user.cpu.limit,
        "cpu_guarantee": user.cpu.guarantee,
        "mem_limit": user.memory.limit,
        "mem_guarantee": user.memory.guarantee,
    }
    spawner.update({trait: value for trait, value in wanted.items() if value is not None})
    spawner.extra_resource_limits = user.extra_resource.limits
    spawner.extra_resource_guarantees = user.extra_resource.guarantees
    return config
