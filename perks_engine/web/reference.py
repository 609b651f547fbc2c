"""The reference of the API as a page, from files that travel with the engine: no other host is asked."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

PAGE = "/docs"
FILES = f"{PAGE}/files"


def install(app: FastAPI) -> None:
    """Serve Swagger UI over the schema of the app.

    Its files are named relative to the page, so that a proxy may put the service under any address.
    """
    resources = files("fastapi_swagger") / "resources"
    app.mount(FILES, StaticFiles(directory=str(resources)), name="reference_files")

    @app.get(PAGE, include_in_schema=False)
    def reference() -> HTMLResponse:
        page = get_swagger_ui_html(
            openapi_url="openapi.json",
            title=f"{app.title}: the API",
            swagger_js_url="docs/files/swagger-ui-bundle.js",
            swagger_css_url="docs/files/swagger-ui.css",
            swagger_favicon_url="docs/files/favicon-32x32.png",
            swagger_ui_parameters={"validatorUrl": None},
        )
        page.headers["Content-Security-Policy"] = _policy(bytes(page.body).decode())
        return page


def _policy(page: str) -> str:
    """Its own files, and the one script that stands in it, by its hash; Swagger UI writes styles itself."""
    script = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'self' 'sha256-{digest}'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
