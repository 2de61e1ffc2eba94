"""What an agent can do to its repository, and that none of it runs or reads anything on the host."""

from __future__ import annotations

import hashlib
import os
import resource
import struct
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from studio.base.paths import Paths
from studio.contracts.guest import GuestOutput
from studio.domain.errors import GitError, PolicyRefused, UserError
from studio.workspace import bundle as bundle_module
from studio.workspace.clone import SNAPSHOT_REF
from studio.workspace.git import find_git
from studio.workspace.project_repository import ProjectRepository
from tests.fixtures.git_stories import Person, StartWork, Work
from tests.fixtures.local_guest import LocalGuest


class LyingGuest(LocalGuest):
    """A container in which git's answers are whatever the agent likes."""

    said: bytes | None = None
    bundle: bytes | None = None

    async def run(
        self, argv: tuple[str, ...], *, stdin: bytes = b"", timeout: float = 60.0, max_bytes: int = 1 << 20
    ) -> GuestOutput:
        """Runs the program, but may answer something else."""
        output = await super().run(argv, stdin=stdin, timeout=timeout, max_bytes=max_bytes)
        return output if self.said is None else replace(output, stdout=self.said)

    async def run_to_file(
        self, argv: tuple[str, ...], target: Path, *, timeout: float = 300.0, max_bytes: int = 1 << 30
    ) -> GuestOutput:
        """Runs the program, but may write something else."""
        if self.bundle is None:
            return await super().run_to_file(argv, target, timeout=timeout, max_bytes=max_bytes)
        target.write_bytes(self.bundle)
        return GuestOutput(0, b"", b"")


def lying(work: Work) -> LyingGuest:
    guest = LyingGuest(work.guest.folder, work.guest.mounts, work.guest.home)
    work.guest = guest
    return guest


def repository_of(work: Work, paths: Paths) -> ProjectRepository:
    return ProjectRepository(find_git(os.environ["PATH"]), paths.projects / work.project.id)


def refs(repository: ProjectRepository) -> str:
    git = ["git", f"--git-dir={repository.path}", "for-each-ref", "--format=%(refname) %(objectname)"]
    return subprocess.run(git, check=True, capture_output=True, text=True, timeout=60).stdout


