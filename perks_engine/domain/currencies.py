"""The currencies in use, by ISO 4217, and the one that a wrong code was probably meant for."""

from __future__ import annotations

# ISO 4217 list one as of amendment 180 (in force since 2026-01-01), by the digits of the minor unit.
# Codes without a minor unit (metals, special drawing rights, tests) are no money to value a perk in.
_CODES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
        CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
        GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL
        MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
        PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
        TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
CURRENCIES = {code: digits for digits, codes in _CODES.items() for code in codes.split()}
"""The digits of the minor unit, by code."""

# Units of account that nobody has in mind who slips on a key.
_FUNDS = frozenset({"BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW", "XAD"})


def meant_currency(code: str) -> str | None:
    """The one currency that differs in its case, in two swapped letters or in the letter after the
    country's; None where there is none, or more than one."""
    code = code.upper()
    if code in CURRENCIES:
        return code
    swapped = {code[1] + code[0] + code[2:], code[0] + code[2:] + code[1]}
    usual = CURRENCIES.keys() - _FUNDS
    # Codes with X belong to no country, so that those which begin alike have nothing in common.
    of_country = {one for one in usual if one[:2] == code[:2] and code[0] != "X"}
    found = usual & swapped or of_country
    return found.pop() if len(found) == 1 else None
