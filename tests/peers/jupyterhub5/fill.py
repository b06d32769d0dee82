"""Fill the database through the REST API of a JupyterHub 5, print what was made, and open a port."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

API = "http://127.0.0.1:8081/hub/api"
SECONDS = 180


def call(method: str, path: str, body: object = None) -> dict:
    """Return the API's answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{API}/{path}", data, method=method)
    request.add_header("Authorization", f"token {os.environ['TOKEN']}")
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.loads(response.read() or b"{}")


def wait(what: str, done: Callable[[], object]) -> None:
    """Return once `done()` is true."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            if done():
                return
        except urllib.error.URLError:
            pass
        if time.monotonic() > deadline:
            sys.exit(f"waited {SECONDS} s for {what}")
        time.sleep(0.2)


kind, _, file = os.environ["DATABASE"].partition(":///")
if kind == "sqlite":
    # Another user's hub will go on with the file: open to all, as on a volume whose group the kubelet sets.
    os.umask(0)
    Path(file).parent.mkdir(parents=True, exist_ok=True)
hub = subprocess.Popen(["jupyterhub", "--config", "/jupyterhub_config.py"], stdout=sys.stderr)
wait("the hub", lambda: call("GET", "info"))
version = call("GET", "info")["version"]
tokens = {}
for name in ("ada", "grace", "zoë", "boss"):
    call("POST", f"users/{urllib.request.quote(name)}")
    made = call("POST", f"users/{urllib.request.quote(name)}/tokens", {"note": f"of {name}"})
    tokens[name] = made["token"]
call("PATCH", "users/boss", {"admin": True})
call("POST", "groups/physics", {"users": ["ada", "grace"]})
call("PUT", "groups/physics/properties", {"room": "12"})
call("POST", "users/ada/server", {"profile": "large"})
wait("ada's server", lambda: call("GET", "users/ada")["servers"].get("", {}).get("ready"))
users = {user["name"]: user for user in call("GET", "users")}
hub.kill()
hub.wait()
if kind == "sqlite":
    Path(file).chmod(0o666)
print(json.dumps({"version": version, "tokens": tokens, "users": users}), flush=True)
os.execvp("python", ["python", "-m", "http.server", "8000", "--directory", "/tmp"])
