"""Who reads a page, by the session of the browser, and what its forms send: a form counts only with the word
that the page put into it (against forgery by other sites), and is read before the page's route runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from perks_engine.bootstrap import Application
from perks_engine.services.access import Actor
from perks_engine.services.sessions import csrf_token, is_csrf_token
from perks_engine.web.callers import Caller, CookiesOf, Engine
from perks_engine.web.cookies import CSRF_HEADER
from perks_engine.web.forms import unreadable
from perks_engine.web.problems import ForgedError, SignInFirstError, UnauthenticatedError

CSRF_FIELD = "csrf"
MOST_FIELDS = 100
MOST_FILES = 10


class Reader:
    """Somebody signed in, by the session of their browser; looked up where the route runs, once."""

    def __init__(self, engine: Application, route: str, session: str) -> None:
        self._caller = Caller(engine, route, None, session)
        self._actor: Actor | None = None
        self.session = session

    @property
    def csrf(self) -> str:
        return csrf_token(self.session)

    @property
    def actor(self) -> Actor:
        """Raises `SignInFirstError` where the session is none any more, `ForbiddenError` for a role that
        the page is not for."""
        if self._actor is None:
            try:
                self._actor = self._caller.actor()
            except UnauthenticatedError as error:
                raise SignInFirstError from error
        return self._actor

    @property
    def person(self) -> str:
        """The person that an influencer's session stands for."""
        return self.actor.own_person()


@dataclass(frozen=True, slots=True)
class File:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """What a form sent; a field that it lacks is empty."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, Sequence[File]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Without blanks around it."""
        return next(iter(self.fields.get(name, ())), "").strip()

    def whole(self, name: str) -> str:
        """As it was written, so that its lines are those of who wrote it; browsers send them with CR LF."""
        return next(iter(self.fields.get(name, ())), "").replace("\r\n", "\n")

    def all_of(self, name: str) -> list[str]:
        """Of boxes that are ticked, say."""
        return list(self.fields.get(name, ()))

    def file(self, name: str) -> File | None:
        """None where none was chosen."""
        return next((one for one in self.files.get(name, ()) if one.name), None)


async def reader_of(request: Request, engine: Engine, cookies: CookiesOf) -> Reader:
    """Raises `SignInFirstError` where nobody is signed in."""
    session = cookies.read(request, "session")
    if not session:
        raise SignInFirstError
    return Reader(engine, f"{request.method} {request.scope['route'].path_format}", session)


async def form_of(request: Request, reader: Annotated[Reader, Depends(reader_of)]) -> Form:
    """Of somebody signed in. Raises `ForgedError` without the page's own word: in the form, or in the header
    that scripts send."""
    form = await open_form_of(request)
    given = form.text(CSRF_FIELD) or request.headers.get(CSRF_HEADER, "")
    if not is_csrf_token(reader.session, given):
        raise ForgedError
    return form


async def open_form_of(request: Request) -> Form:
    """Of anybody: for what anybody may do. Raises `InvalidInputError` for a form that is torn."""
    fields: dict[str, list[str]] = {}
    files: dict[str, list[File]] = {}
    try:
        async with request.form(max_fields=MOST_FIELDS, max_files=MOST_FILES) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    content = await value.read()
                    files.setdefault(name, []).append(
                        File(value.filename or "", value.content_type or "", content)
                    )
                else:
                    fields.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\x00", ""))
    except HTTPException as error:
        raise unreadable(error) from error
    return Form(fields, files)


Reading = Annotated[Reader, Depends(reader_of)]
Sent = Annotated[Form, Depends(form_of)]
SentByAnybody = Annotated[Form, Depends(open_form_of)]
