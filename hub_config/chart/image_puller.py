"""Image pullers: bring user images to the nodes before users wait for them."""

from __future__ import annotations

from hub_config.base import Int, Model, PositiveInt, StringMap
from hub_config.chart.common import (
    NOBODY,
    ImagePart,
    PullPolicy,
    ServiceAccount,
    resources,
    restricted,
)
from hub_config.kubernetes import ResourceRequirements, SecurityContext, Toleration


class NoServiceAccount(ServiceAccount):
    """A service account, which pods that never call Kubernetes do not have."""

    create: bool = False
    """Has no effect: the pods have no service account of their own."""


class HookPuller(Model):
    """Pulls images on all nodes before an install or upgrade goes on, so that no user waits for a new image."""

    enabled: bool = True
    """Whether an install or upgrade waits for the images."""
    pull_only_on_changes: bool = True
    """Means nothing here: where the images are there already, the wait is over as soon as the pullers run."""
    timeout_seconds: PositiveInt = 240
    """Seconds after which the wait ends, saying which image fails where. Helm itself gives up after 300."""
    pod_scheduling_wait_duration: Int = 10
    """Seconds that pullers may take to be scheduled; nodes that are full are then left out. -1 waits for them."""
    container_security_context: SecurityContext = restricted(1000, 1000)
    """Security context of the awaiter's container."""
    node_selector: StringMap = {}
    """Labels of the nodes that the awaiter may run on."""
    tolerations: list[Toleration] = []
    """Tolerations of the awaiter."""
    resources: ResourceRequirements = resources("10m", "64Mi", "256Mi")
    """CPU and memory of the awaiter."""
    service_account: ServiceAccount = ServiceAccount()
    """The awaiter's service account."""
    image: ImagePart = ImagePart()
    """Has no effect: the awaiter runs in the hub's image."""
    service_account_image_puller: NoServiceAccount = NoServiceAccount()
    """Has no effect: pullers never call Kubernetes."""
    daemonset_annotations: StringMap = {}
    """More annotations of the DaemonSet `hook-image-puller`."""


class ContinuousPuller(Model):
    """Pulls images on nodes that join later."""

    enabled: bool = True
    """Whether it runs."""
    service_account: NoServiceAccount = NoServiceAccount()
    """Has no effect: pullers never call Kubernetes."""
    daemonset_annotations: StringMap = {}
    """More annotations of the DaemonSet `continuous-image-puller`."""


class PauseImage(ImagePart):
    """An image that waits by itself; what is left out of it is Kubernetes' own pause image."""

    name: str | None = None
    """The image's name; null takes `registry.k8s.io/pause`."""
    tag: str | None = None
    """The image's tag; null takes that of the pause image that the chart was tested with."""


class Pause(Model):
    """The container that keeps a puller's pod in place when all is pulled."""

    image: PauseImage | None = None
    """Its image; null takes the user image, which is on the node by then, and needs `/bin/sh` and `sleep` in it."""
    container_security_context: SecurityContext = restricted(NOBODY, NOBODY)
    """Its security context."""


class ExtraImage(Model):
    """One more image to pull."""

    name: str
    """The image's name."""
    tag: str
    """The image's tag."""
    pull_policy: PullPolicy | None = None
    """When the kubelet pulls it; null or empty leaves it to Kubernetes."""


class PrePuller(Model):
    """Pulling images before users need them."""

    revision_history_limit: Int | None = None
    """How many old revisions of the DaemonSets Kubernetes keeps."""
    labels: StringMap = {}
    """More labels of the pullers' pods."""
    annotations: StringMap = {}
    """More annotations of the pullers' pods."""
    resources: ResourceRequirements = resources("1m", "8Mi", "64Mi")
    """CPU and memory of each container of the pullers."""
    container_security_context: SecurityContext = restricted(NOBODY, NOBODY)
    """Security context of the containers that pull."""
    extra_tolerations: list[Toleration] = []
    """More tolerations of the pullers, besides those of user pods."""
    hook: HookPuller = HookPuller()
    """Before an install or upgrade."""
    continuous: ContinuousPuller = ContinuousPuller()
    """On nodes that join later."""
    pull_profile_list_images: bool = True
    """Whether the images of `singleuser.profileList` are pulled too."""
    extra_images: dict[str, ExtraImage] = {}
    """More images to pull: any name to an image. They need `/bin/sh` and `echo`."""
    pause: Pause = Pause()
    """The container that stays."""