def largest_child() -> int:
    """The most memory, in bytes, that any program which this process started has had so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def pack_of_copies(kind: bytes, base: bytes, *, copies: int, differences: int, others: int = 0) -> bytes:
    """A pack of `base` (64 KiB) and of objects that are told as many copies of it; `others` are small ones before."""
    number = {b"blob": 3, b"tree": 2}[kind]
    name = hashlib.sha1(b"%s %d\0" % (kind, len(base)) + base).digest()
    objects = [_packed(3, b"%d" % other) for other in range(others)] + [_packed(number, base)]
    for difference in range(differences):
        added = b"100644 z%03d\0" % difference + b"\1" * 20
        size = len(base) * copies + len(added)
        told = _size(len(base)) + _size(size) + b"\x80" * copies + bytes([len(added)]) + added
        objects.append(_packed(7, told, name))
    body = b"PACK" + struct.pack(">II", 2, len(objects)) + b"".join(objects)
    return body + hashlib.sha1(body).digest()


def _packed(number: int, content: bytes, base: bytes = b"") -> bytes:
    low, rest = len(content) & 15, len(content) >> 4
    first = bytes([number << 4 | low | (0x80 if rest else 0)])
    return first + (_size(rest) if rest else b"") + base + zlib.compress(content)


def _size(value: int) -> bytes:
    rest = value >> 7
    return bytes([value & 127 | (0x80 if rest else 0)]) + (_size(rest) if rest else b"")


def plant_canaries(work: Work, tmp_path: Path) -> tuple[Path, Path]:
    """Programs wherever git would run one; each leaves a file that tells inside from outside."""
    inside, outside = tmp_path / "ran-inside", tmp_path / "ran-on-the-host"
    program = tmp_path / "canary"
    program.write_text(
        f'#!/bin/sh\nif [ "$HOME" = "{work.guest.home}" ]; then touch "{inside}"; else touch "{outside}"; fi\ncat\n'
    )
    program.chmod(0o755)
    git_dir = work.guest.folder / ".git"
    with (git_dir / "config").open("a") as config:
        config.write(
            f"[core]\n\tfsmonitor = {program}\n\thooksPath = {git_dir}/hooks\n\tsshCommand = {program}\n"
            f"\teditor = {program}\n\tpager = {program}\n\talternateRefsCommand = {program}\n"
            f'[filter "evil"]\n\tclean = {program}\n\tsmudge = {program}\n\tprocess = {program}\n'
            f'[diff]\n\texternal = {program}\n[diff "evil"]\n\ttextconv = {program}\n\tcommand = {program}\n'
            f'[merge "evil"]\n\tdriver = {program}\n[gpg]\n\tprogram = {program}\n[commit]\n\tgpgSign = true\n'
            f'[uploadpack]\n\tpackObjectsHook = {program}\n[protocol "ext"]\n\tallow = always\n'
            f'[remote "origin"]\n\turl = ext::{program}\n\tuploadpack = {program}\n[alias]\n\tfetch = !{program}\n'
        )
    (git_dir / "hooks").mkdir(exist_ok=True)
    for hook in (
        "pre-commit",
        "post-commit",
        "reference-transaction",
        "post-merge",
        "pre-push",
        "post-checkout",
        "update",
    ):
        (git_dir / "hooks" / hook).symlink_to(program)
    (work.guest.folder / ".gitattributes").write_text("*.txt filter=evil diff=evil merge=evil\n")
    return inside, outside


async def test_no_program_an_agent_planted_runs_on_the_host(
    person: Person, start_work: StartWork, tmp_path: Path
) -> None:
    work = await start_work()
    inside, outside = plant_canaries(work, tmp_path)
    (work.guest.folder / "src/file1.txt").write_text("evil\n")
    person.write("src/file2.txt", "person\n")
    person.commit()

    assert await work.changed()
    await work.must_snapshot()
    await work.workspaces.diff(work.run)
    await work.workspaces.base(work.project)
    await work.workspaces.merge(work.project, work.run)
    await work.workspaces.prepare(work.run)

    assert person.read("src/file1.txt") == "evil\n"
    assert inside.exists(), "the canary works, as the container's own git shows"
    assert not outside.exists()


async def test_alternates_of_a_workspace_are_never_read_by_the_host(
    start_work: StartWork, tmp_path: Path, paths: Paths
) -> None:
    secret = Person(tmp_path / "secret", {"PATH": os.environ["PATH"], "HOME": str(tmp_path)})
    secret.folder.mkdir()
    secret.git("init", "--quiet")
    secret.write("secret.txt", "the other project's secret\n")
    blob = secret.git("hash-object", "-w", "secret.txt")
    work = await start_work()
    guest = lying(work)
    # In the container the other repository's folder does not exist: the agent can only name the object.
    tree = await guest.run(("git", "mktree", "--missing"), stdin=f"100644 blob {blob}\tstolen.txt\n".encode())
    commit = await guest.shell(f"git commit-tree -p HEAD -m steal {tree.stdout.decode().strip()}")
    made = commit.stdout.decode().strip()
    empty_pack = await guest.shell(
        f"printf '%s\\n%s\\n' {made} {tree.stdout.decode().strip()} | git pack-objects --stdout -q"
    )
    guest.said = f"{made} {made}\n".encode()
    guest.bundle = f"# v2 git bundle\n-{work.run.head}\n{made} {SNAPSHOT_REF}\n\n".encode() + empty_pack.stdout
    with pytest.raises(GitError, match="did not pass Git's checks"):
        await work.snapshot()
    assert made not in refs(repository_of(work, paths))


@pytest.mark.parametrize("name", [".git", ".GIT", "git~1", ".gi\u200ct", "..", "."])
async def test_a_tree_with_a_name_that_becomes_a_git_folder_is_refused(
    name: str, start_work: StartWork, paths: Paths
) -> None:
    work = await start_work()
    before = refs(repository_of(work, paths))
    guest = lying(work)
    hooks = (await guest.shell("printf evil | git hash-object -w --stdin")).stdout.strip()
    raw = b"100644 " + name.encode() + b"\0" + bytes.fromhex(hooks.decode())
    tree = await guest.run(("git", "hash-object", "-t", "tree", "-w", "--literally", "--stdin"), stdin=raw)
    commit = await guest.shell(f"git commit-tree -p HEAD -m evil {tree.stdout.decode().strip()}")
    made = commit.stdout.decode().strip()
    await guest.shell(
        f"git update-ref {SNAPSHOT_REF} {made} && git bundle create -q ../evil {SNAPSHOT_REF} ^{work.run.head}"
    )
    guest.said, guest.bundle = f"{made} {made}\n".encode(), (guest.folder.parent / "evil").read_bytes()
    with pytest.raises(GitError, match="did not pass Git's checks"):
        await work.snapshot()
    assert refs(repository_of(work, paths)) == before


async def test_a_bundle_that_names_other_branches_too_is_refused(start_work: StartWork, paths: Paths) -> None:
    work = await start_work()
    before = refs(repository_of(work, paths))
    guest = lying(work)
    await guest.shell(
        "echo x > x && git add x && git commit -qm x && git branch main && git update-ref refs/studio/head HEAD"
    )
    await guest.shell(f"git bundle create -q ../extra {SNAPSHOT_REF} refs/heads/main ^{work.run.head}")
    guest.bundle = (guest.folder.parent / "extra").read_bytes()
    with pytest.raises(PolicyRefused, match="names other branches"):
        await work.snapshot()
    assert refs(repository_of(work, paths)) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a git bundle"),
        (b"PACK" * 100, "not a git bundle"),
        (b"# v2 git bundle\n" + b"x" * 100_000, "not a git bundle"),
        (b"# v2 git bundle\n\nPACK\0\0\0\2\0\0\0\0", "names other branches"),
        (b"# v2 git bundle\n" + b"0" * 40 + b" refs/heads/main\n\nPACK\0\0\0\2\0\0\0\0", "names other branches"),
        (b"# v2 git bundle\n--output=x " + b"0" * 40 + b"\n\nPACK\0\0\0\2\0\0\0\0", "names other branches"),
        (b"# v2 git bundle\nHEAD " + SNAPSHOT_REF.encode() + b"\n\nPACK\0\0\0\2\0\0\0\0", "names other branches"),
        (b"# v2 git bundle\n" + b"0" * 40 + b" " + SNAPSHOT_REF.encode() + b"\n\n", "no pack"),
        (
            b"# v2 git bundle\n" + b"0" * 40 + b" " + SNAPSHOT_REF.encode() + b"\n\nPACK\0\0\0\2\xff\xff\xff\xff",
            "4294967295 objects",
        ),
    ],
)
def test_a_file_that_is_no_bundle_of_ours_is_refused_before_git_sees_it(
    content: bytes, words: str, tmp_path: Path
) -> None:
    (tmp_path / "bundle").write_bytes(content)
    with pytest.raises(PolicyRefused, match=words):
        bundle_module.read_header(tmp_path / "bundle", SNAPSHOT_REF, 1000)


async def test_a_commit_that_does_not_continue_the_run_is_refused(start_work: StartWork, paths: Paths) -> None:
    work = await start_work()
    before = refs(repository_of(work, paths))
    guest = lying(work)
    commit = await guest.shell("git commit-tree -m root $(git rev-parse 'HEAD^{tree}')")
    made = commit.stdout.decode().strip()
    await guest.shell(f"git update-ref {SNAPSHOT_REF} {made} && git bundle create -q ../root {SNAPSHOT_REF}")
    guest.said, guest.bundle = f"{made} {made}\n".encode(), (guest.folder.parent / "root").read_bytes()
    with pytest.raises(PolicyRefused, match="does not continue its branch"):
        await work.snapshot()
    assert refs(repository_of(work, paths)) == before


async def test_a_tree_that_stands_for_billions_of_files_is_refused(start_work: StartWork, paths: Paths) -> None:
    work = await start_work()
    before = refs(repository_of(work, paths))
    guest = lying(work)
    made = (
        (
            await guest.shell(
                'entry="100644 blob $(echo x | git hash-object -w --stdin)"\n'
                "for level in 1 2 3 4 5 6 7 8 9 10; do\n"
                '  tree=$(for n in 0 1 2 3 4 5 6 7 8 9; do printf "%s\\tn%s\\n" "$entry" $n; done | git mktree)\n'
                '  entry="040000 tree $tree"\n'
                "done\n"
                "git commit-tree -p HEAD -m bomb $tree"
            )
        )
        .stdout.decode()
        .strip()
    )
    await guest.shell(
        f"git update-ref {SNAPSHOT_REF} {made} && git bundle create -q ../bomb {SNAPSHOT_REF} ^{work.run.head}"
    )
    guest.said, guest.bundle = f"{made} {made}\n".encode(), (guest.folder.parent / "bomb").read_bytes()
    assert len(guest.bundle) < 10_000
    with pytest.raises(PolicyRefused, match="more than 2000000 files"):
        await work.snapshot()
    assert refs(repository_of(work, paths)) == before


@pytest.mark.parametrize("others", [0, 200])
async def test_a_small_pack_that_stands_for_a_huge_file_is_refused_before_it_takes_the_memory(
    others: int, start_work: StartWork, paths: Paths
) -> None:
    work = await start_work()
    before = refs(repository_of(work, paths))
    guest = lying(work)
    guest.said = f"{'a' * 40} {'a' * 40}\n".encode()
    guest.bundle = f"# v2 git bundle\n-{work.run.head}\n{'a' * 40} {SNAPSHOT_REF}\n\n".encode()
    guest.bundle += pack_of_copies(b"blob", b"x" * 0x10000, copies=5000, differences=1, others=others)
    assert len(guest.bundle) < 10_000
    with pytest.raises(PolicyRefused, match="more than 256 MiB of memory to unpack and was not taken"):
        await work.snapshot()
    assert refs(repository_of(work, paths)) == before
    assert list(repository_of(work, paths).incoming.iterdir()) == []


async def test_a_small_pack_that_stands_for_many_large_folders_takes_no_memory_for_all_of_them(
    start_work: StartWork, paths: Paths
) -> None:
    work = await start_work()
    before = refs(repository_of(work, paths))
    guest = lying(work)
    entry = b"100644 " + b"n" * (0x10000 - 28) + b"\0" + b"\1" * 20
    guest.said = f"{'a' * 40} {'a' * 40}\n".encode()
    guest.bundle = f"# v2 git bundle\n-{work.run.head}\n{'a' * 40} {SNAPSHOT_REF}\n\n".encode()
    guest.bundle += pack_of_copies(b"tree", entry, copies=200, differences=90)
    earlier = largest_child()
    with pytest.raises(GitError, match="did not pass Git's checks"):
        await work.snapshot()
    assert largest_child() <= max(earlier, 400 << 20)
    assert refs(repository_of(work, paths)) == before


@pytest.mark.parametrize("said", [b"", b"--output=x y", b"HEAD HEAD", b"\xff\xfe", b"0" * 39])
async def test_an_answer_that_is_no_commit_is_refused(said: bytes, start_work: StartWork) -> None:
    work = await start_work()
    lying(work).said = said
    with pytest.raises(GitError, match="gave no commit"):
        await work.snapshot()


async def test_a_refused_snapshot_leaves_no_file_behind_and_the_next_good_one_is_taken(
    start_work: StartWork, paths: Paths
) -> None:
    work = await start_work()
    guest = lying(work)
    (guest.folder / "good.txt").write_text("good\n")
    guest.bundle = b"nonsense"
    with pytest.raises(PolicyRefused):
        await work.snapshot()
    assert list(repository_of(work, paths).incoming.iterdir()) == []
    guest.bundle = None
    assert (await work.must_snapshot()).files == ("good.txt",)


async def test_a_branch_of_the_persons_with_a_name_like_an_option_is_only_a_name(
    person: Person, start_work: StartWork, tmp_path: Path
) -> None:
    person.git("update-ref", f"refs/heads/--output={tmp_path.name}", "HEAD")
    work = await start_work()
    (work.guest.folder / "a").write_text("a")
    await work.must_snapshot()
    with pytest.raises(UserError):
        await work.workspaces.merge(work.project, work.run, "--output=elsewhere")
    assert not list(person.folder.glob("*output*"))


async def test_the_hosts_git_hears_no_setting_of_the_person(
    person: Person, start_work: StartWork, tmp_path: Path
) -> None:
    marker = tmp_path / "filter-ran"
    program = tmp_path / "filter"
    program.write_text(f"#!/bin/sh\ntouch {marker}\ncat\n")
    program.chmod(0o755)
    person.git("config", "--global", "filter.lfs.clean", str(program))
    work = await start_work()
    (work.guest.folder / ".gitattributes").write_text("* filter=lfs diff=lfs\n")
    await work.must_snapshot()
    await work.workspaces.diff(work.run)
    assert not marker.exists()
