"""A JupyterHub without proxy and login, whose servers are pods in name only: all else about it is real."""

import os
import sys
from collections.abc import Callable

from jupyterhub.proxy import Proxy
from jupyterhub.spawner import LocalProcessSpawner

c = get_config()  # noqa: F821 - traitlets gives it to config files


class NoProxy(Proxy):
    """Keeps routes for itself."""

    should_start = False
    routes: dict = {}

    async def add_route(self, routespec: str, target: str, data: dict) -> None:
        """Remember a route."""
        self.routes[routespec] = {"routespec": routespec, "target": target, "data": data}

    async def delete_route(self, routespec: str) -> None:
        """Forget a route."""
        self.routes.pop(routespec, None)

    async def get_all_routes(self) -> dict:
        """Return what is remembered."""
        return self.routes


class PodInName(LocalProcessSpawner):
    """Starts a web server and keeps the state that KubeSpawner keeps."""

    async def start(self) -> tuple[str, int]:
        """Start something that answers."""
        self.cmd = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(self.port)]
        return await super().start()

    def get_args(self) -> list[str]:
        """Return no arguments: the command has them."""
        return []

    def get_state(self) -> dict:
        """Return KubeSpawner's state beside the process."""
        return {**super().get_state(), "pod_name": f"jupyter-{self.user.name}", "namespace": os.environ["NAMESPACE"]}

    def make_preexec_fn(self, name: str) -> Callable[[], None]:
        """Stay who one is: there are no system users here."""
        return lambda: None

    def user_env(self, env: dict) -> dict:
        """Add nothing of a system user."""
        return env


c.JupyterHub.db_url = os.environ["DATABASE"]
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.spawner_class = PodInName
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "of-no-use"
c.Authenticator.allow_all = True
c.JupyterHub.cookie_secret = bytes.fromhex("61" * 32)
c.JupyterHub.cleanup_servers = False
c.JupyterHub.hub_ip = "127.0.0.1"
c.JupyterHub.services = [{"name": "filler", "api_token": os.environ["TOKEN"], "admin": True}]
c.Spawner.port = 18888
