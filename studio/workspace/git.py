"""The hardened git runner: the only way Studio runs git on a repository that holds an agent's work."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from studio.domain.errors import GitError, UserError
from studio.workspace.process import Finished, run_program

_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.fsync=all",  # a ref must never outlive its objects when the power fails
    "core.fsyncMethod=batch",
    "protocol.ext.allow=never",
    "protocol.file.allow=user",
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
    "credential.helper=",
    "gc.auto=0",
    "maintenance.auto=false",
    "transfer.fsckObjects=true",
)
_OPTIONS = tuple(part for setting in _SETTINGS for part in ("-c", setting))


def find_git(search_path: str) -> str:
    """The absolute path of the git program. Raises UserError when there is none."""
    found = shutil.which("git", path=search_path)
    if found is None:
        raise UserError("Git is not installed.", "Install it (Debian, Ubuntu: apt-get install git) and try again.")
    return os.path.abspath(found)


class Git:
    """Git on one private bare repository, deaf to every configuration but the repository's own.

    No hook, filter, attribute, alias, credential helper or network protocol is in reach, and the working
    tree of nobody: only commands on objects and refs make sense here, and a checkout into a fresh folder. `home` is
    an empty folder.
    """

    def __init__(self, binary: str, repository: Path, home: Path) -> None:
        self.repository = repository
        self._binary = binary
        self._home = home

    async def run(
        self,
        *arguments: str,
        stdin: bytes | BinaryIO = b"",
        timeout: float = 60.0,
        max_bytes: int = 64 << 20,
        protocols: str = "",
        variables: Mapping[str, str] | None = None,
        settings: tuple[str, ...] = (),
        accept: tuple[int, ...] = (0,),
        may_cut: bool = False,
        largest: str = "1g",
        umask: int = -1,
    ) -> Finished:
        """Runs one git command and returns how it ended.

        `protocols` are the transports it may use (none by default), `variables` more of git's own, such as
        GIT_AUTHOR_NAME, `settings` extra `-c` values, `largest` how big one thing may be that it takes into memory
        (`0` is any size), `umask` what of new files nobody else may do. Raises GitError for exit codes outside
        `accept`, on timeout, and, unless `may_cut`, for output beyond `max_bytes`.
        """
        extra = tuple(part for setting in settings for part in ("-c", setting))
        argv = (self._binary, f"--git-dir={self.repository}", *_OPTIONS, *extra, *arguments)
        environment = {**self._environment(protocols), "GIT_ALLOC_LIMIT": largest, **(variables or {})}
        try:
            finished = await run_program(
                argv, env=environment, stdin=stdin, timeout=timeout, max_bytes=max_bytes, umask=umask
            )
        except TimeoutError as error:
            raise GitError(f"Git did not finish `{arguments[0]}` within {timeout:.0f} seconds.") from error
        except OSError as error:
            raise GitError(f"Git could not be started: {error.strerror}.", "Check the git installation.") from error
        if finished.cut:
            if may_cut:
                return finished
            raise GitError(f"Git said more than {max_bytes} bytes in `{arguments[0]}`.")
        if finished.exit_code not in accept:
            raise failure(arguments[0], finished)
        return finished

    async def text(self, *arguments: str, stdin: bytes = b"") -> str:
        """What a command prints, without the line end. Raises GitError as `run` does."""
        finished = await self.run(*arguments, stdin=stdin)
        return finished.stdout.decode("utf-8", "surrogateescape").strip()

    def _environment(self, protocols: str) -> dict[str, str]:
        return {
            "PATH": os.defpath if os.name == "nt" else "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self._home),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "/bin/false",
            "GIT_ALLOW_PROTOCOL": protocols,
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
        }


def failure(command: str, finished: Finished) -> GitError:
    """The GitError that says how `command` ended, in git's own last words."""
    return GitError(
        f"Git failed at `{command}` (exit code {finished.exit_code}): {reason(finished.stderr)}",
        stderr=finished.stderr,
        exit_code=finished.exit_code,
    )


def reason(stderr: str) -> str:
    """The one line of git's complaint that says why; advice and progress stand around it."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    complaints = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return (complaints or lines[-1:] or ["it gave no reason"])[0]


def is_commit_id(text: str) -> bool:
    """Whether `text` is a full object id as git prints it."""
    return len(text) in (40, 64) and all(letter in "0123456789abcdef" for letter in text)
