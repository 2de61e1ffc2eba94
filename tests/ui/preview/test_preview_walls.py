"""What a previewed page cannot do, tried by real pages in the real engine."""

from __future__ import annotations

import socket

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineProfile, QWebEngineSettings
from PySide6.QtWidgets import QMessageBox

from studio.domain.ids import RunId
from studio.ui.preview.origin import Origin, is_external, origin_of
from studio.ui.preview.profile import make_profile
from studio.ui.preview.walls import OFF, ON, engine_flags, port_of, refusal
from tests.ui.preview.conftest import PROJECT, Previewing

# The engine reports a machine without a graphics card or a system bus as warnings.
pytestmark = pytest.mark.qt_log_ignore("RHI", "QRhi", "GPUInfo", "dbus", "^js:", "Failed to load resource", "blocked")

_HERE = Origin("http", "localhost", 8000)
_WAYS = {
    "fetch": "fetch('{url}', {{mode: 'no-cors', method: 'POST', body: 'x'}}).catch(() => 0)",
    "image": "new Image().src = '{url}'",
    "script": "{{let s = document.createElement('script'); s.src = '{url}'; document.head.appendChild(s)}}",
    "frame": "{{let f = document.createElement('iframe'); f.src = '{url}'; document.body.appendChild(f)}}",
    "beacon": "navigator.sendBeacon('{url}', 'x')",
    "keepalive": "fetch('{url}', {{mode: 'no-cors', keepalive: true}}).catch(() => 0)",
    "worker": (
        "new Worker(URL.createObjectURL(new Blob([`fetch('{url}', {{mode: 'no-cors'}}).catch(() => 0)`]))).onerror"
        " = () => 0"
    ),
}
_REDIRECTS = 10


def _page(script: str) -> str:
    """A page that tells the app when its script has run and what it started had time to get out."""
    tell = "setTimeout(() => fetch('/finished'), 400)"
    return f"<!doctype html><body><script>{script};{tell}</script>"


@pytest.mark.parametrize("way", _WAYS)
def test_a_page_reaches_no_other_server_of_this_machine(previewing: Previewing, way: str) -> None:
    previewing.serve(_page(_WAYS[way].format(url=f"{previewing.other.url}/direct")))
    previewing.open()
    previewing.wait_seen("/finished")
    assert previewing.other.seen == []


@pytest.mark.parametrize("way", _WAYS)
def test_a_redirect_reaches_no_other_server_of_this_machine(previewing: Previewing, way: str) -> None:
    origin = "${location.origin}" if way == "worker" else ""
    calls = [_WAYS[way].format(url=f"{origin}/redirect{number}") for number in range(_REDIRECTS)]
    previewing.serve(_page(";".join(calls)))
    previewing.open()
    previewing.wait_seen("/finished")
    previewing.wait_seen(f"/redirect{_REDIRECTS - 1}")
    assert previewing.other.seen == []


def test_what_the_app_of_one_run_stores_is_not_there_for_another(previewing: Previewing) -> None:
    previewing.serve("<script>fetch('/stored?' + localStorage.x); localStorage.x = 'mine'</script>")
    previewing.open()
    previewing.wait_seen("/stored?undefined")
    previewing.app.seen.clear()
    previewing.panel.show_run(PROJECT, RunId("r2"), "studio/r2-other")
    previewing.panel.open()
    previewing.wait_seen("/stored?undefined")
    assert "/stored?mine" not in previewing.app.seen


def test_a_page_sends_no_datagrams(previewing: Previewing) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.setblocking(False)
        server = f"stun:127.0.0.1:{listener.getsockname()[1]}"
        previewing.serve(
            f"<script>let p = new RTCPeerConnection({{iceServers: [{{urls: ['{server}']}}]}});"
            "p.onicegatheringstatechange = () => p.iceGatheringState == 'complete' && fetch('/gathered');"
            "p.createDataChannel('x'); p.createOffer().then(offer => p.setLocalDescription(offer))</script>"
        )
        previewing.open()
        previewing.wait_seen("/gathered")
        with pytest.raises(BlockingIOError):
            listener.recv(2000)


def test_a_page_cannot_leave_its_server_by_itself(previewing: Previewing) -> None:
    previewing.serve(_page(f"setTimeout(() => {{location = '{previewing.other.url}/left'}}, 50)"))
    browser = previewing.open()
    previewing.wait_seen("/finished")
    assert previewing.other.seen == []
    assert browser.url().host() == "localhost"


def test_a_page_cannot_open_windows_or_dialogs_but_is_heard(previewing: Previewing) -> None:
    script = "window.open('/window'); alert('<b>hello</b>'); fetch('/answer?' + confirm('sure?'))"
    previewing.serve(_page(script))
    previewing.open()
    previewing.wait_seen("/answer?false")
    assert previewing.panel.view.message.text().endswith("sure?")
    assert "/window" not in previewing.app.seen
    assert previewing.panel.view.findChild(QMessageBox) is None


