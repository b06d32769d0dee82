"""Keep a copy of the work tree, as it is now, in a git repository of its own.

chartpress names images after the last commit that touched what they are made from. A person's work tree has changes
that are not committed, and must not be changed by a build; the copy has a commit for each state that was built.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from pathlib import Path

from ci.progress import CiError, run

GIT_SECONDS = 120


def sync(source: Path, copy: Path) -> bool:
    """Make `copy` hold exactly the files of the git work tree `source`, and commit; return whether anything changed.

    The files are the tracked ones and the new ones that are not ignored, with their content of this moment. Whatever
    else is in `copy` (what chartpress wrote there, or a killed run left) is undone. `copy` is made when missing. Only
    one process at a time may do this.
    """
    files = _listed(source)
    _ensure_repository(copy)
    for stray in _present(copy) - files:
        (copy / stray).unlink()
    for name in files:
        # Somebody may be at work in the source: what has gone since it was listed is gone here too.
        try:
            _copy_if_changed(source / name, copy / name)
        except FileNotFoundError:
            (copy / name).unlink(missing_ok=True)
    # Forced: what the source tracks belongs here, also when a .gitignore names it.
    git(copy, "add", "--all", "--force", ".")
    if not git(copy, "status", "--porcelain"):
        return False
    git(copy, "commit", "--quiet", "--message", "State to build")
    return True


def git(copy: Path, *words: str) -> str:
    """Run git in `copy` and return what it printed; neither the person's settings nor a calling hook's count."""
    return run(["git", *words], timeout=GIT_SECONDS, cwd=copy, env=environment(copy)).stdout


def environment(copy: Path) -> dict[str, str]:
    """Return the variables with which git, and what calls it, sees the repository `copy` and nothing else."""
    return {
        "GIT_DIR": os.fspath(copy / ".git"),
        "GIT_WORK_TREE": os.fspath(copy),
        "GIT_INDEX_FILE": os.fspath(copy / ".git" / "index"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "build",
        "GIT_AUTHOR_EMAIL": "build@localhost",
        "GIT_COMMITTER_NAME": "build",
        "GIT_COMMITTER_EMAIL": "build@localhost",
    }


def _listed(source: Path) -> set[str]:
    listing = run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], timeout=GIT_SECONDS, cwd=source
    )
    names = {name for name in listing.stdout.split("\0") if name}
    # A tracked file may be deleted in the work tree, and a repository inside it is listed as a folder.
    return {name for name in names if (source / name).is_symlink() or (source / name).is_file()}


def _present(copy: Path) -> set[str]:
    found: set[str] = set()
    for folder, subfolders, names in os.walk(copy):
        if Path(folder) == copy:
            subfolders.remove(".git")
        links = [name for name in subfolders if (Path(folder) / name).is_symlink()]
        found.update(os.path.relpath(Path(folder) / name, copy) for name in (*names, *links))
    return found


def _copy_if_changed(source: Path, target: Path) -> None:
    if not source.is_symlink() and target.is_file() and not target.is_symlink():
        same_rights = source.stat().st_mode & 0o111 == target.stat().st_mode & 0o111
        if same_rights and filecmp.cmp(source, target, shallow=False):
            return
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)  # what was a folder is a file now
    target.unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target, follow_symlinks=False)


def _ensure_repository(copy: Path) -> None:
    """Make `copy` a git repository; one that a killed run left unusable is made anew."""
    if (copy / ".git").is_dir():
        # The caller is alone here: a lock is a killed run's.
        (copy / ".git" / "index.lock").unlink(missing_ok=True)
        (copy / ".git" / "HEAD.lock").unlink(missing_ok=True)
        try:
            git(copy, "rev-parse", "--verify", "HEAD^{tree}")
            git(copy, "status", "--porcelain")
        except CiError:
            shutil.rmtree(copy)
        else:
            return
    shutil.rmtree(copy, ignore_errors=True)
    copy.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{copy.name}.", dir=copy.parent))
    git(fresh, "init", "--quiet", "--initial-branch", "main")
    # A fixed length: an abbreviation that grows with the repository would rename every image.
    git(fresh, "config", "core.abbrev", "10")
    git(fresh, "commit", "--quiet", "--allow-empty", "--message", "Start")
    fresh.rename(copy)
