"""`profile_access` and `runtime.profile_choice`: what a user is offered, and what becomes of other choices."""

from __future__ import annotations

import asyncio
import copy
import inspect
from html import escape
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub.auth import DummyAuthenticator
from jupyterhub.spawner import SpawnException
from jupyterhub.utils import format_exception
from kubespawner import KubeSpawner

from hub_config.profile_access import OfferedProfiles, Person, is_restricted, offered
from hub_config.runtime.profile_choice import NOTHING_OFFERED, ProfileChoice
from hub_config.runtime.spawner import PromptKubeSpawner
from tests.unit.composed import composed, singleuser

pytestmark = pytest.mark.unit

STAFF = {"allowed_groups": ["staff"]}
PROFILES: list[dict[str, Any]] = [
    {"display_name": "GPU", "slug": "gpu", "default": True, **STAFF, "kubespawner_override": {"mem_limit": "8G"}},
    {"display_name": "Small", "slug": "small", "kubespawner_override": {"mem_limit": "1G"}},
    {
        "display_name": "Own",
        "slug": "own",
        "profile_options": {
            "memory": {
                "display_name": "Memory",
                "choices": {
                    "8": {
                        "display_name": "8 GB",
                        "default": True,
                        **STAFF,
                        "kubespawner_override": {"mem_limit": "8G"},
                    },
                    "2": {"display_name": "2 GB", "kubespawner_override": {"mem_limit": "2G"}},
                    "4": {
                        "display_name": "4 GB",
                        "allowed_users": ["Grace"],
                        "kubespawner_override": {"mem_limit": "4G"},
                    },
                },
            },
            "image": {
                "display_name": "Image",
                "choices": {"base": {"display_name": "Base"}},
                "unlisted_choice": {
                    "enabled": True,
                    "display_name": "Your own",
                    "validation_regex": "^lab/.+$",
                    "validation_message": "Write lab/ and a name.",
                    **STAFF,
                    "kubespawner_override": {"image": "{value}"},
                },
            },
            "disk": {
                "display_name": "Disk",
                **STAFF,
                "choices": {
                    "fast": {"display_name": "Fast", "kubespawner_override": {"node_selector": {"disk": "nvme"}}}
                },
            },
        },
    },
    {
        "display_name": "Licensed",
        "slug": "licensed",
        "profile_options": {"seat": {"display_name": "Seat", "choices": {"one": {"display_name": "One", **STAFF}}}},
    },
]


def spawner(
    profiles: Any = None,
    *,
    name: str = "ada",
    groups: tuple[str, ...] = (),
    admin: bool = False,
    chosen: dict[str, Any] | None = None,
) -> PromptKubeSpawner:
    """Return the hub's spawner for a user; there is no cluster."""

    async def make() -> PromptKubeSpawner:
        user = SimpleNamespace(
            name=name,
            id=1,
            url=f"/user/{name}/",
            escaped_name=name,
            admin=admin,
            groups=[SimpleNamespace(name=each) for each in groups],
        )
        config = composed(singleuser(profileList=copy.deepcopy(PROFILES)))
        if profiles is not None:
            config.KubeSpawner.profile_list = profiles
        return PromptKubeSpawner(
            _mock=True, user=user, authenticator=DummyAuthenticator(), config=config, user_options=chosen or {}
        )

    return asyncio.run(make())


def page(made: PromptKubeSpawner) -> str:
    return str(asyncio.run(made.get_options_form()))


def started(made: PromptKubeSpawner) -> PromptKubeSpawner:
    """Apply what was chosen, as the first thing of a start."""
    asyncio.run(made.load_user_options())
    return made


def refused(made: PromptKubeSpawner) -> str:
    with pytest.raises(SpawnException) as caught:
        started(made)
    assert caught.value.status_code == 403
    html = f'<span class="refused">{escape(caught.value.message)}</span>'
    assert format_exception(caught.value) == (caught.value.message, html), "what a page shows"
    return str(caught.value.message)


@pytest.mark.parametrize(
    ("name", "parameters"),
    {
        "_get_initialized_profile_list": ["self", "profile_list"],
        "_validate_user_options": ["self", "profile_list"],
        "_render_options_form": ["self", "profile_list"],
        "load_user_options": ["self"],
        "_run_apply_user_options": ["self", "user_options"],
        "_options_form_default": ["self"],
        "_options_from_form_default": ["self"],
        "_options_from_form": ["self", "formdata"],
    }.items(),
)
def test_kubespawner_still_has_what_is_overridden(name: str, parameters: list[str]) -> None:
    original = getattr(KubeSpawner, name)
    assert list(inspect.signature(getattr(original, "func", original)).parameters)[: len(parameters)] == parameters


