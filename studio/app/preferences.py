"""The preferences door: settings that a person changes while Studio runs, and that count at once."""

from __future__ import annotations

from collections.abc import Mapping

from studio.app.choices import Choices
from studio.base import settings
from studio.base.aio import in_thread
from studio.base.paths import Paths
from studio.base.setting import SettingsError
from studio.base.settings import SETTINGS
from studio.domain.errors import StoreError, UserError
from studio.domain.models import ModelRef
from studio.workflow.acts import Acts, act

_DEFAULT_MODEL = next(row for row in SETTINGS if row.name == "default_model")


class Preferences:
    """Writes the settings file, and tells who goes by it."""

    def __init__(self, acts: Acts, paths: Paths, environment: Mapping[str, str], choices: Choices) -> None:
        self.acts = acts
        self._paths = paths
        self._environment = environment
        self._choices = choices

    async def set_default_model(self, name: str) -> None:
        """From now on new runs use this model when nobody names one; an empty name leaves it to what is on offer.

        Raises UserError for what is no model's name, or where the environment names one, StoreError when it cannot
        be saved.
        """
        if name:
            ModelRef.parse(name)
        if _DEFAULT_MODEL.variable in self._environment:
            raise UserError(
                f"{_DEFAULT_MODEL.variable} of the environment names the model, and counts before this page.",
                "Start Studio without it to choose here.",
            )
        await self._save_default_model(name)
        self._choices.use_default(name)

    @act
    async def _save_default_model(self, name: str) -> None:
        try:
            await in_thread(settings.save, self._paths.settings, _DEFAULT_MODEL.name, name)
        except SettingsError as error:
            raise UserError(error.sentence, error.action) from error
        except OSError as error:
            raise StoreError(
                f"The settings cannot be saved: {error.strerror}.", f"See {self._paths.settings}."
            ) from error
        self._choices.use_default(name)
