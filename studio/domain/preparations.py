"""What a sandbox is made of and how a workspace was made ready, in words for people."""

from __future__ import annotations

from studio.domain.events import SandboxPlanned, WorkspacePrepared

TIMED_OUT, NOT_RUN = 124, -1


def is_well(event: WorkspacePrepared) -> bool:
    """Whether nothing failed and nothing was left out."""
    return event.exit_code == 0 and not event.left_out


def planned_parts(event: SandboxPlanned) -> tuple[str, str]:
    """From what the sandbox is made; and a line for each thing that was refused."""
    ports = f" Its app listens on {_ports(event.ports)}." if event.ports else ""
    return f"The sandbox is made from {event.origin}.{ports}", "\n".join(event.refused)


def planned(event: SandboxPlanned) -> str:
    """From what the sandbox is made, and what was refused."""
    return "\n".join(filter(None, planned_parts(event)))


def prepared_parts(event: WorkspacePrepared) -> tuple[str, str]:
    """What was put into the workspace and run in it; and what was not, or went wrong."""
    done, wrong = [], list(event.left_out)
    if event.included:
        more = f" and {event.included_more} more" if event.included_more else ""
        done.append(f"Put into the workspace as .worktreeinclude says: {', '.join(event.included)}{more}.")
    if event.commands:
        (wrong if event.exit_code else done).append(_setup(event))
    wrong += filter(None, (event.output, event.advice))
    return "\n".join(done), "\n".join(wrong)


def prepared(event: WorkspacePrepared) -> str:
    """What was put into the workspace and run in it, and what went wrong."""
    return "\n".join(filter(None, prepared_parts(event)))


def _setup(event: WorkspacePrepared) -> str:
    commands = "; ".join(event.commands)
    if event.from_cache:
        return f"What the setup once made was taken from the cache: {commands}."
    match event.exit_code:
        case 0:
            return f"The setup was run in {event.milliseconds / 1000:.1f} s: {commands}."
        case code if code == TIMED_OUT:
            return f"The setup took too long and was ended: {event.commands[-1]}."
        case code if code == NOT_RUN:
            return f"The setup could not be run: {event.commands[-1]}."
        case code:
            return f"The setup failed with exit code {code}: {event.commands[-1]}."


def _ports(ports: tuple[int, ...]) -> str:
    word = "port" if len(ports) == 1 else "ports"
    return f"{word} {', '.join(map(str, ports))}"
