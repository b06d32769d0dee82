"""Show long work as steps with elapsed time, and run commands whose log is shown when they fail.

Everything in `ci` that takes more than a second goes through `step` and `run`, so that a person always sees what is
happening, for how long, and, on failure, the end of the log that matters. Threads may run steps side by side: each
step prints whole lines only.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_START = time.monotonic()
_LOCK = threading.Lock()
LOG_TAIL_LINES = 25


class CiError(Exception):
    """A failure that is explained to the person by its message alone, without a traceback."""


class CommandError(CiError):
    """A command ended with a non-zero exit code or ran into its time limit."""

    def __init__(self, message: str, *, output: str) -> None:
        super().__init__(message)
        self.output = output


def say(text: str) -> None:
    """Print one line (or block) with the seconds since this program started in front."""
    with _LOCK:
        sys.stdout.write(f"[{time.monotonic() - _START:6.1f}s] {text}\n")
        sys.stdout.flush()


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Say that `what` begins, and how long it took when it ends, well or not."""
    say(f"{what} ...")
    begin = time.monotonic()
    try:
        yield
    except BaseException:
        say(f"{what}: FAILED after {time.monotonic() - begin:.1f} s")
        raise
    say(f"{what}: done in {time.monotonic() - begin:.1f} s")


def tail(text: str, lines: int = LOG_TAIL_LINES) -> str:
    """Return the last `lines` lines of `text`, indented."""
    return "\n".join("    | " + line for line in text.rstrip().splitlines()[-lines:])


def run(
    command: Sequence[str | os.PathLike[str]],
    *,
    timeout: float,
    log: Path | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str | None = None,
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run `command` (never through a shell) for at most `timeout` seconds and return it with its output.

    Standard output and error are joined. With `log`, the output goes to that file (its folder is made) and is read
    back. `env` is added to this process's environment. A non-zero exit (with `check`) or the time limit raises
    `CommandError`, whose message carries the command, the reason, and the last lines of the output.
    """
    words = [os.fspath(word) for word in command]
    environment = {**os.environ, **env} if env is not None else None
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        target = stack.enter_context(log.open("w+", encoding="utf-8")) if log is not None else None
        try:
            done = subprocess.run(
                words,
                stdout=target or subprocess.PIPE,
                stderr=subprocess.STDOUT,
                input=stdin,
                stdin=None if stdin is not None else subprocess.DEVNULL,
                text=True,
                errors="replace",
                timeout=timeout,
                env=environment,
                cwd=cwd,
                check=False,
            )
        except FileNotFoundError as error:
            raise CommandError(f"{words[0]}: no such command", output="") from error
        except subprocess.TimeoutExpired as error:
            output = _read_back(log) if log is not None else _text(error.output)
            message = _message(words, f"still running after {timeout:.0f} s", output, log)
            raise CommandError(message, output=output) from error
    output = _read_back(log) if log is not None else done.stdout
    if check and done.returncode != 0:
        raise CommandError(_message(words, f"exit code {done.returncode}", output, log), output=output)
    return subprocess.CompletedProcess(words, done.returncode, stdout=output)


def wait_until(what: str, probe: Callable[[], T | None], *, timeout: float, interval: float = 0.2) -> T:
    """Call `probe` every `interval` seconds until it returns something true, and return that.

    After `timeout` seconds, or at once when `probe` raises `CiError`, the wait ends with a `CiError` that says what
    was waited for and what the last probe saw (its falsy value, or the `OSError` it raised).
    """
    deadline = time.monotonic() + timeout
    saw = "nothing"
    while True:
        try:
            value = probe()
        except OSError as error:
            saw = f"{type(error).__name__}: {error}"
        else:
            if value:
                return value
            saw = repr(value)
        if time.monotonic() >= deadline:
            raise CiError(f"waited {timeout:.0f} s for {what}; last saw {saw}")
        time.sleep(interval)


def _read_back(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


def _text(output: bytes | str | None) -> str:
    if isinstance(output, bytes):
        return output.decode(errors="replace")
    return output or ""


def _message(words: Sequence[str], reason: str, output: str, log: Path | None) -> str:
    where = f" (whole log: {log})" if log is not None else ""
    return f"{' '.join(words[:6])}{' ...' if len(words) > 6 else ''}: {reason}{where}\n{tail(output)}"
