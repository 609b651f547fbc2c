"""The HTTP application: routes, errors and limits over one engine."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from perks_engine import __version__
from perks_engine.bootstrap import Application
from perks_engine.web import (
    problems,
    reference,
    routes_admission,
    routes_approvals,
    routes_carriers,
    routes_consents,
    routes_disclosures,
    routes_disputes,
    routes_duties,
    routes_feedback,
    routes_feedback_links,
    routes_health,
    routes_incidents,
    routes_influencer,
    routes_log,
    routes_mail,
    routes_offers,
    routes_posts,
    routes_promotions,
    routes_receipt,
    routes_records,
    routes_staff,
    routes_statements,
    routes_tax,
    routes_tokens,
    routes_unsubscribe,
    routes_webhooks,
)
from perks_engine.web.limits import BodyLimit
from perks_engine.web.methods import HeadIsGet
from perks_engine.web.pictures import FORM_AROUND


def create_app(engine: Application | None = None) -> FastAPI:
    """The application over `engine`, or over one made from the environment."""
    given = engine or Application.from_environment()

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncGenerator[None]:
        yield
        given.close()

    app = FastAPI(
        title="perks_engine",
        version=__version__,
        description="Perk campaigns: who may have them and why, who received them, and who has to say so.",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
    )
    app.state.engine = given
    app.add_middleware(
        BodyLimit,
        max_bytes=given.settings.max_body_bytes,
        larger={
            routes_disputes.FILES: given.settings.max_file_bytes,
            routes_feedback.PICTURES: given.settings.max_picture_bytes,
            routes_posts.PICTURES: given.settings.max_picture_bytes,
            routes_feedback_links.PICTURES: given.settings.max_picture_bytes + FORM_AROUND,
        },
    )
    app.add_middleware(HeadIsGet)
    problems.install(app)
    reference.install(app)
    app.include_router(routes_influencer.router)
    app.include_router(routes_approvals.router)
    app.include_router(routes_carriers.router)
    app.include_router(routes_admission.router)
    app.include_router(routes_receipt.router)
    app.include_router(routes_consents.router)
    app.include_router(routes_consents.links)
    app.include_router(routes_unsubscribe.router)
    app.include_router(routes_offers.router)
    app.include_router(routes_mail.router)
    app.include_router(routes_records.router)
    app.include_router(routes_staff.router)
    app.include_router(routes_disputes.router)
    app.include_router(routes_incidents.router)
    app.include_router(routes_statements.router)
    app.include_router(routes_log.router)
    app.include_router(routes_disclosures.router)
    app.include_router(routes_duties.router)
    app.include_router(routes_feedback.router)
    app.include_router(routes_feedback_links.links)
    app.include_router(routes_posts.router)
    app.include_router(routes_tax.router)
    app.include_router(routes_promotions.router)
    app.include_router(routes_webhooks.router)
    app.include_router(routes_tokens.router)
    app.include_router(routes_health.router)
    return app
