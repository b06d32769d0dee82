"""The page on which a user chooses a profile, and what becomes of a choice that they do not have.

KubeSpawner renders the page once for each server and keeps it; here it is made at each visit, because what a user is
offered changes with their groups.
"""

from __future__ import annotations

from typing import Any

from jupyterhub.utils import maybe_future
from traitlets import HasTraits, default

from hub_config.profile_access import JsonMap, NotOfferedError, OfferedProfiles, check_choices
from hub_config.runtime.refusal import Refused

NOTHING_OFFERED = '<div id="nothing-offered"></div>'
"""The page of choices for a user without any: `templates/spawn.html` knows it and says what it means."""
FORBIDDEN = 403


class ProfileChoice(OfferedProfiles, HasTraits):
    """Put before KubeSpawner among a class's bases. See the module."""

    # What KubeSpawner has.
    profile_list: Any
    log: Any
    _options_from_form: Any
    _sorted_dict_values: Any

    async def load_user_options(self) -> None:
        """Apply what was chosen. Raises `Refused`, which JupyterHub counts as no failure of the hub's."""
        try:
            await super().load_user_options()  # type: ignore[misc]
        except NotOfferedError as error:
            raise _refusal(error) from None

    async def _run_apply_user_options(self, user_options: JsonMap) -> None:
        """Check what was chosen before the start is under way: the REST API then answers with the refusal itself."""
        await self._refuse_unoffered(user_options or {})
        await super()._run_apply_user_options(user_options)  # type: ignore[misc]

    @default("options_form")
    def _options_form_default(self) -> Any:
        """Return what makes the page (JupyterHub `Spawner.options_form`), "" where there is no choice."""
        return self._page if self.profile_list else ""

    async def _page(self, _spawner: Any) -> str:
        return str(self._render_options_form(await self._profiles()))

    def _render_options_form(self, profile_list: Any) -> Any:
        """Render the page. What was chosen before is chosen again, unless it is no longer offered."""
        chosen = self.user_options
        try:
            self._validate_user_options(self._get_initialized_profile_list(profile_list))
        except NotOfferedError as error:
            self.log.info("Nothing is chosen beforehand: %s", error)
            self.user_options = {}
        try:
            return super()._render_options_form(profile_list)  # type: ignore[misc]
        except NotOfferedError:
            return NOTHING_OFFERED
        finally:
            self.user_options = chosen

    @default("options_from_form")
    def _options_from_form_default(self) -> Any:
        """Return what reads a sent page (JupyterHub `Spawner.options_from_form`)."""
        return self._checked

    async def _checked(self, formdata: dict[str, list[str]]) -> JsonMap:
        """Return what was chosen; refused at once what would be refused at the start, after the page has gone."""
        options: JsonMap = self._options_from_form(formdata)
        await self._refuse_unoffered(options)
        return options

    async def _refuse_unoffered(self, options: JsonMap) -> None:
        try:
            check_choices(self._get_initialized_profile_list(await self._profiles()), options, self.user.name)
        except NotOfferedError as error:
            raise _refusal(error) from None

    async def _profiles(self) -> list[JsonMap]:
        profiles = self._sorted_dict_values(self.profile_list)
        # Awaited only where it must be: a refusal shall not wait for another turn of the event loop.
        return list(await maybe_future(profiles(self)) if callable(profiles) else profiles)


def _refusal(error: NotOfferedError) -> Refused:
    return Refused(str(error), reason="profile", status_code=FORBIDDEN)
