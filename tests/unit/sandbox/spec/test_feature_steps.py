"""A feature that lies in the repository is copied into a build and told its options."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.domain.errors import UserError
from studio.sandbox.spec.feature_steps import feature_steps


@pytest.fixture
def feature(tmp_path: Path) -> Path:
    folder = tmp_path / "repository" / "greeter"
    folder.mkdir(parents=True)
    (folder / "install.sh").write_text("#!/bin/sh\n")
    (folder / "devcontainer-feature.json").write_text(
        '{"options": {"name": {"default": "x"}, "2nd-word": {"default": true}, "none": {}}}'
    )
    return folder


def test_options_are_variables_and_those_not_given_have_their_defaults(feature: Path, tmp_path: Path) -> None:
    steps = feature_steps(feature, tmp_path / "feature-0", {"name": "it's $HOME"})

    assert (tmp_path / "feature-0.sh").read_text() == "export _2ND_WORD=true\nexport NAME='it'\"'\"'s $HOME'\n"
    assert steps[:2] == ["COPY feature-0.sh /tmp/", "COPY feature-0 /tmp/feature-0"]


def test_a_link_in_the_repository_leads_no_write_out_of_the_build(feature: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text("mine\n")
    for name in ("studio-options.sh", "feature-0.sh", "feature-0"):
        (feature / name).symlink_to(own)

    feature_steps(feature, tmp_path / "feature-0", {"name": "theirs"})

    assert own.read_text() == "mine\n"


@pytest.mark.parametrize("missing", ["install.sh", "devcontainer-feature.json"])
def test_one_that_lacks_a_part_is_refused(missing: str, feature: Path, tmp_path: Path) -> None:
    (feature / missing).unlink()
    (feature / missing).symlink_to("/etc/hostname")

    with pytest.raises(UserError, match=r"lacks install\.sh"):
        feature_steps(feature, tmp_path / "feature-0", {})


@pytest.mark.parametrize("about", ["{", "[]", '{"options": []}', '{"options": {"a": 3}}'])
def test_one_that_cannot_be_read_is_refused(about: str, feature: Path, tmp_path: Path) -> None:
    (feature / "devcontainer-feature.json").write_text(about)

    with pytest.raises(UserError, match="cannot be read"):
        feature_steps(feature, tmp_path / "feature-0", {})
