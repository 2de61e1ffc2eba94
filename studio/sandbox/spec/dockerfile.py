"""A project's Dockerfile, read instruction by instruction against what one of an untrusted hand may do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from platform import machine

from studio.sandbox.plan import Refused
from studio.sandbox.spec.names import why_not_image

_KNOWN = frozenset(
    [
        "FROM",
        "RUN",
        "CMD",
        "LABEL",
        "MAINTAINER",
        "EXPOSE",
        "ENV",
        "ADD",
        "COPY",
        "ENTRYPOINT",
        "VOLUME",
        "USER",
        "WORKDIR",
        "ARG",
        "ONBUILD",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "SHELL",
    ]
)
_FLAGS = {
    "FROM": {"platform"},
    "COPY": {"from", "chown"},
    "ADD": {"chown"},
    "HEALTHCHECK": {"interval", "timeout", "start-period", "start-interval", "retries"},
}
_OWN_PLATFORMS = {
    **dict.fromkeys(("x86_64", "amd64"), ("linux/amd64", "linux/x86_64")),
    **dict.fromkeys(("aarch64", "arm64"), ("linux/arm64", "linux/arm64/v8", "linux/aarch64")),
}
_FLAG = re.compile(r"--([a-z-]+)(?:=([!-~]*))?(?:[ \t]+|$)", re.ASCII)
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(\S+)\s*")
_HEREDOC = re.compile(r"(?:^|\s)\d*<<-?[^<\s]")
_PLAIN = re.compile(r"[\w@%+=:,./*?-]+", re.ASCII)
_REMOTE = re.compile(r"://|^git@|^github\.com/|\.git(?:#|$)", re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::([-+])([^{}]*))?\})")
_FROM = re.compile(r"(\S+)(?:\s+AS\s+(\S+))?\s*", re.IGNORECASE)
_DEVELOPMENT = ("dev", "devcontainer", "development")


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """What was read: the names of its stages in order (empty for one without), and what is refused in it."""

    stages: tuple[str, ...]
    refused: tuple[Refused, ...]
    copied: tuple[str, ...] = ()
    """The words of its COPY and ADD lines, from which it can be told what files matter."""
    images: tuple[str, ...] = ()
    """The images it takes something from, each once."""

    @property
    def development_stage(self) -> str:
        """The stage that is meant to be worked in, by its name; empty when none is."""
        return next((stage for stage in self.stages if stage.lower() in _DEVELOPMENT), "")


def read_dockerfile(text: str, args: Mapping[str, str] | None = None) -> Dockerfile:
    """Reads one. Whatever the engine's builder is not known to do harmlessly is refused by its line.

    Builders differ in small things, so what two of them could read in two ways is refused as well.
    """
    reader = _Reader(dict(args or {}))
    text = text.replace("\r\n", "\n")
    if found := _UNSEEN.search(text):
        # Some of these end a word for a builder, or a line for who reads the file next.
        line = text.count("\n", 0, found.start()) + 1
        reader.refuse(line, "it holds a character that cannot be seen", "Write the line anew.")
        return Dockerfile((), tuple(reader.refused))
    for line, words in _instructions(text, reader):
        reader.take(line, words)
    if not reader.stages and not reader.refused:
        reader.refuse(1, "it has no FROM line", "")
    return Dockerfile(tuple(reader.stages), tuple(reader.refused), tuple(reader.copied), tuple(reader.images))


def _instructions(text: str, reader: _Reader) -> Iterator[tuple[int, str]]:
    """Each instruction with the number of its first line, continued lines joined."""
    escape, begun, parts = "\\", 0, list[str]()
    directives = True
    for number, whole in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        line = whole.strip(" \t\r")
        directive = _DIRECTIVE.fullmatch(line) if directives else None
        if directive and directive[1].lower() == "escape":
            escape = directive[2]
        directives = directive is not None
        if not line or line.startswith("#"):
            continue
        begun = begun or number
        if line.endswith(escape * 2):
            reader.refuse(number, f"it ends with {escape * 2}, which builders read in two ways", "Write it otherwise.")
        kept = whole.rstrip(" \t\r")
        if kept.endswith(escape):
            parts.append(kept.removesuffix(escape))
            continue
        yield begun, "".join((*parts, kept)).strip(" \t")
        begun, parts = 0, []
    if parts:
        yield begun, "".join(parts).strip(" \t")


class _Reader:
    def __init__(self, args: dict[str, str]) -> None:
        self.stages: list[str] = []
        self.refused: list[Refused] = []
        self.copied: list[str] = []
        self.images: dict[str, None] = {}
        self._given = args
        self._stage_names: set[str] = set()
        self._variables: dict[str, str] = {}

    def refuse(self, line: int, why: str, action: str) -> None:
        self.refused.append(Refused(f"The Dockerfile is refused at line {line}: {why}.", action))

    def take(self, line: int, instruction: str) -> None:
        name, *following = re.split(r"[ \t]+", instruction, maxsplit=1)
        name, rest = name.upper(), "".join(following)
        if name not in _KNOWN:
            self.refuse(line, f"{name[:40]} is no instruction that Studio knows", "Take it out.")
            return
        if name == "ONBUILD":
            if rest[:7].upper() == "ONBUILD":
                self.refuse(line, "ONBUILD of ONBUILD is nothing that a builder knows", "Take it out.")
            else:
                self.take(line, rest)
            return
        flags, rest = _flags(rest)
        if rest.strip().startswith("-"):
            # A builder takes quotes and backslashes out of an option, and then it is another one.
            self.refuse(line, f"an option of {name} is not written plainly", "Write it as --name=value.")
        for flag in flags:
            if flag not in _FLAGS.get(name, set()):
                self.refuse(line, f"{name} --{flag} is not supported", "Take it out, or do it without.")
        if any(set(value) & set("\"'\\`") for value in flags.values()):
            self.refuse(line, f"an option of {name} holds a quote or a backslash", "Write it without.")
        if name in ("RUN", "COPY", "ADD") and _HEREDOC.search(rest):
            self.refuse(line, "text given with << needs a builder that Studio does not use", "Put it into a file.")
        match name:
            case "ARG":
                self._declare(rest)
            case "FROM":
                if "platform" in flags:
                    self._platform(line, flags["platform"])
                self._from(line, rest)
            case "ADD" | "COPY":
                self._copy(line, name, flags, rest)
            case "VOLUME":
                self.refuse(line, "VOLUME makes a place that is kept outside the sandbox's walls", "Take it out.")
            case _:
                pass

    def _declare(self, rest: str) -> None:
        if self.stages:
            return
        for word in rest.split():
            variable, _, default = word.partition("=")
            self._variables[variable] = self._given.get(variable, default.strip("\"'"))

    def _from(self, line: int, rest: str) -> None:
        found = _FROM.fullmatch(rest)
        image = _filled(found[1], self._variables) if found else None
        if found is None or image is None:
            self.refuse(line, f"FROM {rest[:100]} cannot be told before it is built", "Give the ARG a default.")
        else:
            self._start(line, image)
        named = (found[2] or "") if found else ""
        self._stage_names |= {str(len(self.stages)), *([named.lower()] if named else [])}
        self.stages.append(named)

    def _start(self, line: int, image: str) -> None:
        if image.lower() in self._stage_names or image == "scratch":
            return
        if why := why_not_image(image):
            self.refuse(line, f"{image[:100]} {why}", "Start from an image of a registry, by its name.")
        self.images[image] = None

    def _platform(self, line: int, wanted: str) -> None:
        """Of another platform a builder fetches an image by itself, whatever was found in the one that is here."""
        own = _OWN_PLATFORMS.get(machine().lower(), ())
        named = wanted.strip("${}")
        automatic = named in ("BUILDPLATFORM", "TARGETPLATFORM") and named not in self._variables
        if not automatic and _filled(wanted, self._variables) not in own:
            self.refuse(line, f"--platform={wanted[:60]} is not this machine's own", "Take it out.")

    def _copy(self, line: int, name: str, flags: Mapping[str, str], rest: str) -> None:
        if source := flags.get("from", ""):
            filled = _filled(source, self._variables)
            if filled is None:
                self.refuse(line, f"--from={source[:100]} cannot be told before it is built", "Name the stage.")
            else:
                self._start(line, filled)
            return
        words = rest.strip("[]").replace('"', " ").replace(",", " ").split() if rest.startswith("[") else rest.split()
        if name == "ADD" and not all(_PLAIN.fullmatch(word) and not _REMOTE.search(word) for word in words[:-1]):
            why = "ADD is for plain paths only: of an address it would fetch what nobody looked at"
            self.refuse(line, why, "Add the file to the repository, or use COPY.")
        self.copied += words[:-1]


def _flags(rest: str) -> tuple[dict[str, str], str]:
    flags: dict[str, str] = {}
    at = 0
    while found := _FLAG.match(rest, at):
        flags[found[1]] = found[2] or ""
        at = found.end()
    return flags, rest[at:]


def _filled(text: str, variables: Mapping[str, str]) -> str | None:
    """`text` with its variables put in; None when one of them is not known."""
    unknown = False

    def value(found: re.Match[str]) -> str:
        nonlocal unknown
        name, sign, other = found[1] or found[2], found[3], found[4] or ""
        known = variables.get(name, "")
        if sign == "+":
            return other if known else ""
        if not known and sign != "-":
            unknown = True
        return known or other

    filled = _VARIABLE.sub(value, text)
    return None if unknown or not filled or "$" in filled else filled
