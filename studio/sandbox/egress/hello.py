"""The name that a program asks for in the first words of an encrypted connection."""

from __future__ import annotations

import ssl

from studio.domain.network import host_name

TLS = 0x16
"""The first byte of an encrypted connection."""

_LONGEST = 1 << 17


class Hello:
    """Reads the first words of TLS as far as they tell whom they are for; the system's own library takes them apart."""

    def __init__(self) -> None:
        self._heard = ssl.MemoryBIO()
        self._length = 0
        self._named: list[str] = []
        self._is_told = False
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sni_callback = self._on_name
        self._wire = context.wrap_bio(self._heard, ssl.MemoryBIO(), server_side=True)

    def names_another(self, data: bytes, host: str) -> bool | None:
        """Whether the words with `data` at their end are for another host than this one; None while that is not told.

        Words that name nobody are for whoever is there; what cannot be taken apart is for another.
        """
        self._heard.write(data)
        self._length += len(data)
        try:
            self._wire.do_handshake()
        except ssl.SSLWantReadError:
            return None if self._length < _LONGEST else True
        except ssl.SSLError:
            pass
        if not self._is_told:
            return True
        return any(host_name(name) != host for name in self._named)

    def _on_name(self, _wire: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int:
        self._is_told = True
        if name is not None:
            self._named.append(name)
        return ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE
