"""Budgets: what a person or a group may use at a time. The hub refuses a start beyond it (`runtime/budget.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator
from traitlets.config import Config

from hub_config.base import Model, NonNegativeInt, Reader
from hub_config.facts import Facts
from hub_config.quantity import Bytes, Quantity, quantity, to_bytes

if TYPE_CHECKING:
    from hub_config.values import Values


class Budget(Model):
    """What its members may use at a time. CPU and memory count as they are guaranteed, else as they are limited."""

    reader: ClassVar[Reader] = Reader.HUB

    display_name: str | None = None
    """What users read, such as `Department of Chemistry`; null: the budget's name."""
    groups: list[str] = []
    """Its members are those of these groups of JupyterHub, and `users`; without either, everybody."""
    users: list[str] = []
    """Names of more members."""
    shared: bool = True
    """Whether the members use it up together; false: each has one of this size."""
    servers: NonNegativeInt | None = None
    """How many servers may run; null: no limit."""
    cpu: Annotated[float, Field(ge=0)] | None = None
    """How many cores; null: no limit."""
    memory: Bytes | None = None
    """How much memory, as in `singleuser.memory`; null: no limit."""
    extra_resources: dict[str, Quantity] = {}
    """How much of other resources, such as `nvidia.com/gpu: 2`; 0: none."""
    contact: str | None = None
    """Whom users ask for more, such as `it@example.org`; null: `your administrator`."""

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if not self.limits():
            raise ValueError("the budget limits nothing: write servers, cpu, memory or extraResources")
        return self

    def limits(self) -> dict[str, float]:
        """Return resource name to amount: cores, bytes, servers, or whatever an extra resource is counted in."""
        plain = {
            "servers": self.servers,
            "cpu": self.cpu,
            "memory": None if self.memory is None else to_bytes(self.memory),
        }
        extra = {name: quantity(amount) for name, amount in self.extra_resources.items()}
        return {name: float(amount) for name, amount in plain.items() if amount is not None} | extra


def configure(values: Values, _facts: Facts) -> Config:
    """Configure the budgets that the spawner minds, in the order of their names."""
    config = Config()
    if values.budgets:
        config.PromptKubeSpawner.budgets = [_plain(name, each) for name, each in sorted(values.budgets.items())]
    return config


def _plain(name: str, budget: Budget) -> dict[str, Any]:
    return {
        "name": budget.display_name or name,
        "groups": list(budget.groups),
        "users": list(budget.users),
        "shared": budget.shared,
        "limits": budget.limits(),
        "contact": budget.contact,
    }
