"""The job that checks an install or upgrade before anything changes, and makes the credentials that are missing."""

from __future__ import annotations

from hub_config.base import Model, PositiveInt, StringMap
from hub_config.chart.common import resources, restricted
from hub_config.kubernetes import ResourceRequirements, SecurityContext, Toleration


class Preflight(Model):
    """Checks before an install or upgrade, with the new hub image and the new values; on failure nothing is changed."""

    enabled: bool = True
    """Whether the checks are made. The credentials that are missing are made in any case."""
    database: bool = True
    """Whether the job connects to the database server of `hub.db`: does it answer, does it take the password, are its
    tables of this JupyterHub. Write false where it admits the hub's pod only, or comes with this very release."""
    timeout_seconds: PositiveInt = 240
    """Seconds after which the job fails, as when the hub's image cannot be pulled. Helm itself gives up after 300."""
    resources: ResourceRequirements = resources("10m", "96Mi", "512Mi")
    """CPU and memory of the job."""
    container_security_context: SecurityContext = restricted(1000, 1000)
    """Security context of the job's container."""
    node_selector: StringMap = {}
    """Labels of the nodes that the job may run on."""
    tolerations: list[Toleration] = []
    """Tolerations of the job, besides `scheduling.corePods.tolerations`."""
