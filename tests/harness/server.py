"""A user's running server, through the proxy: its contents API and its kernels."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import httpx
import websocket

REQUEST_SECONDS = 20.0
RUN_SECONDS = 30.0


class KernelDiedError(AssertionError):
    """The kernel ended while it ran code."""


class UserServer:
    """The server of `user` below the proxy's address `url`, with a token that may access it."""

    def __init__(self, url: str, user: str, token: str) -> None:
        self.user = user
        self.base = f"{url}/user/{user}"
        self.headers = {"Authorization": f"token {token}"}
        self.client = httpx.Client(base_url=f"{self.base}/api/", headers=self.headers, timeout=REQUEST_SECONDS)

    def call(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Send a request to `/user/NAME/api/PATH`; an error status is raised with the server's words."""
        response = self.client.request(method, path, **arguments)
        if response.is_error or response.is_redirect:
            raise AssertionError(f"{method} {response.url}: {response.status_code}: {response.text[:500]}")
        return response

    def version(self) -> str:
        """Return the Jupyter server's version: the least that a server that works answers."""
        # Not below `base_url`: with the slash at its end the server answers by a redirect.
        return str(self.call("GET", f"{self.base}/api").json()["version"])

    def write(self, path: str, text: str) -> None:
        """Save a text file in the user's home."""
        self.call("PUT", f"contents/{path}", json={"type": "file", "format": "text", "content": text})

    def read(self, path: str) -> str:
        """Return the content of a text file in the user's home."""
        return str(self.call("GET", f"contents/{path}", params={"format": "text"}).json()["content"])

    def kernel(self, name: str = "python3") -> Kernel:
        """Start a kernel, by the name of its kernelspec."""
        return Kernel(self, self.call("POST", "kernels", json={"name": name}).json()["id"])


class Kernel:
    """A kernel, spoken to through its websocket (Jupyter kernel messages as JSON)."""

    def __init__(self, server: UserServer, kernel: str) -> None:
        self.server, self.id = server, kernel
        address = f"{server.base}/api/kernels/{kernel}/channels".replace("http", "ws", 1)
        self.socket = websocket.create_connection(address, header=server.headers, timeout=RUN_SECONDS)

    def run(self, code: str, *, timeout: float = RUN_SECONDS) -> str:
        """Run `code` and return what it printed. Raises `KernelDiedError`, or `AssertionError` with its error."""
        asked = self.send(code)
        printed, deadline = "", time.monotonic() + timeout
        while time.monotonic() < deadline:
            message = self._receive(deadline - time.monotonic())
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] in ("restarting", "dead", "autorestarting"):
                raise KernelDiedError(f"the kernel of {self.server.user} is {content['execution_state']}")
            if message.get("parent_header", {}).get("msg_id") != asked:
                continue
            if kind == "stream":
                printed += content["text"]
            elif kind == "error":
                raise AssertionError(f"{content['ename']}: {content['evalue']}")
            elif kind == "status" and content["execution_state"] == "idle":
                return printed
        raise AssertionError(f"the kernel of {self.server.user} ran for more than {timeout:.0f} s; printed {printed!r}")

    def send(self, code: str) -> str:
        """Ask the kernel to run `code`, without waiting; return the message's id."""
        asked = uuid.uuid4().hex
        header = {"msg_id": asked, "msg_type": "execute_request", "version": "5.3", "session": "tests", "username": ""}
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        self.socket.send(json.dumps(message))
        return asked

    def close(self) -> None:
        """Close the websocket, as closing the browser's tab does; the kernel goes on."""
        self.socket.close()

    def _receive(self, seconds: float) -> dict[str, Any]:
        self.socket.settimeout(max(seconds, 0.1))
        try:
            return dict(json.loads(self.socket.recv()))
        except websocket.WebSocketTimeoutException:
            return {"msg_type": "nothing", "content": {}}
        except (websocket.WebSocketException, OSError) as error:
            raise KernelDiedError(f"the connection to the kernel of {self.server.user} ended: {error}") from error