def test_kubespawners_page_and_start_both_ask_for_the_list_and_check() -> None:
    for method in (KubeSpawner._render_options_form, KubeSpawner.load_user_options):
        source = inspect.getsource(method)
        assert "_get_initialized_profile_list(profile_list)" in source
        assert "self._validate_user_options(profile_list)" in source


@pytest.mark.parametrize(
    ("who", "slugs", "memory"),
    [
        ({}, ["small", "own"], ["2"]),
        ({"groups": ("students", "staff")}, ["gpu", "small", "own", "licensed"], ["2", "8"]),
        ({"name": "grace"}, ["small", "own"], ["2", "4"]),
        ({"admin": True}, ["gpu", "small", "own", "licensed"], ["2", "4", "8"]),
    ],
    ids=["nobody special", "by group", "by name, as the authenticator writes it", "administrators"],
)
def test_whom_a_profile_is_for(who: dict[str, Any], slugs: list[str], memory: list[str]) -> None:
    made = spawner(**who)
    found = made._get_initialized_profile_list(made.profile_list)
    assert [each["slug"] for each in found] == slugs
    own = next(each for each in found if each["slug"] == "own")
    assert list(own["profile_options"]["memory"]["choices"]) == memory
    assert ("disk" in own["profile_options"]) is ("gpu" in slugs)
    assert own["profile_options"]["image"]["unlisted_choice"]["enabled"] is ("gpu" in slugs)
    assert "allowed" not in str(found)


@pytest.mark.parametrize(
    ("given", "groups", "is_for"),
    [
        ({}, (), True),
        ({"allowed_users": None, "allowed_groups": None}, (), True),
        ({"allowed_users": []}, (), False),
        ({"allowed_groups": []}, ("staff",), False),
        ({"allowed_users": ["ada"]}, (), True),
        ({"allowed_users": ["Ada"]}, (), True),
        ({"allowed_users": ["ad"]}, (), False),
        ({"allowed_groups": ["Staff"]}, ("staff",), False),
        ({"allowed_users": ["grace"], "allowed_groups": ["staff"]}, ("staff",), True),
        ({"allowed_users": ["grace"], "allowed_groups": ["staff"]}, (), False),
    ],
)
def test_one_of_both_keys_is_enough(given: dict[str, Any], groups: tuple[str, ...], is_for: bool) -> None:
    assert Person("ada", frozenset(groups)).may(given) is is_for
    assert Person("ada", frozenset(groups), admin=True).may(given)


def test_the_next_profile_that_is_offered_is_the_default() -> None:
    assert started(spawner()).mem_limit == 1024**3
    assert started(spawner(groups=("staff",))).mem_limit == 8 * 1024**3


def test_of_several_defaults_the_first_that_is_offered_counts() -> None:
    profiles = [{"slug": slug, "default": True, **keys} for slug, keys in (("a", STAFF), ("b", {}), ("c", {}))]
    defaults = {
        groups: [each["slug"] for each in offered(profiles, Person("ada", frozenset(groups))) if each.get("default")]
        for groups in ((), ("staff",))
    }
    assert defaults == {(): ["b"], ("staff",): ["a"]}


def test_the_next_choice_that_is_offered_is_the_default() -> None:
    assert started(spawner(chosen={"profile": "own"})).mem_limit == 2 * 1024**3
    assert started(spawner(groups=("staff",), chosen={"profile": "own"})).mem_limit == 8 * 1024**3


def test_a_question_that_is_not_for_somebody_does_nothing_for_them() -> None:
    assert started(spawner(chosen={"profile": "own", "disk": "fast"})).node_selector == {}
    assert started(spawner(groups=("staff",), chosen={"profile": "own"})).node_selector == {"disk": "nvme"}


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"profile": "gpu"}, 'The profile "gpu" is not offered to ada. Choose one of: small, own.'),
        ({"profile": "nonsense"}, 'The profile "nonsense" is not offered to ada. Choose one of: small, own.'),
        ({"profile": ["gpu"]}, "is not offered to ada. Choose one of: small, own."),
        ({"profile": "x" * 9000}, f'The profile "{"x" * 60}..." is not offered'),
        ({"profile": "licensed"}, 'The profile "licensed" is not offered to ada.'),
        ({"profile": "own", "memory": "8"}, 'Memory: the choice "8" is not offered. Choose one of: 2.'),
        ({"profile": "own", "memory": {"a": 1}}, "Memory: the choice \"{'a': 1}\" is not offered."),
        (
            {"profile": "own", "image--unlisted-choice": "lab/x"},
            "Image: a value of your own is not offered. Choose one",
        ),
    ],
)
def test_what_is_not_offered_is_refused_at_the_start(chosen: dict[str, Any], said: str) -> None:
    """However it came: the REST API, an address with a query, the page, or the choice of an earlier start."""
    assert said in refused(spawner(chosen=chosen))


