"""The application of the management listener: numbers and health. For operators only, on loopback by default."""

import asyncio
from http import HTTPStatus

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from routeringsvoorziening.observability.health import Health, Report


def management_application(registry: CollectorRegistry, health: Health) -> web.Application:
    """`/metrics`, `/health/live` and `/health/ready`."""

    async def metrics(_request: web.Request) -> web.Response:
        numbers = await asyncio.to_thread(generate_latest, registry)  # it reads /proc, and there may be many
        return web.Response(body=numbers, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def live(_request: web.Request) -> web.Response:
        return _answer(Report({"process": "ok"}))

    async def ready(_request: web.Request) -> web.Response:
        return _answer(await health.ready())

    app = web.Application(client_max_size=1024)
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/health/live", live)
    app.router.add_get("/health/ready", ready)
    return app


def _answer(report: Report) -> web.Response:
    status = HTTPStatus.OK if report.well else HTTPStatus.SERVICE_UNAVAILABLE
    body = {"status": report.status, "checks": dict(report.checks)}
    return web.json_response(body, status=status, headers={"Cache-Control": "no-store"})
