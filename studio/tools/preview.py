"""Tools for the running app: start it and say where it answers; see its page, and read its console."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from pydantic import Field

from studio.base.aio import in_thread
from studio.base.text import plain, shorten
from studio.domain.console import ConsoleEntry, ConsoleLevel, ConsoleSource
from studio.domain.console_words import line_of
from studio.domain.errors import UserError
from studio.domain.images import AGENTS_BYTES
from studio.domain.tools import ToolOutcome
from studio.sandbox.processes import Heard, Process
from studio.tools.hands import Hands
from studio.tools.processes import described, heard, standing

CONSOLE_CHARACTERS = 20_000
STATUS_SECONDS = 10.0
NOT_SHOWN = (
    "No window has shown this app since its container was started, so nothing of its console was heard. "
    "Ask the developer to open the preview, or look at the app with a program in the container."
)
SCREENSHOT_SECONDS = 5.0
NOT_SEEN = (
    "No window shows this app's preview now, so there is no picture of it; behind another tab or in a minimized window "
    "it is not drawn. Ask the developer to open this run's preview in the window of the Studio that runs you and to "
    "leave it in front, and take the picture then. Without one: if the container has a browser, make a picture with it "
    "in shell and read that file; else judge by the page's HTML, styles and console."
)


async def preview_start(
    hands: Hands,
    command: Annotated[
        str, Field(description="The command line that starts the app, read by bash.", min_length=1, max_length=100_000)
    ],
    port: Annotated[
        int, Field(description="The port it will listen on; 0: the first that it opens.", ge=0, le=65_535)
    ] = 0,
    wait_seconds: Annotated[int, Field(description="How long it may take to come up.", ge=1, le=600)] = 60,
) -> ToolOutcome:
    """Starts the app as a background process, waits until its port answers, and gives its addresses.

    Use it to see the app run and to let the developer open it in their preview. It must listen inside the
    container (localhost is enough) and runs on until process_stop. When it does not come up, the answer says
    why: the code it ended with, or the ports that are open instead. Starting the same command twice finds the
    one that runs already.
    """
    processes = hands.sandbox.processes
    running = [one for one in await processes.list() if one.command == command and not one.ended]
    before = () if running else await hands.sandbox.listening_ports()
    if port in before:
        raise UserError(f"Port {port} is open already inside, by something else.", await _holders(hands))
    seconds = min(float(wait_seconds), hands.seconds_left)
    name = running[0].name if running else (await processes.start(command, 0)).process.name
    came = await processes.listen(name, port, before, seconds)
    found = port if port in came.ports else 0 if port or not came.ports else came.ports[0]
    if not found or came.process.ended:
        return await _not_up(hands, came, port, seconds)
    return await _up(hands, came.process, found, already=bool(running))


async def preview_screenshot(
    hands: Hands,
    looking_for: Annotated[
        str, Field(description="What you want to see, in a few words: the developer reads it.", max_length=200)
    ] = "",
) -> ToolOutcome:
    """Shows you a picture of the app's page, just as the developer's preview shows it now.

    Use it to judge how a page looks: layout, colours, states. The picture is at most 1280 pixels wide and holds what
    is scrolled into view. It does not open, scroll or reload the page: what you changed is in it only once the page
    was loaded again, which the app or the developer does. When no window shows the preview, the answer says what to
    do instead.
    """
    if hands.pictures is None or hands.ask_window is None or not hands.sandbox.console.shown:
        return ToolOutcome(False, NOT_SEEN, "not shown")
    data = await hands.sandbox.screen.ask(hands.ask_window, min(SCREENSHOT_SECONDS, hands.seconds_left))
    if data is None:
        return ToolOutcome(False, NOT_SEEN, "not shown")
    image = await in_thread(hands.pictures.keep, data, "The picture of the preview", AGENTS_BYTES)
    text = f"The page as the developer's preview shows it now: {image.about} pixels. You see it with this result."
    return ToolOutcome(True, text, image.about, images=(image,))


async def console(
    hands: Hands,
    since: Annotated[
        int, Field(description="Only entries after this mark, which the last look ended with.", ge=0, le=1 << 53)
    ] = 0,
    level: Annotated[ConsoleLevel, Field(description="The least grave level to show.", strict=False)] = (
        ConsoleLevel.INFO
    ),
    source: Annotated[
        ConsoleSource, Field(description="Whose entries to show: services are those beside you.", strict=False)
    ] = ConsoleSource.ALL,
) -> ToolOutcome:
    """Shows what the app's page, its processes and the services beside it wrote, in the order it happened.

    Of the page that is console.log and its kin, uncaught errors, promises that nobody caught, requests and parts of
    the page that failed, and what was not let through: while a window showed its preview. Of processes (those of
    preview_start and process_start) and of services, such as a database, it is every line; what belongs to one error
    is one entry. Places are led back to your source files where source maps allow. "Loaded" says that the page began
    anew: an error above it may be mended. The newest 500 entries of up to 2,000 characters are kept, 200 of them of
    services, equal ones in a row as one with a count. Errors that name one of your files are told to you unasked,
    before your next step.
    """
    found = hands.sandbox.console.since(since, level, source)
    if not hands.sandbox.console.shown and not found.mark:
        return ToolOutcome(False, NOT_SHOWN, "not shown")
    lines = [line_of(entry) for entry in found.entries]
    unseen = "" if hands.sandbox.console.shown else "No window has shown the page, so nothing of it was heard. "
    lost = f"{found.lost} entries in between are kept no more. " if found.lost else ""
    count = "1 entry" if len(lines) == 1 else f"{len(lines)} entries"
    mark = f"[{count}. {lost}{unseen}Ask with since={found.mark} for what comes after.]"
    return ToolOutcome(
        True, f"{shorten(chr(10).join(lines), CONSOLE_CHARACTERS)}\n{mark}".lstrip("\n"), _counted(found.entries)
    )


async def _up(hands: Hands, process: Process, port: int, *, already: bool) -> ToolOutcome:
    tunnel = await hands.sandbox.tunnel(port)
    status = plain(await tunnel.status(min(STATUS_SECONDS, hands.seconds_left)))
    answers = f"GET / is answered with {status}" if status else "but GET / got no HTTP answer"
    lines = [
        f"The app {'runs already and' if already else ''} listens on port {port}, {answers}.".replace("  ", " "),
        f"Inside the container it is http://localhost:{port}/.",
        f"The developer's preview opens it at http://{tunnel.host}:{tunnel.port}/, which only their machine reaches.",
        f"[{described(process)}]",
    ]
    return ToolOutcome(True, "\n".join(lines), f"port {port}: {status or 'no HTTP'}", changed=True)


async def _not_up(hands: Hands, came: Heard, port: int, seconds: float) -> ToolOutcome:
    wanted = f"port {port}" if port else "a port"
    said = heard(await hands.sandbox.processes.output(came.process.name, 0, 0))
    if came.process.ended:
        why = f"The app ended before it opened {wanted}."
        return ToolOutcome(False, f"{why}\n{said}", standing(came.process), changed=True)
    instead = f" Open instead: {_listed(came.ports)}." if came.ports else ""
    why = f"The app has not opened {wanted} within {seconds:g} seconds.{instead} It still runs."
    return ToolOutcome(False, f"{why}\n{said}", f"{wanted} not open", changed=True)


async def _holders(hands: Hands) -> str:
    running = [one for one in await hands.sandbox.processes.list() if not one.ended]
    names = ", ".join(f"{one.name} ({shorten(one.command, 60)})" for one in running)
    return f"These run: {names}. Stop the one in the way, or use another port." if names else "Use another port."


def _listed(ports: Collection[int]) -> str:
    return ", ".join(str(port) for port in list(ports)[:10])


def _counted(entries: Collection[ConsoleEntry]) -> str:
    errors = sum(entry.level is ConsoleLevel.ERROR for entry in entries)
    return f"{len(entries)} entries, {errors} errors"
