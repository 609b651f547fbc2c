"""Documents to file: who gives them, and what is made where."""

from __future__ import annotations

from perks_engine.bootstrap.keyed import Keyed
from perks_engine.bootstrap.rules import packaged
from perks_engine.delivery.localising import localizer
from perks_engine.exports.issuer import Issuer
from perks_engine.exports.making import FileMaker
from perks_engine.exports.statement_document import statement_pdf
from perks_engine.services.stating import Statement


class Documented(Keyed):
    """A part of `Application`."""

    def issuer(self) -> Issuer:
        """By the postal address and the log that the settings name, and, where they say how the engine is
        reached from outside, its page for verifying."""
        sealing = self.sealing
        lines = (one.strip() for one in self.settings.postal_address.split("|"))
        is_reached = "public_url" in self.settings.model_fields_set
        return Issuer(
            tuple(one for one in lines if one),
            sealing.keys.origin if sealing.has_keys else "",
            str(sealing.opening_key()) if sealing.has_keys else "",
            f"{self.settings.public_url.rstrip('/')}/verify" if is_reached else "",
        )

    def statement_document(self, statement: Statement, language: str) -> bytes:
        """As a PDF in one of the engine's languages. Raises `RefusedError` where no key can be shown."""
        words = localizer(language)
        return statement_pdf(
            statement,
            packaged("templates") / "reports" / "statement.typ",
            str(self.sealing.opening_key()),
            words.localised,
            words.language,
            self.issuer(),
        )

    @property
    def file_maker(self) -> FileMaker:
        return FileMaker(packaged("templates") / "reports" / "disclosure_list.typ", self.issuer)
