"""The profile of a previewed page: what its engine keeps, which is nothing, and what pages are allowed."""

from __future__ import annotations

from PySide6.QtWebEngineCore import QWebEngineDownloadRequest, QWebEngineProfile, QWebEngineSettings

from studio.ui.preview.walls import OFF, ON


def make_profile() -> QWebEngineProfile:
    """A profile that keeps nothing and allows as little as a preview needs."""
    profile = QWebEngineProfile()
    profile.setHttpCacheType(QWebEngineProfile.HttpCacheType.MemoryHttpCache)
    profile.setPersistentCookiesPolicy(QWebEngineProfile.PersistentCookiesPolicy.NoPersistentCookies)
    profile.setPersistentPermissionsPolicy(QWebEngineProfile.PersistentPermissionsPolicy.AskEveryTime)
    profile.setPushServiceEnabled(False)
    profile.downloadRequested.connect(_cancel_download)
    settings = profile.settings()
    for value, names in ((False, OFF), (True, ON)):
        for name in names:
            settings.setAttribute(QWebEngineSettings.WebAttribute[name], value)
    settings.setUnknownUrlSchemePolicy(QWebEngineSettings.UnknownUrlSchemePolicy.DisallowUnknownUrlSchemes)
    return profile


def _cancel_download(request: QWebEngineDownloadRequest) -> None:
    request.cancel()
