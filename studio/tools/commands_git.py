"""What git does, as a table: verb -> class, with the options that make it riskier."""

from __future__ import annotations

from collections.abc import Mapping

from studio.domain.tools import CommandClass
from studio.tools.commands_table import (
    DELETE,
    HISTORY,
    NETWORK,
    PUBLISHED,
    READ,
    RUN,
    UNKNOWN,
    WRITE,
    Program,
    each,
    verbs,
)

_SHOWING: Mapping[str, CommandClass] = {
    "--output": WRITE,
    "--ext-diff": RUN,
    "--textconv": RUN,
    "--filters": RUN,
    "--open-files-in-pager": RUN,
    "--exec": UNKNOWN,
    "--upload-pack": UNKNOWN,
}
_READS = (
    "status log show diff blame annotate ls-files ls-tree rev-parse rev-list describe shortlog cat-file "
    "merge-base name-rev whatchanged for-each-ref show-ref show-branch diff-tree diff-index diff-files "
    "count-objects check-ignore check-attr cherry range-diff version var verify-commit verify-tag "
    "get-tar-commit-id "
)
_SERVER = {
    "--receive-pack": UNKNOWN,
    "--upload-pack": UNKNOWN,
    "--exec": UNKNOWN,
    "-u": UNKNOWN,
    "-c": UNKNOWN,
    "--config": UNKNOWN,
}

_VERBS: dict[str, Program] = {
    **each(_READS, Program(READ, options=_SHOWING)),
    "grep": Program(READ, options={**_SHOWING, "-O": RUN}),
    **verbs(
        {WRITE: "add mv init notes revert cherry-pick am apply format-patch archive commit-tree write-tree read-tree"}
    ),
    "commit": Program(
        WRITE, options={"--amend": HISTORY}, valued=frozenset({"-m", "-am", "--message", "-F", "--file", "--author"})
    ),
    "merge": Program(WRITE, options={"--abort": DELETE, "--quit": DELETE}),
    "checkout": Program(
        WRITE,
        options={
            "-f": DELETE,
            "--force": DELETE,
            "-B": HISTORY,
            "--": DELETE,
            ".": DELETE,
            "--ours": DELETE,
            "--theirs": DELETE,
        },
    ),
    "switch": Program(
        WRITE,
        options={
            "-f": DELETE,
            "--force": DELETE,
            "--discard-changes": DELETE,
            "-C": HISTORY,
            "--force-create": HISTORY,
        },
    ),
    "restore": Program(DELETE),
    **each("rm clean", Program(DELETE)),
    "reset": Program(HISTORY),
    **each(
        "rebase filter-branch filter-repo replace update-ref symbolic-ref gc prune repack fast-import pack-refs",
        Program(HISTORY),
    ),
    "reflog": Program(
        READ,
        options=_SHOWING,
        verbs={"show": Program(READ, options=_SHOWING), **verbs({HISTORY: "expire delete drop"})},
    ),
    "tag": Program(WRITE, options={"-d": HISTORY, "--delete": HISTORY, "-f": HISTORY, "--force": HISTORY}),
    "branch": Program(
        WRITE,
        options={
            "-d": HISTORY,
            "-D": HISTORY,
            "--delete": HISTORY,
            "-f": HISTORY,
            "--force": HISTORY,
            "-M": HISTORY,
            "-C": HISTORY,
        },
    ),
    "stash": Program(
        WRITE,
        verbs={
            "list": Program(READ, options=_SHOWING),
            **verbs({WRITE: "push save apply create store branch", HISTORY: "drop clear", DELETE: "pop"}),
        },
    ),
    "remote": Program(
        UNKNOWN, verbs=verbs({READ: "get-url", NETWORK: "show update prune", WRITE: "add remove rm rename set-url"})
    ),
    "worktree": Program(
        UNKNOWN, verbs=verbs({READ: "list", WRITE: "add move lock unlock repair", DELETE: "remove prune"})
    ),
    "bisect": Program(WRITE, verbs=verbs({RUN: "run", READ: "log"})),
    "push": Program(
        NETWORK,
        options={
            **_SERVER,
            "-u": NETWORK,
            "-f": PUBLISHED,
            "-d": PUBLISHED,
            "--force": PUBLISHED,
            "--force-with-lease": PUBLISHED,
            "--delete": PUBLISHED,
            "--mirror": PUBLISHED,
            "--prune": PUBLISHED,
        },
    ),
    "pull": Program(NETWORK, options={"-r": HISTORY, "--rebase": HISTORY, **_SERVER}),
    **each("fetch clone ls-remote", Program(NETWORK, options=_SERVER)),
}

GIT = Program(
    UNKNOWN,
    verbs=_VERBS,
    before=frozenset({"--no-pager", "-P", "--no-optional-locks", "--literal-pathspecs"}),
    valued=frozenset({"-C"}),
)

ONLY_LISTING: dict[str, frozenset[str]] = {
    "branch": frozenset(
        [
            "-a",
            "-r",
            "-v",
            "-vv",
            "-l",
            "--all",
            "--remotes",
            "--list",
            "--show-current",
            "--no-color",
            "--merged",
            "--no-merged",
        ]
    ),
    "tag": frozenset(["-l", "-n", "--list"]),
    "remote": frozenset(["-v", "--verbose"]),
    "config": frozenset(["-l", "--list", "--global", "--local"]),
    "stash": frozenset(),
    "submodule": frozenset({"status"}),
}
"""Verbs that only read when nothing else follows; without any argument all but the last three do."""

READING_WITH_ARGUMENTS: dict[str, frozenset[str]] = {
    "config": frozenset(["--get", "--get-all", "--get-regexp"]),
    "tag": frozenset(["-l", "--list"]),
    "branch": frozenset(["-l", "--list", "--contains", "--merged", "--no-merged"]),
}
"""First arguments after which whatever follows is only looked for."""
