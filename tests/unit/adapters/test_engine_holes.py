"""Versions that are known to be weak are told, and those that are mended are not, each line by its own number."""

from __future__ import annotations

import pytest

from studio.adapters.docker.holes import known_holes, parts_of

LEAKY, MASKED = "CVE-2024-21626", "CVE-2025-31133"


def told(part: str, version: str) -> str:
    return " ".join(known_holes({part: version}))


@pytest.mark.parametrize(
    ("part", "version", "hole"),
    [
        ("runc", "1.0.0-rc6", "CVE-2019-5736"),
        ("runc", "1.0.0-rc94", "CVE-2021-30465"),
        ("runc", "1.1.11", LEAKY),
        ("runc", "1.1.12", MASKED),
        ("runc", "1.2.7", MASKED),
        ("runc", "1.3.0", MASKED),
        ("runc", "v1.4.0-rc.2", MASKED),
        ("containerd", "1.5.9", "CVE-2022-23648"),
        ("docker desktop", "4.44.2", "CVE-2025-9074"),
        ("podman", "4.3.1", "CVE-2026-55686"),
    ],
)
def test_a_weak_version_is_told(part: str, version: str, hole: str) -> None:
    assert hole in told(part, version)


@pytest.mark.parametrize(
    ("part", "version", "hole"),
    [
        ("runc", "1.0.0-rc92", LEAKY),
        ("runc", "1.1.12", LEAKY),
        ("runc", "1.2.8", MASKED),
        ("runc", "1.3.3", MASKED),
        ("runc", "1.4.0", MASKED),
        ("runc", "2.0", "CVE"),
        ("containerd", "1.6.20~ds1", "CVE"),
        ("containerd", "2.1.0", "CVE"),
        ("docker desktop", "4.44.3", "CVE"),
        ("podman", "5.7.1", "CVE"),
        ("runc", "", "CVE"),
        ("runc", "N/A", "CVE"),
    ],
)
def test_a_version_that_is_mended_or_never_had_it_is_not(part: str, version: str, hole: str) -> None:
    assert hole not in told(part, version)


def test_a_distribution_may_have_mended_it_under_the_old_number() -> None:
    assert "unless your distribution" in told("runc", "1.1.5+ds1-1+deb12u1")
    assert "unless your distribution" not in told("runc", "1.1.5")


def test_the_parts_of_an_engine_are_read_from_what_it_says_of_itself() -> None:
    version = {
        "Platform": {"Name": "Docker Desktop 4.44.2 (202017)"},
        "Components": [
            {"Name": "Engine", "Version": "28.3.2"},
            {"Name": "runc", "Version": "1.1.5+ds1", "Details": {"GitCommit": "1.1.5+ds1-1+deb12u1"}},
            {"Name": "Podman Engine", "Version": "5.2.0"},
        ],
    }

    parts = parts_of(version)

    assert (parts["docker desktop"], parts["runc"], parts["podman"]) == ("4.44.2", "1.1.5+ds1-1+deb12u1", "5.2.0")