def test_a_page_that_talks_without_end_is_cut_short(previewing: Previewing) -> None:
    heard: list[str] = []
    previewing.serve(_page("for (let i = 0; i < 20; i++) alert('x'.repeat(2000))"))
    browser = previewing.open()
    previewing.wait_seen("/finished")
    browser.dialog_shown.connect(heard.append)
    previewing.panel.reload()
    previewing.qtbot.waitUntil(lambda: previewing.app.seen.count("/finished") >= 2, timeout=20_000)
    assert len(heard) == 5
    assert all(len(line) < 600 for line in heard)


def test_permissions_are_denied(previewing: Previewing) -> None:
    script = "navigator.geolocation.getCurrentPosition(() => fetch('/granted'), e => fetch('/denied' + e.code))"
    previewing.serve(_page(script))
    previewing.open()
    previewing.wait_seen("/denied1")
    assert "/granted" not in previewing.app.seen


def test_a_link_out_asks_before_the_persons_own_browser_opens(previewing: Previewing) -> None:
    previewing.serve("<a href='https://example.org/x'>out</a>")
    browser = previewing.open()
    kind = QWebEnginePage.NavigationType.NavigationTypeLinkClicked
    assert not browser.page().acceptNavigationRequest(QUrl("https://example.org/x"), kind, True)
    view = previewing.panel.view
    assert view.findChild(QMessageBox) is None
    assert view.message.text() == "A link leads out of the preview, to https://example.org."
    view.notice_action.click()
    box = view.findChild(QMessageBox)
    assert isinstance(box, QMessageBox)
    assert box.text() == "Open https://example.org in your own browser?"
    box.button(QMessageBox.StandardButton.Cancel).click()


def test_the_profile_keeps_nothing(previewing: Previewing) -> None:
    profile = make_profile()
    assert profile.isOffTheRecord()
    assert profile.persistentCookiesPolicy() is QWebEngineProfile.PersistentCookiesPolicy.NoPersistentCookies


@pytest.mark.parametrize(("names", "expected"), [(OFF, False), (ON, True)])
def test_every_setting_is_as_the_walls_say(previewing: Previewing, names: tuple[str, ...], expected: bool) -> None:
    profile = make_profile()
    settings = profile.settings()
    assert {settings.testAttribute(QWebEngineSettings.WebAttribute[name]) for name in names} == {expected}


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://localhost:8000/a?b#c", True),
        ("ws://localhost:8000/live", True),
        ("HTTP://LOCALHOST:8000/", True),
        ("data:text/plain,x", True),
        ("http://localhost:8001/", False),
        ("http://127.0.0.1:8000/", False),
        ("https://localhost:8000/", False),
        ("http://localhost:8000@evil.example/", False),
        ("http://localhost/", False),
        ("file:///etc/passwd", False),
        ("qrc:/x", False),
        ("chrome://gpu", False),
        ("view-source:http://localhost:8000/", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_only_the_server_and_what_the_page_itself_holds_may_load(url: str, allowed: bool) -> None:
    assert _HERE.may_load(QUrl(url)) is allowed


def test_the_main_frame_may_not_go_to_data() -> None:
    assert not _HERE.may_navigate(QUrl("data:text/html,x"), main_frame=True)
    assert _HERE.may_navigate(QUrl("data:text/html,x"), main_frame=False)


def test_an_address_without_a_port_has_the_schemes_own() -> None:
    assert origin_of(QUrl("https://Example.org/x")) == Origin("https", "example.org", 443)


@pytest.mark.parametrize("url", ["file:///x", "mailto:a@b", "https://user:word@example.org/", "http:///x"])
def test_only_plain_web_addresses_are_offered_to_the_persons_browser(url: str) -> None:
    assert not is_external(QUrl(url))


def test_root_is_refused_unless_whoever_started_studio_chose_otherwise() -> None:
    assert refusal({}, root=True)
    assert not refusal({}, root=False)
    assert not refusal({"QTWEBENGINE_CHROMIUM_FLAGS": "--disable-gpu --no-sandbox"}, root=True)


def test_the_engines_switches_never_take_its_sandbox_away() -> None:
    assert "no-sandbox" not in engine_flags("--disable-gpu", 1234)


def test_switches_are_renewed_and_not_piled_up() -> None:
    once = engine_flags("--disable-gpu", 1234)
    assert port_of(once) == 1234
    assert engine_flags(once, 1234) == once
    assert port_of(engine_flags(once, 99)) == 99
    assert port_of("--disable-gpu") == 0
