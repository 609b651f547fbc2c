"""The HTTP application: routes, errors and limits over one engine."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache

from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from perks_engine import __version__
from perks_engine.bootstrap import Application
from perks_engine.web import (
    described,
    problems,
    reference,
    routes_admission,
    routes_approvals,
    routes_carriers,
    routes_consents,
    routes_disclosures,
    routes_disputes,
    routes_duties,
    routes_evidence,
    routes_feedback,
    routes_feedback_links,
    routes_health,
    routes_incidents,
    routes_influencer,
    routes_log,
    routes_mail,
    routes_metrics,
    routes_offers,
    routes_posts,
    routes_problems,
    routes_promotions,
    routes_providers,
    routes_receipt,
    routes_receipt_links,
    routes_records,
    routes_sign_in,
    routes_staff,
    routes_staff_log,
    routes_statements,
    routes_tax,
    routes_tokens,
    routes_unsubscribe,
    routes_versions,
    routes_webhooks,
)
from perks_engine.web.limits import BodyLimit
from perks_engine.web.methods import HeadIsGet
from perks_engine.web.pages import (
    assets,
    console_campaigns,
    console_disputes,
    console_editor,
    console_entrance,
    console_fulfillment,
    console_incidents,
    console_lists,
    console_log,
    console_posts,
    console_tax,
    console_versions,
    entrance,
    portal_claims,
    portal_consents,
    portal_disputes,
    portal_evidence,
    portal_feedback,
    portal_perks,
    portal_record,
    public,
)
from perks_engine.web.pages.refusals import RefusedOnPages
from perks_engine.web.pictures import FORM_AROUND
from perks_engine.web.rates import RateLimit
from perks_engine.web.request_log import RequestLog
from perks_engine.web.safe_headers import SafeHeaders
from perks_engine.web.staff_log import StaffLog
from perks_engine.web.turns import Turns

_PARTS = (
    routes_influencer.router,
    routes_approvals.router,
    routes_carriers.router,
    routes_admission.router,
    routes_receipt.router,
    routes_consents.router,
    routes_consents.links,
    routes_unsubscribe.router,
    routes_versions.router,
    routes_offers.router,
    routes_mail.router,
    routes_evidence.router,
    routes_records.router,
    routes_staff.router,
    routes_staff_log.router,
    routes_disputes.router,
    routes_receipt_links.links,
    routes_incidents.router,
    routes_statements.router,
    routes_log.router,
    routes_disclosures.router,
    routes_duties.router,
    routes_feedback.router,
    routes_feedback_links.links,
    routes_posts.router,
    routes_tax.router,
    routes_promotions.router,
    routes_webhooks.router,
    routes_tokens.router,
    routes_sign_in.links,
    routes_sign_in.router,
    routes_providers.router,
    routes_problems.router,
    routes_health.router,
    routes_metrics.router,
    assets.router,
    entrance.router,
    portal_perks.router,
    portal_evidence.router,
    portal_claims.router,
    portal_feedback.router,
    portal_consents.router,
    portal_disputes.router,
    portal_record.router,
    public.router,
    console_entrance.router,
    console_editor.router,
    console_campaigns.router,
    console_versions.router,
    console_fulfillment.router,
    console_lists.router,
    console_posts.router,
    console_tax.router,
    console_disputes.router,
    console_incidents.router,
    console_log.router,
)


SPARE_THREADS = 4
"""Threads of a process beside one for each connection to the database: more would only wait for these, and
take turns with those that work."""


def create_app(engine: Application | None = None) -> FastAPI:
    """The application over `engine`, or over one made from the environment."""
    given = engine or Application.from_environment()

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncGenerator[None]:
        current_default_thread_limiter().total_tokens = given.settings.pool_size + SPARE_THREADS
        yield
        given.close()

    app = FastAPI(
        title=described.TITLE,
        version=__version__,
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        # They would name the host that the request names, which may be anybody's.
        redirect_slashes=False,
    )
    app.state.engine = given
    app.state.parts = _PARTS
    app.state.turns = Turns(given.settings.pool_wait_s)
    app.add_middleware(StaffLog, engine=given)
    app.add_middleware(
        BodyLimit,
        max_bytes=given.settings.max_body_bytes,
        seconds=given.settings.max_body_s,
        larger={
            routes_disputes.FILES: given.settings.max_file_bytes,
            routes_feedback.PICTURES: given.settings.max_picture_bytes,
            routes_posts.PICTURES: given.settings.max_picture_bytes,
            routes_feedback_links.PICTURES: given.settings.max_picture_bytes + FORM_AROUND,
            portal_feedback.PICTURES: given.settings.max_picture_bytes + FORM_AROUND,
            portal_disputes.FILES: given.settings.max_file_bytes + FORM_AROUND,
            public.VERIFY: given.settings.max_file_bytes + FORM_AROUND,
        },
    )
    app.add_middleware(
        RateLimit,
        per_token=given.settings.rate_per_token,
        per_address=given.settings.rate_per_address,
        store=given.settings.rate_store,
    )
    app.add_middleware(RefusedOnPages)
    app.add_middleware(RequestLog, engine=given)
    app.add_middleware(HeadIsGet)
    if given.settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=given.settings.cors_origins,
            allow_methods=["*"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key"],
            expose_headers=["RateLimit", "RateLimit-Policy", "Retry-After"],
        )
    app.add_middleware(SafeHeaders, over_tls=given.settings.public_url.startswith("https://"))
    problems.install(app)
    described.install(app)
    reference.install(app)
    app.router.routes.extend(all_routes().routes)
    return app


@cache
def all_routes() -> APIRouter:
    """All routes, once for a process: FastAPI takes a third of a second to take their signatures apart."""
    router = APIRouter()
    for part in _PARTS:
        # Not included: FastAPI would look a request's route up twice, and each time through all parts.
        router.routes.extend(part.routes)
    return router
