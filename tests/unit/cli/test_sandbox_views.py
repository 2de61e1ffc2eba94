"""A sandbox in the list: short for people, whole for programs."""

from __future__ import annotations

from dataclasses import replace

from studio.cli.sandbox_views import of_service, services, told, unused
from studio.domain.ids import ProjectId, RunId
from studio.domain.sandboxes import SandboxState, SandboxView
from studio.domain.services import ServiceState, ServiceView

FAILED = ServiceView("web", ServiceState.FAILED, (8000,), "It ended with exit code 127.", "It said last: no python3.")


def view(*beside: ServiceView) -> SandboxView:
    return SandboxView(RunId("r12345678"), ProjectId("p12345678"), SandboxState.RUNNING, services=beside)


def test_a_cell_says_how_services_stand_and_not_why() -> None:
    left = ServiceView("cache", ServiceState.LEFT_OUT, (), "The image redis:7 is not on this machine.", "Fetch it.")
    ready = ServiceView("db", ServiceState.READY, (5432,))
    assert services(view(ready, FAILED, left)) == "db is ready on localhost:5432; web has failed; cache is left out"


def test_why_something_is_wrong_is_told_in_lines_of_their_own() -> None:
    ready = ServiceView("db", ServiceState.READY, (5432,))
    lost = replace(view(FAILED, ready), state=SandboxState.LOST, trouble="Its container ended.")
    assert unused(lost) == "–"
    assert told(lost) == (
        "r12345678: Its container ended.",
        "r12345678: web has failed: It ended with exit code 127. It said last: no python3.",
    )


def test_a_program_reads_the_ports_of_a_service_and_why_it_failed() -> None:
    said = of_service(FAILED)
    assert said["ports"] == [8000]
    assert (said["why"], said["action"]) == ("It ended with exit code 127.", "It said last: no python3.")
