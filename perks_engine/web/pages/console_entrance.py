"""Staff signs a browser in by an API token that they paste once."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import Response

from perks_engine.services.errors import ForbiddenError, RefusedError
from perks_engine.web.callers import CookiesOf, Engine
from perks_engine.web.pages.entrance import see
from perks_engine.web.pages.readers import SentByAnybody
from perks_engine.web.pages.told_errors import told_to_staff
from perks_engine.web.problems import ForgedError
from perks_engine.web.routes_sign_in import sign_in_state

router = APIRouter(include_in_schema=False)


@router.post("/sign-in/token")
def sign_in_by_token(engine: Engine, cookies: CookiesOf, request: Request, form: SentByAnybody) -> Response:
    """Begin a session by a token of staff. Raises `ForgedError` for a form of another site, which would sign
    somebody in as somebody else."""
    require_own(request)
    cookies.require_safe()
    try:
        session, text = engine.console.token_sign_in.start(form.text("token"))
    except (RefusedError, ForbiddenError) as error:
        return sign_in_state(
            engine, request, "ask", {"said_out": False, "refused": told_to_staff(error)}, 403
        )
    engine.sessions.end(cookies.read(request, "session"))
    answer = see("/home")
    cookies.put(answer, "session", text, session.expires_at - session.created_at)
    return answer


def require_own(request: Request) -> None:
    """Browsers say from where a form comes; of pages that pass on no address its `Origin` is null."""
    site, origin = request.headers.get("sec-fetch-site", ""), request.headers.get("origin", "")
    is_elsewhere = origin and urlsplit(origin).netloc != request.headers.get("host", "")
    if site not in ("same-origin", "none") if site else is_elsewhere:
        raise ForgedError
