"""Countries as campaign files and files of people write them."""

from __future__ import annotations

from perks_engine.campaigns.problems import meant
from perks_engine.campaigns.quantities import QuantityError
from perks_engine.campaigns.shapes import Text
from perks_engine.domain.phrase import Verbatim, phrase

_COUNTRIES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
    BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
    ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
    LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
    NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
    SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
    UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_COUNTRIES.split())
"""ISO 3166-1 alpha-2, and XK, which ISO leaves to users and everybody uses for Kosovo."""

_MEANT = {"UK": "GB", "EN": "GB", "EL": "GR", "USA": "US", "GBR": "GB", "CAN": "CA", "MEX": "MX"}


def country(text: str) -> str:
    """The code; raises `QuantityError` where no country bears it. A wrong code would make somebody's address
    lie for certain outside of wherever it is in truth."""
    if text not in COUNTRIES:
        code = text.strip().upper()
        likely = _MEANT.get(code, code if code in COUNTRIES else "")
        wrong = phrase("'{text}' is no country (ISO 3166-1)", text=Verbatim(text))
        raise QuantityError(wrong, meant(likely))
    return text


COUNTRY = Text(
    phrase("a country as ISO 3166-1 alpha-2, such as US"),
    rf"^({'|'.join(sorted(COUNTRIES))})$",
    longest=60,
    build=country,
)


_STATES = """
    AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM
    NV NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY
"""
_PROVINCES = "AB BC MB NB NL NS NT NU ON PE QC SK YT"
_REGIONS = {"US": _STATES.split(), "CA": _PROVINCES.split()}
"""ISO 3166-2 of the countries whose regions rules ask for. Puerto Rico and the like are countries here."""


def region(text: str) -> str:
    """The code of a region, if there is one; raises `QuantityError`."""
    of, _, part = text.partition("-")
    country(of)
    if part not in _REGIONS.get(of, [part]):
        hint = phrase("write {words}", words=Verbatim(f"country: {part}")) if part in COUNTRIES else ""
        where: dict[str, str] = {"text": Verbatim(text), "country": Verbatim(of)}
        raise QuantityError(phrase("'{text}' is no region of {country} (ISO 3166-2)", **where), hint)
    return text


REGION = Text(phrase("a region such as US-NY"), r"^[A-Z]{2}-[A-Z0-9]{1,3}$", build=region)
