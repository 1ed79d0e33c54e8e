"""Templates to responses. Everything filled in is escaped; every page has the policy that it needs and no more."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import escape

from routeringsvoorziening.broker.failures import Failure
from routeringsvoorziening.broker.steps import LoginView
from routeringsvoorziening.broker.vocabulary import (
    AuthenticationServiceId,
    Choice,
    Language,
    Leg,
    LocalizedText,
    PostForm,
    Reference,
)
from routeringsvoorziening.configuration.homes import Home
from routeringsvoorziening.web.choices import Group, grouped
from routeringsvoorziening.web.headers import page_policy
from routeringsvoorziening.web.language import language_of
from routeringsvoorziening.web.setbacks import words_for
from routeringsvoorziening.web.static import address_of
from routeringsvoorziening.web.texts import TEXTS, text

_FOLDER: Final = Path(__file__).with_name("templates")
_TEMPLATES: Final = Environment(
    loader=DictLoader({path.name: path.read_text("utf-8") for path in _FOLDER.iterdir()}),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals["static"] = address_of
_NAMES: Final = ("base", "onward", "choose", "error", "leaving")
_READY: Final = {name: _TEMPLATES.get_template(f"{name}.html") for name in _NAMES}
"""Compiled with the program, so that no request reads a file."""
MOST_ACTIONS: Final = 1024
"""Addresses that are posted to, of which what was made once is kept."""


@dataclass(frozen=True, slots=True)
class PageSettings:
    """What pages must know of a configuration.

    Args:
        names: of the login methods and BVDs, by our short name of them.
        prompts: when somebody chooses a BVD, in their own words and without a capital.
        home_of: with whom to start again, by the name of a login or leg that is over.
        organisations: the login methods with which people come for an organisation.
        form_targets: CSP sources where a form of ours may end after redirects: the origins of the services and the
            dienstverleners, or simply `https:`.
    """

    names: Mapping[str, LocalizedText] = field(default_factory=dict)
    form_targets: tuple[str, ...] = ("https:",)
    prompts: Mapping[str, LocalizedText] = field(default_factory=dict)
    home_of: Callable[[str], Home | None] = lambda _: None
    organisations: frozenset[AuthenticationServiceId] = frozenset()


class Pages:
    """Every page of ours."""

    def __init__(self, settings: PageSettings) -> None:
        self._settings = settings
        self._policies: dict[str, str] = {}

    def onward(self, request: web.Request, login: LoginView, leg: Leg, form: PostForm) -> web.Response:
        """The page that posts a message to a service: by script, or by a button."""
        language = language_of(request)
        filled = {
            "method": self._name(leg.service, language),
            "dienstverlener": login.dienstverlener_name.in_language(language),
        }
        body = "departing.text" if leg.mandate is None else "departing.text_mandate"
        title = text(language, "departing.title", **filled)
        return self.posting(request, form, title, text(language, body, **filled))

    def back(self, request: web.Request, dienstverlener: str, form: PostForm) -> web.Response:
        """The page that posts an answer to the dienstverlener."""
        language = language_of(request)
        title = text(language, "returning.title", dienstverlener=dienstverlener)
        return self.posting(request, form, title, text(language, "returning.text"))

    def choose(
        self, request: web.Request, login: LoginView, choices: Sequence[Choice], because: Failure | None
    ) -> web.Response:
        """What can be chosen, what stood in the way, and the way back; without choices, only that."""
        language = language_of(request)
        service = login.dienstverlener_name.in_language(language)
        leave = "action.cancel" if choices and because is None else "action.back"
        page = self._question(login, choices, language)
        if because is not None:
            page = self._setback(login, choices, because, language)
        return self.render(
            request,
            "choose",
            policy=page_policy(form_targets=("'self'", *self._settings.form_targets)),
            reference=login.reference,
            login_id=login.id,
            groups=self._groups(choices, language, again=because is not None),
            leave=text(language, leave, dienstverlener=service),
            **page,
        )

    def error(
        self,
        request: web.Request,
        status: int,
        reference: Reference,
        *,
        page: str = "",
        headers: Mapping[str, str] | None = None,
        over: str = "",
    ) -> web.Response:
        """A page that ends here: what happened in general words, what to do, and the reference number.

        Args:
            request: what is answered.
            status: of HTTP.
            reference: to read out.
            page: key of its texts below `error`; by default the status, or 400 or 500 for one without texts.
            headers: to send along.
            over: the name of a login or leg that is over, as somebody gave it; the page then says where to start again.
        """
        language = language_of(request)
        key = f"error.{page or _page_for(status)}"
        title = text(language, f"{key}.title")
        home = self._settings.home_of(over) if over else None
        return self.render(
            request,
            "error",
            status=status,
            policy=page_policy(),
            headers=headers,
            reference=reference,
            trouble=True,
            title=text(language, "site.error", title=title),
            heading=title,
            text=text(language, f"{key}.text"),
            advice=text(language, f"{key}.advice") if home is None else _start_again(home, key, language),
            home=_link(home, language),
        )

    def refuse(self, request: web.Request, reference: Reference) -> web.Response:
        """For a message that is not trusted: nothing of it, and no way on (ERR-06, ERR-11)."""
        return self.error(request, 400, reference)

    def _policy_onward(self, action: str) -> str:
        if action not in self._policies:
            if len(self._policies) >= MOST_ACTIONS:
                self._policies.clear()
            self._policies[action] = self.policy_for(PostForm(action, {}), script=True)
        return self._policies[action]

    def policy_for(self, form: PostForm | None, *, script: bool) -> str:
        """The policy of a page with a form that leaves, and forms of our own."""
        leaving = () if form is None else (_origin(form.action),)
        targets = dict.fromkeys((*leaving, "'self'", *self._settings.form_targets))
        return page_policy(script=script, form_targets=tuple(targets))

    def posting(self, request: web.Request, form: PostForm, title: str, body: str) -> web.Response:
        """A page that posts a message: by script, or by a button."""
        language = language_of(request)
        pieces = _onward(language, form.action, title, body, tuple(form.fields))
        values = (escape(value) for value in form.fields.values())
        html = "".join(chain.from_iterable(zip_longest(pieces, values, fillvalue="")))
        return _answer(html, language, self._policy_onward(form.action))

    def _question(self, login: LoginView, choices: Sequence[Choice], language: Language) -> dict[str, Any]:
        for_another = any(choice.mandate is not None for choice in choices)
        title = text(language, "choose.title_for" if for_another else "choose.title")
        body = text(
            language,
            "choose.text",
            dienstverlener=login.dienstverlener_name.in_language(language),
            service=login.service_name.in_language(language),
        )
        return {"title": title, "heading": title, "text": body}

    def _setback(
        self, login: LoginView, choices: Sequence[Choice], because: Failure, language: Language
    ) -> dict[str, Any]:
        method = self._where(because, choices, language)
        words = words_for(because, login, method, language)
        advice = words.advice
        if _another_way(because, choices):
            advice += " " + text(language, "setback.another_way")
        return {
            "trouble": True,
            "title": text(language, "site.error", title=words.title),
            "heading": words.title,
            "text": words.text,
            "advice": advice,
            "message": because.message,
            "method": method,
        }

    def _groups(self, choices: Sequence[Choice], language: Language, *, again: bool) -> tuple[Group, ...]:
        names = {name: each.in_language(language) for name, each in self._settings.names.items()}
        prompts = {name: each.in_language(language) for name, each in self._settings.prompts.items()}
        return grouped(choices, names, prompts, language, again=again, organisations=self._settings.organisations)

    def _where(self, failure: Failure, choices: Sequence[Choice], language: Language) -> str:
        """The name of the service where it went wrong."""
        if failure.at:
            return self._name(failure.at, language)
        methods = {choice.authentication for choice in choices}
        return self._name(methods.pop(), language) if len(methods) == 1 else text(language, "setback.service")

    def _name(self, service: str, language: Language) -> str:
        name = self._settings.names.get(service)
        return service if name is None else name.in_language(language)

    def render(
        self,
        request: web.Request,
        template: str,
        *,
        policy: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **filled: Any,
    ) -> web.Response:
        """A template with everything filled in."""
        language = language_of(request)
        optional: dict[str, Any] = {
            "trouble": False,
            "reference": None,
            "message": None,
            "advice": None,
            "home": None,
        }
        html = _READY[template].render(
            optional
            | filled
            | {
                "language": language,
                "switch": template != "leaving" and request.method in {"GET", "HEAD"},
                "t": partial(text, language),
            }
        )
        return _answer(html, language, policy, status=status, headers=headers)


def _another_way(because: Failure, choices: Sequence[Choice]) -> bool:
    """Whether something can be chosen that has nothing to do with what went wrong."""
    if not because.at:
        return len(choices) > 1
    return any(because.at not in {choice.authentication, choice.mandate} for choice in choices)


def _answer(
    html: str, language: Language, policy: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    return web.Response(
        text=html,
        status=status,
        content_type="text/html",
        headers={
            **(headers or {}),
            "Content-Security-Policy": policy,
            "Content-Language": language,
            "Vary": "Accept-Language",
        },
    )


@lru_cache(MOST_ACTIONS)
def _onward(language: Language, action: str, title: str, body: str, fields: tuple[str, ...]) -> tuple[str, ...]:
    """The page that posts onward, in pieces: the values of its fields come between them.

    It is the one page of every login, and nothing in it differs between two people but those values.
    """
    gap = f"gap-{secrets.token_hex(16)}"
    html = _READY["onward"].render(
        language=language,
        switch=False,
        trouble=False,
        reference=None,
        t=partial(text, language),
        action=action,
        fields=[(name, gap) for name in fields],
        title=title,
        heading=title,
        text=body,
    )
    return tuple(html.split(gap))


def _start_again(home: Home, key: str, language: Language) -> str:
    return text(language, f"{key}.advice_home", dienstverlener=home.name.in_language(language))


def _link(home: Home | None, language: Language) -> tuple[str, str] | None:
    """Where to start again, and what the link says."""
    if home is None or home.url is None:
        return None
    return home.url, text(language, "action.home", dienstverlener=home.name.in_language(language))


def _page_for(status: int) -> str:
    if f"error.{status}.title" in TEXTS:
        return str(status)
    return "500" if status >= 500 else "400"  # noqa: PLR2004  the halves of HTTP's errors


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
