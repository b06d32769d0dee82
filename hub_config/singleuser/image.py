"""The image that a user's server runs, and the logins that pulling it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from traitlets.config import Config

from hub_config.base import Model, Reader
from hub_config.chart.common import UNBUILT_TAG, Image
from hub_config.facts import Facts

if TYPE_CHECKING:
    from hub_config.values import Values


class ImagePullSecret(Model):
    """A Secret with a registry's login that the chart makes."""

    reader: ClassVar[Reader] = Reader.TEMPLATES

    create: Annotated[bool, Reader.HUB] = False
    """Whether it is made."""
    automatic_reference_injection: Annotated[bool, Reader.HUB] = True
    """Whether all pods of the release use it."""
    registry: str | None = None
    """The registry's host name; null means Docker's."""
    username: str | None = None
    """The login's name."""
    password: str | None = None
    """The login's password."""
    email: str | None = None
    """The login's mail address, which some registries ask for."""


class ImageOptions(Model):
    """What runs in the user's container."""

    reader: ClassVar[Reader] = Reader.HUB

    image: Annotated[Image, Reader.HUB] = Image(name="jupyterhub-chart/singleuser", tag=UNBUILT_TAG)
    """The user image; it needs `jupyterhub-singleuser`."""
    cmd: str | list[str] | None = "jupyterhub-singleuser"
    """The command of the user's container; null takes the image's own."""
    default_url: str | None = None
    """The page that opens first, such as `/lab`; null leaves it to the server."""


def configure(values: Values, facts: Facts) -> Config:
    """Configure the image, its pull policy and secrets, the command and the first page."""
    config = Config()
    spawner, user = config.KubeSpawner, values.singleuser
    spawner.image = f"{user.image.name}:{user.image.tag}" if user.image.tag else user.image.name
    if user.image.pull_policy:
        spawner.image_pull_policy = user.image.pull_policy
    named = (*values.image_pull_secrets, *user.image.pull_secrets)
    secrets = [each if isinstance(each, str) else each["name"] for each in named]
    if values.image_pull_secret.create and values.image_pull_secret.automatic_reference_injection:
        secrets.insert(0, facts.names["image-pull-secret"])
    if secrets:
        spawner.image_pull_secrets = secrets
    spawner.cmd = user.cmd
    if user.default_url is not None:
        spawner.default_url = user.default_url
    return config