@pytest.mark.parametrize("typed", ["evil/x", 5, ["lab/x"]])
def test_what_is_typed_must_match(typed: Any) -> None:
    chosen = {"profile": "own", "image--unlisted-choice": typed}
    assert "is not accepted. Write lab/ and a name." in refused(spawner(groups=("staff",), chosen=chosen))


def test_the_default_profile_is_checked_when_none_is_named() -> None:
    """KubeSpawner 7.1 takes the answers to the default profile's questions unchecked then."""
    (own,) = (each for each in PROFILES if each["slug"] == "own")
    made = spawner([own], groups=("staff",), chosen={"image--unlisted-choice": "evil/x"})
    assert "is not accepted" in refused(made)


def test_nobody_starts_a_server_when_no_profile_is_offered() -> None:
    only = [{"display_name": "GPU", "slug": "gpu", **STAFF}]
    assert "No profile is offered to ada: ask an administrator" in refused(spawner(only))
    assert page(spawner(only)) == NOTHING_OFFERED
    assert 'value="gpu"' in page(spawner(only, groups=("staff",)))


def test_a_choice_of_earlier_does_not_matter_once_there_are_no_profiles() -> None:
    made = spawner([], chosen={"profile": "gpu"})
    assert page(made) == ""
    started(made)


def test_the_page_shows_what_is_offered_and_no_names_of_others() -> None:
    form = page(spawner())
    assert 'value="small"' in form
    assert "gpu" not in form
    assert "8 GB" not in form
    for hidden in ("staff", "Grace", "allowed_"):
        assert hidden not in form


def test_the_page_follows_the_users_groups() -> None:
    made = spawner()
    assert "gpu" not in page(made)
    made.user.groups = [SimpleNamespace(name="staff")]
    assert "gpu" in page(made)


@pytest.mark.parametrize(("before", "checked"), [("own", "own"), ("gpu", "small"), ("", "small")])
def test_what_was_chosen_before_is_chosen_again_if_it_is_still_offered(before: str, checked: str) -> None:
    made = spawner(chosen={"profile": before})
    rows = page(made).split("<label")
    assert f'value="{checked}"' in next(each for each in rows if "checked" in each.split("/>")[0])
    assert made.user_options == {"profile": before}


@pytest.mark.parametrize("groups", [(), ("staff",)])
def test_a_sent_page_is_checked_at_once(groups: tuple[str, ...]) -> None:
    made = spawner(groups=groups)
    sent = made.run_options_from_form({"profile": ["gpu"]})
    if groups:
        assert asyncio.run(sent) == {"profile": "gpu"}
    else:
        with pytest.raises(SpawnException, match='The profile "gpu" is not offered to ada'):
            asyncio.run(sent)


def test_profiles_of_code_are_offered_by_the_same_keys() -> None:
    async def by_code(_spawner: Any) -> list[dict[str, Any]]:
        return copy.deepcopy(PROFILES)

    made = spawner(by_code, chosen={"profile": "gpu"})
    assert "gpu" not in page(made)
    assert "is not offered" in refused(made)


def test_profiles_by_slug_are_offered_by_the_same_keys() -> None:
    """KubeSpawner `profile_list` may be a map."""
    made = spawner({each["slug"]: each for each in copy.deepcopy(PROFILES)})
    assert "gpu" not in page(made)
    assert "small" in page(made)


def test_the_configured_profiles_are_left_as_they_are() -> None:
    made = spawner(chosen={"profile": "own"})
    before = copy.deepcopy(made.profile_list)
    page(made)
    started(made)
    assert made.profile_list == before


@pytest.mark.parametrize(
    ("profile", "restricted"),
    [
        ({"display_name": "a"}, False),
        ({"display_name": "a", "allowed_groups": []}, True),
        ({"profile_options": {"x": {"choices": {"y": {"allowed_users": ["ada"]}}}}}, True),
        ({"profile_options": {"x": {"unlisted_choice": STAFF}}}, True),
        ({"profile_options": {"x": {"choices": {"y": {}}, "unlisted_choice": {}}}}, False),
    ],
)
def test_what_is_restricted(profile: dict[str, Any], restricted: bool) -> None:
    assert is_restricted(profile) is restricted


def test_the_class_comes_before_kubespawner() -> None:
    order = PromptKubeSpawner.__mro__
    assert order.index(ProfileChoice) < order.index(OfferedProfiles) < order.index(KubeSpawner)
