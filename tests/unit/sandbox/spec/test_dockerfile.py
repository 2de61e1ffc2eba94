"""A project's Dockerfile: what a builder is never given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.sandbox.spec.dockerfile import read_dockerfile
from studio.sandbox.spec.matter import what_matters
from studio.sandbox.spec.wanted import Build, Wanted
from tests.fixtures.growth import LINEAR, growth

ORDINARY = """# syntax=docker/dockerfile:1
ARG VERSION=22
FROM node:${VERSION}-slim AS build
WORKDIR /app
COPY package.json \\
  # a comment between
  package-lock.json ./
RUN npm ci && \\
    npm cache clean --force
ENV MODE=production
FROM --platform=$BUILDPLATFORM build AS dev
COPY --from=build --chown=1:1 /app /app
HEALTHCHECK --interval=5s CMD true
USER node
CMD ["node", "."]
"""


def refused(text: str) -> str:
    return "\n".join(one.sentence for one in read_dockerfile(text).refused)


def test_an_ordinary_one_is_taken_with_its_stages_and_what_it_copies() -> None:
    found = read_dockerfile(ORDINARY)

    assert found.refused == ()
    assert found.stages == ("build", "dev")
    assert found.development_stage == "dev"
    assert found.copied == ("package.json", "package-lock.json")
    assert found.images == ("node:22-slim",)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("RUN --mount=type=secret,id=x cat /run/secrets/x", "RUN --mount"),
        ("RUN --network=host curl x", "RUN --network"),
        ("run --security=insecure x", "RUN --security"),
        ("ADD https://example.com/x /x", "ADD is for plain paths"),
        ('ADD ["https://example.com/x", "/x"]', "ADD is for plain paths"),
        ("ADD git@example.com:x/y.git /x", "ADD is for plain paths"),
        ("ADD --chown=1:1 HTTP://example.com/x /x", "ADD is for plain paths"),
        ("ADD $ADDRESS /x", "ADD is for plain paths"),
        (r"ADD h\ttps://example.com/x /x", "ADD is for plain paths"),
        ("ONBUILD ADD https://example.com/x /x", "ADD is for plain paths"),
        ("ADD\thttps://example.com/x\t/x", "ADD is for plain paths"),
        ("ADD ht\\\ntps:\\\n//example.com/x /x", "ADD is for plain paths"),
        ("VOLUME /data", "VOLUME"),
        ("RUN <<EOF\nls\nEOF", "given with <<"),
        ("COPY <<1 /x", "given with <<"),
        ('COPY --chown="1 1" --from=studio-project-p1:abc / /x', "a quote or a backslash"),
        ("RUN true \\\\\nVOLUME /x", "read in two ways"),
        ("COPY --from=studio-project-p1:abc / /x", "made for a project"),
        ("COPY --from=0123456789abcdef / /x", "be the id of an image"),
        ("COPY --from=$X / /x", "cannot be told"),
        ("INCLUDE+ ../x", "no instruction"),
        ("FROM --platform=linux/s390x debian:12", "not this machine's own"),
        ("FROM --platform=${X} debian:12", "not this machine's own"),
        ('RUN --"network"=host true', "not written plainly"),
        ("COPY --'from'=studio-project-p1:abc / /x", "not written plainly"),
        (r"COPY --\from=studio-project-p1:abc / /x", "not written plainly"),
        ("COPY -- --from=studio-project-p1:abc / /x", "not written plainly"),
        ("COPY \xa0--from=studio-project-p1:abc / /x", "not written plainly"),
        ("COPY --chown=1\xa0--from=studio-project-p1:abc / /x", "not written plainly"),
        ("COPY --chown=é --from=studio-project-p1:abc / /x", "not written plainly"),
        ("COPY \x0b--from=studio-project-p1:abc / /x", "cannot be seen"),
        ("RUN true\rRUN --network=host true", "cannot be seen"),
        ("ONBUILD " * 5000 + "VOLUME /x", "ONBUILD of ONBUILD"),
    ],
)
def test_a_line_is_refused_with_its_number(line: str, why: str) -> None:
    found = refused(f"FROM debian:12\n\n{line}\n")

    assert "at line 3" in found
    assert why in found


@pytest.mark.parametrize("image", ["${X}", "studio-project-p9:1", "sha256:" + "0" * 64, "$(id)", "--privileged x"])
def test_an_image_to_start_from_that_is_not_a_plain_name_is_refused(image: str) -> None:
    assert "line 1" in refused(f"FROM {image}\n")


def test_an_argument_that_is_given_counts_for_the_image_to_start_from() -> None:
    text = "ARG BASE=debian:12\nFROM ${BASE}\n"

    assert read_dockerfile(text, {"BASE": "studio-project-p1:x"}).refused
    assert not read_dockerfile(text).refused


def test_every_image_that_something_is_taken_from_is_known_before_it_is_built() -> None:
    text = "ARG N=1\nFROM a:$N AS one\nCOPY --from=b:2 / /\nCOPY --from=one / /\nFROM one\nCOPY --from=0 / /\n"

    assert read_dockerfile(text).images == ("a:1", "b:2")


def test_a_platform_that_a_file_calls_the_machines_own_is_not_believed() -> None:
    assert "not this machine's own" in refused("ARG BUILDPLATFORM=linux/s390x\nFROM --platform=$BUILDPLATFORM x:1\n")


def test_another_escape_character_joins_lines_as_the_builder_does() -> None:
    assert "RUN --mount" in refused("# escape=`\nFROM debian:12\nRUN `\n--mount=type=ssh x\n")


def test_an_empty_one_is_refused() -> None:
    assert "no FROM" in refused("# nothing\n")


def seen_by_a_builder(rest: str) -> list[str]:
    """The options of an instruction as Docker's and Buildah's own parser takes them out of its line, byte by byte."""
    words: list[str] = []
    word, quote, at, quoted = "", "", 0, False
    line = rest.encode().decode("latin-1")
    while at < len(line):
        while at < len(line) and line[at] in "\t\n\v\f\r \x85\xa0":
            at += 1
        if line[at : at + 2] != "--":
            return words
        word, quote, quoted = "", "", False
        while at < len(line) and (quote or line[at] not in "\t\n\v\f\r \x85\xa0"):
            sign = line[at]
            at += 1
            if sign == quote:
                quote = ""
            elif not quote and sign in "'\"":
                quote, quoted = sign, True
            elif sign == "\\":
                word, at = word + line[at : at + 1], at + 1
            else:
                word += sign
        if word == "--":
            return words
        if word or quoted:
            words.append(word)
    return words


PIECES = [
    "--",
    "-",
    "from",
    "chown",
    "network",
    "=",
    "host",
    "build",
    "studio-project-p1:x",
    '"',
    "'",
    "\\",
    " ",
    "\t",
    "\v",
    "\f",
    "\xa0",
    "à",
]


@given(st.sampled_from(["RUN", "COPY", "ENV"]), st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
def test_no_option_that_a_builder_sees_goes_unseen(instruction: str, rest: str) -> None:
    """What is taken is: no option at all, or for COPY the stage before and an owner."""
    found = read_dockerfile(f"FROM debian:12 AS build\nFROM debian:12\n{instruction} {rest}\n")

    options = seen_by_a_builder(rest)
    harmless = all(option.split("=")[0] in ("--chown", "--from") for option in options) and instruction == "COPY"
    assert found.refused or not options or harmless
    assert found.refused or not any("studio-project" in option for option in options)


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    found = read_dockerfile(text)

    assert found.stages or found.refused


def test_only_files_that_go_into_an_image_matter_for_it() -> None:
    files = {"Dockerfile": "1", "package.json": "2", "src/a.js": "3", "lib/b.js": "4", ".dockerignore": "5"}
    build = Build("Dockerfile")

    def paths(*copied: str) -> list[str]:
        return [path for path, _ in what_matters(Wanted("x", build=build, copied=copied), files)]

    assert paths("package.json", "./lib") == [".dockerignore", "Dockerfile", "lib/b.js", "package.json"]
    assert paths(".") == sorted(files)
    assert paths("src/*.js") == sorted(files)


@pytest.mark.parametrize(
    "piece", ["FROM a\n", "FROM a AS b\n", "FROM a\nCOPY --from=0 b c\n", "RUN " + "--a=b " * 9 + "\n"]
)
def test_a_hostile_one_costs_no_more_than_its_length(piece: str) -> None:
    assert growth(read_dockerfile, piece, 150, before="FROM a\n") < LINEAR
