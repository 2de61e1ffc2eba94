"""Names of images that a project's file may not make an engine look for."""

from __future__ import annotations

import pytest

from studio.sandbox.spec.names import why_not_image


@pytest.mark.parametrize(
    "name",
    [
        "debian",
        "debian:12",
        "me/app:1",
        "registry.example.org/a/b:1",
        "registry.example.org:5000/a",
        "a.b@sha256:" + "0" * 64,
        "studio-base:1",
        "beef:1",
    ],
)
def test_an_image_of_a_public_registry_may_be_named(name: str) -> None:
    assert why_not_image(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "192.168.1.1:8080/x",
        "169.254.169.254/latest/meta-data",
        "127.1/x",
        "0x7f.0x1/x",
        "2130706433:80/x",
        "localhost/x",
        "localhost:5000/x",
        "registry:5000/x",
        "a.localhost/x",
        "printer.local/x",
        "metadata.google.internal/x",
        "nas.lan:5000/x",
        "example.org./x",
        "-a.example.org/x",
    ],
)
def test_an_image_of_another_place_than_a_public_registry_may_not(name: str) -> None:
    assert "public registries only" in why_not_image(name) or why_not_image(name) == "is no name of an image"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("studio-project-p1:x", "made for a project"),
        ("studio-sandbox", "named with its tag"),
        ("docker.io/library/studio-project-p1:x", "made for a project"),
        ("library/studio-tools:x", "made for a project"),
        ("index.docker.io/studio-project-p1:x", "made for a project"),
        ("beef", "may be the id"),
        ("sha256:" + "0" * 64, "may be the id"),
    ],
)
def test_an_image_of_this_machine_that_is_not_the_projects_may_not(name: str, why: str) -> None:
    assert why in why_not_image(name)


@pytest.mark.parametrize("registry", ["example.com:99999", "example.com:0", f"{'a' * 64}.com", f"{'a.' * 130}com"])
def test_an_image_of_what_can_be_no_registry_may_not(registry: str) -> None:
    assert why_not_image(f"{registry}/x") == f"is of {registry}, which can be no registry"
