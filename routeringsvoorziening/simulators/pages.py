"""What every simulator page shares: templates, two languages, static files and the headers that keep a page honest."""

import hashlib
import logging
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import jinja2
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

Language = Literal["nl", "en"]
LANGUAGE_COOKIE: Final = "simulator-lang"
METADATA_TYPE: Final = "application/samlmetadata+xml"
_log = logging.getLogger(__name__)
_TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_HEADERS: Final = {
    # No form-action: browsers hold it against every redirect that follows a form, and a login crosses four origins.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Words:
    """The text of a page in one language: both stand side by side in the template, `{{ t("ja", "yes") }}`."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, dutch: str, english: str) -> str:
        """One of the two."""
        return english if self.language == "en" else dutch


@cache
def _environment() -> jinja2.Environment:
    loader = jinja2.PackageLoader("routeringsvoorziening.simulators", "templates")
    return jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def prepare() -> None:
    """Read every template and static file, once. This blocks: call it before the event loop serves pages."""
    environment = _environment()
    for name in environment.list_templates():
        environment.get_template(name)
    _assets()


def language_of(request: web.Request) -> Language:
    """`?lang=`, else the cookie that it left, else what the browser prefers; Dutch when nothing says English."""
    wish = request.query.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    if wish not in ("nl", "en"):
        wish = request.headers.get("Accept-Language", "nl")[:2].lower()
    return "en" if wish == "en" else "nl"


def relay_state_of(form: Mapping[str, object]) -> str | None:
    """The field RelayState, as it came; None when absent."""
    value = form.get("RelayState")
    return value if isinstance(value, str) else None


def page(request: web.Request, template: str, *, status: int = 200, **values: object) -> web.Response:
    """A page from `templates/`, in the language of the browser."""
    language = language_of(request)
    other: Language = "nl" if language == "en" else "en"
    text = (
        _environment()
        .get_template(template)
        .render(
            t=Words(language),
            language=language,
            other_language_url=str(request.rel_url.update_query(lang=other)) if request.method == "GET" else None,
            asset=asset_url,
            **values,
        )
    )
    response = web.Response(text=text, content_type="text/html", charset="utf-8", status=status)
    if request.query.get("lang") == language:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=86400, httponly=True, samesite="Lax")
    return response


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put the security headers on whatever goes out, refusals included."""
    try:
        response = await handler(request)
    except web.HTTPException as refusal:
        _add_headers(refusal.headers)
        raise
    if not response.prepared:
        _add_headers(response.headers)
    return response


def problem_pages(layout: str, **values: object) -> Middleware:
    """A middleware: what is not there, and what goes wrong, gets a page in the style of the simulator.

    Args:
        layout: template that the page fills in.
        values: what that template needs.
    """

    @web.middleware
    async def with_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPNotFound:
            return page(request, "problem.html", status=404, layout=layout, missing=True, **values)
        except web.HTTPException:
            raise
        except Exception:  # noqa: BLE001  the outermost edge of a simulator
            _log.exception("a page of a simulator failed")
            return page(request, "problem.html", status=500, layout=layout, missing=False, **values)

    return with_pages


def _add_headers(headers: "Mapping[str, str]") -> None:
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)  # type: ignore[attr-defined]


@cache
def _assets() -> Mapping[str, tuple[str, bytes]]:
    folder = files("routeringsvoorziening.simulators") / "static"
    found = {}
    for entry in folder.iterdir():
        name, _, extension = entry.name.rpartition(".")
        data = entry.read_bytes()
        found[f"{name}-{hashlib.sha256(data).hexdigest()[:12]}.{extension}"] = (entry.name, data)
    return found


def asset_url(name: str) -> str:
    """Where a file of `static/` is served; the address changes with its content."""
    return next(f"/static/{hashed}" for hashed, (plain, _) in _assets().items() if plain == name)


async def serve_asset(request: web.Request) -> web.Response:
    """GET /static/{name}."""
    found = _assets().get(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    content_type = _TYPES[found[0].rpartition(".")[2]]
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return web.Response(body=found[1], content_type=content_type, charset="utf-8", headers=headers)
