"""The pages of a logout: on to a service, the way back when it does not answer, and back to the dienstverlener."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from routeringsvoorziening.broker.vocabulary import Language, LocalizedText, PostForm, Reference
from routeringsvoorziening.web.language import language_of
from routeringsvoorziening.web.pages import Pages
from routeringsvoorziening.web.texts import text

BAD_REQUEST: Final = 400


@dataclass(frozen=True, slots=True)
class Errand:
    """What a page tells of a logout that is not done yet.

    Args:
        service: name of the service that must be told.
        dienstverlener: name of who waits for the answer.
        back: where the button leads that goes back without it.
        form: what to tell the service; None when that is no use any more.
        reference: to read out, when something went wrong.
    """

    service: LocalizedText
    dienstverlener: LocalizedText
    back: str
    form: PostForm | None = None
    reference: Reference | None = None


class LeavingPages:
    """Every page of a logout."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def leave(self, request: web.Request, errand: Errand, *, first: bool) -> web.Response:
        """On to the service, or back without it. Only the first time a script goes on by itself."""
        language = language_of(request)
        return self._show(request, errand, _departing(errand, language) if first else _stuck(errand, language), first)

    def distrust(self, request: web.Request, errand: Errand) -> web.Response:
        """The service's answer was not to be trusted: only the way back is left."""
        return self._show(request, errand, _stuck(errand, language_of(request)), automatic=False, status=BAD_REQUEST)

    def answer(self, request: web.Request, dienstverlener: LocalizedText, form: PostForm) -> web.Response:
        """Back to the dienstverlener, with our answer."""
        language = language_of(request)
        title = text(language, "returning.title", dienstverlener=dienstverlener.in_language(language))
        return self._pages.posting(request, form, title, text(language, "returning.logout"))

    def _show(
        self, request: web.Request, errand: Errand, words: Mapping[str, Any], automatic: bool, status: int = 200
    ) -> web.Response:
        language, form = language_of(request), errand.form
        return self._pages.render(
            request,
            "leaving",
            policy=self._pages.policy_for(form, script=automatic),
            status=status,
            action=form.action if form else None,
            fields=list(form.fields.items()) if form else [],
            automatic=automatic,
            back=f"{errand.back}?lang={language}",
            reference=errand.reference,
            **words,
        )


def _departing(errand: Errand, language: Language) -> dict[str, Any]:
    filled = _names(errand, language)
    title = text(language, "logout.title", **filled)
    return {
        "title": title,
        "heading": title,
        "text": text(language, "logout.text", **filled),
        "advice": text(language, "departing.advice"),
        "go": text(language, "action.continue"),
        "leave": text(language, "action.back", **filled),
    }


def _stuck(errand: Errand, language: Language) -> dict[str, Any]:
    filled = _names(errand, language)
    title = text(language, "logout.stuck.title", **filled)
    return {
        "trouble": True,
        "title": text(language, "site.error", title=title),
        "heading": title,
        "text": text(language, "logout.stuck.text", **filled),
        "advice": text(language, "logout.stuck.advice", **filled),
        "go": text(language, "action.retry", **filled),
        "leave": text(language, "action.back", **filled),
    }


def _names(errand: Errand, language: Language) -> dict[str, str]:
    return {
        "method": errand.service.in_language(language),
        "dienstverlener": errand.dienstverlener.in_language(language),
    }
