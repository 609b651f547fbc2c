"""What a browser sends from the pages behind links in letters: forms."""

from __future__ import annotations

from fastapi import Request
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from perks_engine.services.errors import InvalidInputError

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
MOST_FIELDS = 10
_UNKNOWN = "body.{}: this form has no such field; it has {}"


def kind_of_body(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def fields_of(request: Request, *names: str, and_others: bool = False) -> dict[str, str]:
    """The fields of a form, empty where it has none; with others beside them only where that is said. Raises
    `InvalidInputError`."""
    try:
        async with request.form(max_fields=MOST_FIELDS) as form:
            if not and_others and (unknown := [one for one in form if one not in names]):
                raise InvalidInputError("request.invalid", _UNKNOWN.format(unknown[0], ", ".join(names)))
            return {name: str(form.get(name) or "").replace("\r\n", "\n") for name in names}
    except HTTPException as error:
        raise unreadable(error) from error


def invalid(error: ValidationError) -> InvalidInputError:
    problems = [f"body.{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return InvalidInputError("request.invalid", "; ".join(problems), problems)


def unreadable(error: HTTPException) -> InvalidInputError:
    """What Starlette says of a form that is torn, or has more in it than is asked for."""
    return InvalidInputError("request.invalid", f"the form cannot be read: {error.detail}")
