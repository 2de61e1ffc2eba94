"""The walls around a previewed page: settings, and whether the engine may start at all."""

from __future__ import annotations

import re
from collections.abc import Mapping

FLAGS = "QTWEBENGINE_CHROMIUM_FLAGS"
"""The environment variable from which the engine takes its switches when it is first used."""

_DISABLED = "QTWEBENGINE_DISABLE_SANDBOX"
_REFUSED = (
    "The web engine's own sandbox cannot work there, and Studio does not switch it off by itself. "
    "Start Studio as an ordinary user, or open the address in your own browser."
)

_WEBRTC = "--force-webrtc-ip-handling-policy=disable_non_proxied_udp"
_OURS = re.compile(rf' *--host-resolver-rules="MAP localhost:(?P<port>\d+) [^"]*" {_WEBRTC}')

OFF = (
    "LocalContentCanAccessFileUrls",
    "LocalContentCanAccessRemoteUrls",
    "JavascriptCanOpenWindows",
    "JavascriptCanAccessClipboard",
    "JavascriptCanPaste",
    "NavigateOnDropEnabled",
    "PdfViewerEnabled",
    "PluginsEnabled",
    "AutoLoadIconsForPage",
    "ScreenCaptureEnabled",
    "FullScreenSupportEnabled",
    "HyperlinkAuditingEnabled",
    "AllowRunningInsecureContent",
    "AllowGeolocationOnInsecureOrigins",
    "AllowWindowActivationFromJavaScript",
    "DnsPrefetchEnabled",
    "FocusOnNavigationEnabled",
)
ON = ("WebRTCPublicInterfacesOnly", "PlaybackRequiresUserGesture", "ErrorPageEnabled")


def refusal(environment: Mapping[str, str], *, root: bool) -> str:
    """Why the web engine must not be started, as a sentence; empty when it may.

    As root the engine needs its sandbox switched off; only whoever starts Studio can choose that.
    """
    chosen = "--no-sandbox" in environment.get(FLAGS, "").split() or environment.get(_DISABLED) == "1"
    return _REFUSED if root and not chosen else ""


def engine_flags(flags: str, port: int) -> str:
    """`flags` with the switches that wall the engine in: it can resolve `localhost:<port>` and nothing else.

    They hold for redirects, workers and prefetching, which the request interceptor does not all stop.
    """
    rules = f"MAP localhost:{port} 127.0.0.1:{port},MAP * ~NOTFOUND"
    return f'{_OURS.sub("", flags)} --host-resolver-rules="{rules}" {_WEBRTC}'.strip()


def port_of(flags: str) -> int:
    """The port that `engine_flags` put into `flags`; 0 when it has not.

    The engine reads its switches once in a process, so whoever needs it again has to use the same port.
    """
    found = _OURS.search(flags)
    return int(found["port"]) if found else 0
