"""An image file of the workspace, shown to the model."""

from __future__ import annotations

from studio.domain.images import AGENTS_BYTES, IMAGE_BYTES, image_type
from studio.domain.tools import ToolOutcome
from studio.tools.hands import Hands

_HEAD = 32


def shown_image(hands: Hands, path: str) -> ToolOutcome | None:
    """The image file at this path; None for a file of any other kind, by its bytes and not by its name. Blocks.

    Raises UserError, worded for the model, for one that cannot be shown.
    """
    if hands.pictures is None or image_type(hands.folder.read(path, 0, _HEAD).data) is None:
        return None
    found = hands.folder.read(path, 0, IMAGE_BYTES + 1)
    image = hands.pictures.keep(found.data, path, AGENTS_BYTES)
    text = f"{path} is a {image.about} pixels, {image.size:,} bytes. You see it with this result."
    return ToolOutcome(True, text, image.about, images=(image,))
