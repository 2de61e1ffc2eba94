"""The browser: a web view that shows one server and trusts nothing that comes from it.

This module loads the web engine: it is imported when a preview is first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QUrl, Signal
from PySide6.QtWebEngineCore import (
    QWebEngineCertificateError,
    QWebEngineDesktopMediaRequest,
    QWebEngineFileSystemAccessRequest,
    QWebEngineFullScreenRequest,
    QWebEngineLoadingInfo,
    QWebEngineNewWindowRequest,
    QWebEnginePage,
    QWebEnginePermission,
    QWebEngineProfile,
    QWebEngineRegisterProtocolHandlerRequest,
)
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QWidget

from studio.app.preview_script import hooks, watch
from studio.domain.console import ConsoleLevel
from studio.ui.preview import scripts
from studio.ui.preview.interceptor import Interceptor
from studio.ui.preview.keeping import Keeping
from studio.ui.preview.origin import Origin, is_external, origin_of
from studio.ui.preview.profile import make_profile
from studio.ui.preview.scripts import World
from studio.ui.preview.typed import noting

_LONGEST_DIALOG = 500
_MOST_DIALOGS = 5
_MAY_LEAVE = "Are you sure you want to leave this page?"
"""What the engine asks for a page that says that something in it is not saved."""
_LONGEST_SOURCE = 1000
Note = Callable[[ConsoleLevel, str, str, int], None]
_LEVELS = {
    QWebEnginePage.JavaScriptConsoleMessageLevel.InfoMessageLevel: ConsoleLevel.INFO,
    QWebEnginePage.JavaScriptConsoleMessageLevel.WarningMessageLevel: ConsoleLevel.WARNING,
    QWebEnginePage.JavaScriptConsoleMessageLevel.ErrorMessageLevel: ConsoleLevel.ERROR,
}


class Browser(QWebEngineView):
    """A view with an off-the-record profile of its own.

    Signals: `dialog_shown(str)` what a page wanted to say in a dialog, cut short; `left(QUrl)` a link out of the
    preview that the person followed; `crashed()`; `blocked(str)` an address that was not let through;
    `loaded(bool, int)` whether the server answered at all, and with which HTTP status (0 for none).

    `keeping` can have it stay on the page that is shown; what the person does about it in the window lets it go.
    """

    dialog_shown = Signal(str)
    left = Signal(QUrl)
    crashed = Signal()
    blocked = Signal(str)
    loaded = Signal(bool, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._profile = make_profile()
        self._interceptor = Interceptor()
        self._interceptor.blocked.connect(self.blocked)
        self._profile.setUrlRequestInterceptor(self._interceptor)
        self.keeping = Keeping(self)
        self._page = Page(self._profile, self.keeping)
        # The engine wants every page of a profile gone before the profile; children go in the order in which they came.
        for child in (self._page, self._profile, self._interceptor):
            child.setParent(self)
        self.setPage(self._page)
        self.setAccessibleName("Preview")
        self._page.dialog_shown.connect(self.dialog_shown)
        self._page.left.connect(self.left)
        self._page.loadingChanged.connect(self._on_loading)
        self._page.urlChanged.connect(self.keeping.arrive)
        self._page.renderProcessTerminated.connect(lambda _status, _code: self.crashed.emit())

    def show_server(self, url: str, *, asks: bool = False) -> None:
        """Loads `url`; from then on nothing but its server can be reached. A page may stay only where it `asks`."""
        address = QUrl(url)
        self._lead(asks=asks)
        self._interceptor.origin = self._page.origin = origin_of(address)
        self._page.load(address)

    def reload_all(self, *, asks: bool = False) -> None:
        """Loads the page again, and all it uses: nothing comes out of the cache."""
        self._lead(asks=asks)
        self._page.triggerAction(QWebEnginePage.WebAction.ReloadAndBypassCache)

    def go_back(self) -> None:
        """Shows the page before this one."""
        self._lead()
        self.back()

    def go_forward(self) -> None:
        """Shows the page that was gone back from."""
        self._lead()
        self.forward()

    def hear(self, mark: str, note: Note) -> None:
        """Lets pages tell their console behind `mark`, with what went wrong in them; to be called before the first.

        `note` gets level, text, address and line of each message.
        """
        self._page.note = note
        self.inject("studio-hooks", hooks(mark), World.PAGE, frames=True)
        self.inject("studio-watch", watch(mark), World.STUDIO, frames=True)
        self.inject("studio-typed", noting(), World.STUDIO, frames=True)

    @property
    def stays(self) -> bool:
        """Whether the last navigation was not allowed, or was stopped, so that the page before it is still shown."""
        return self._page.stays

    def inject(self, name: str, source: str, world: World, *, frames: bool = False) -> None:
        """Runs `source` in every page from the next load on, before the page's own scripts; `name` is had once."""
        scripts.inject(self._page, name, source, world, frames=frames)

    def run(self, source: str, world: World, answer: Callable[[str], None]) -> None:
        """Runs `source` in the shown page; `answer` gets the text it ends with, "" for none, and trusts it not."""
        scripts.run(self._page, source, world, answer)

    def leave(self) -> None:
        """Shows nothing and can reach nothing until the next server."""
        self._interceptor.origin = self._page.origin = None
        self._lead()
        self._page.setUrl(QUrl("about:blank"))
        # The engine tells of the new address at once, before it asks the page: that is no arrival yet.
        self._lead()

    def _lead(self, *, asks: bool = False) -> None:
        """Studio leads away from the page that is shown, which may stay where it `asks`."""
        self._page.count_anew()
        if asks:
            self.keeping.end()
        else:
            self.keeping.lead()

    def _on_loading(self, info: QWebEngineLoadingInfo) -> None:
        if info.status() is QWebEngineLoadingInfo.LoadStatus.LoadStartedStatus:
            return
        self.keeping.arrive()
        if info.status() is QWebEngineLoadingInfo.LoadStatus.LoadStoppedStatus and self.url().host():
            self._page.stays = True
        # An answer with an error has a page of the app's own, and counts as a failure for the engine.
        by_status = info.errorDomain() is QWebEngineLoadingInfo.ErrorDomain.HttpStatusCodeDomain
        succeeded = info.status() is QWebEngineLoadingInfo.LoadStatus.LoadSucceededStatus
        self.loaded.emit(succeeded or by_status, info.errorCode() if by_status else 0)

    def release(self, *, at_once: bool = False) -> None:
        """Frees page, profile and the engine's processes; the widget is not used again.

        `at_once` is for the program's end, when the event loop does not come round again.
        """
        # A view that is hidden when it has no page makes itself one, of the engine's own profile.
        self.hide()
        self.setPage(None)  # type: ignore[arg-type]
        self._page.deleteLater()
        self._page.destroyed.connect(self._profile.deleteLater)
        self.deleteLater()
        for one in (self._page, self._profile, self) if at_once else ():
            QCoreApplication.sendPostedEvents(one, QEvent.Type.DeferredDelete.value)


class Page(QWebEnginePage):
    """A page that stays where it is, opens nothing, asks for nothing and saves nothing.

    `note` is told each message of its console: called and not signalled, as each text of a signal is copied twice more
    on the window's thread, and a page can write without end.

    Signals: `dialog_shown(str)`, `left(QUrl)`.
    """

    dialog_shown = Signal(str)
    left = Signal(QUrl)

    def __init__(self, profile: QWebEngineProfile, keeping: Keeping) -> None:
        super().__init__(profile)
        self._keeping = keeping
        self.origin: Origin | None = None
        self.stays = False
        self.note: Note | None = None
        self._dialogs = 0
        self.permissionRequested.connect(_deny_permission)
        self.certificateError.connect(_reject_certificate)
        self.registerProtocolHandlerRequested.connect(_reject_handler)
        self.fileSystemAccessRequested.connect(_reject_files)
        self.desktopMediaRequested.connect(_reject_screen)
        self.fullScreenRequested.connect(_reject_full_screen)
        self.newWindowRequested.connect(self._on_new_window)
        self.loadStarted.connect(self.count_anew)

    def acceptNavigationRequest(self, url: QUrl | str, kind: QWebEnginePage.NavigationType, isMainFrame: bool) -> bool:
        """Only within the origin; a link out that the person clicked is reported instead."""
        address = QUrl(url)
        blank = address.toString() == "about:blank"
        allowed = blank or (self.origin is not None and self.origin.may_navigate(address, main_frame=isMainFrame))
        is_kept = allowed and isMainFrame and not blank and self._keeping.refuses(address)
        if isMainFrame:
            self.stays = is_kept or not allowed
        if allowed:
            return not is_kept
        if kind is QWebEnginePage.NavigationType.NavigationTypeLinkClicked and is_external(address):
            self.left.emit(address)
        return False

    def createWindow(self, _type: QWebEnginePage.WebWindowType) -> QWebEnginePage:
        """No new windows."""
        return None  # type: ignore[return-value]

    def chooseFiles(
        self, _mode: QWebEnginePage.FileSelectionMode, _old: Sequence[str], _types: Sequence[str]
    ) -> list[str]:
        """No file of this machine is ever given to a page."""
        return []

    def javaScriptAlert(self, _origin: QUrl | str, message: str) -> None:
        """Shown as a line, never as a window."""
        self._say("The page says", message)

    def javaScriptConfirm(self, _origin: QUrl | str, message: str) -> bool:
        """Shown as a line and answered with no; whether it may be left is no question of the page's own."""
        if message.startswith(_MAY_LEAVE):
            # A page can ask in these words itself, and is told of no more often for it than for others.
            return self._keeping.lets_go(tells=self._is_told())
        self._say("The page asked, and was told no", message)
        return False

    def javaScriptPrompt(self, _origin: QUrl | str, message: str, _default: str) -> tuple[bool, str]:
        """Shown as a line and answered with nothing."""
        self._say("The page asked, and was told nothing", message)
        return False, ""

    def javaScriptConsoleMessage(
        self, level: QWebEnginePage.JavaScriptConsoleMessageLevel, message: str, lineNumber: int, sourceID: str
    ) -> None:
        """Reported, and never printed; the text is cut where it is read, as its whole length counts there."""
        if self.note is not None:
            self.note(_LEVELS[level], message, sourceID[:_LONGEST_SOURCE], lineNumber)

    def _say(self, lead: str, message: str) -> None:
        if self._is_told():
            self.dialog_shown.emit(f"{lead}: {message[:_LONGEST_DIALOG]}")

    def _is_told(self) -> bool:
        """Whether one more dialog of this page is told of."""
        self._dialogs += 1
        return self._dialogs <= _MOST_DIALOGS

    def count_anew(self) -> None:
        """Tells of the next few dialogs again, however many there were."""
        self._dialogs = 0

    def _on_new_window(self, request: QWebEngineNewWindowRequest) -> None:
        url = request.requestedUrl()
        if not request.isUserInitiated():
            return
        if self.origin is not None and self.origin.covers(url):
            self.load(url)
        elif is_external(url):
            self.left.emit(url)


def _deny_permission(permission: QWebEnginePermission) -> None:
    permission.deny()


def _reject_certificate(error: QWebEngineCertificateError) -> None:
    error.rejectCertificate()


def _reject_handler(request: QWebEngineRegisterProtocolHandlerRequest) -> None:
    request.reject()


def _reject_files(request: QWebEngineFileSystemAccessRequest) -> None:
    request.reject()


def _reject_screen(request: QWebEngineDesktopMediaRequest) -> None:
    request.cancel()


def _reject_full_screen(request: QWebEngineFullScreenRequest) -> None:
    request.reject()
