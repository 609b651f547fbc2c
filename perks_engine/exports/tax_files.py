"""Values by calendar year as CSV and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from perks_engine.exports.disclosure_files import table_chunks
from perks_engine.services.taxing import TaxReport, YearValue
from perks_engine.services.views import instant_view

COLUMNS = (
    *("year", "zone", "as_of", "person", "handle", "legal_name", "brand", "units", "value", "currency"),
    *("disputed_value", "threshold", "threshold_currency", "threshold_is", "reaches_threshold"),
)
_REACHES = {True: "yes", False: "no", None: "not comparable"}


def tax_csv(report: TaxReport, with_bom: bool = False) -> Iterator[str]:
    return table_chunks(COLUMNS, (_row(report, one) for one in report.rows), with_bom)


def tax_json(report: TaxReport) -> Iterator[str]:
    """One JSON object: the year, its zone, the threshold and its source, `rows` and their `count`."""
    threshold = report.threshold
    head = {
        "year": report.year,
        "zone": report.zone,
        "as_of": instant_view(report.instant),
        "threshold": str(threshold.amount) if threshold else None,
        "threshold_source": threshold.source if threshold else None,
    }
    yield json.dumps(head, ensure_ascii=False).removesuffix("}") + ',"rows":['
    count = 0
    for one in report.rows:
        yield ("," if count else "") + "\n" + json.dumps(_row(report, one), ensure_ascii=False)
        count += 1
    yield f'\n],"count":{count}}}\n'


def _row(report: TaxReport, one: YearValue) -> dict[str, Any]:
    threshold = report.threshold
    of_a_brand = one.reaches is not None
    return {
        "year": report.year,
        "zone": report.zone,
        "as_of": instant_view(report.instant),
        "person": one.person,
        "handle": one.handle,
        "legal_name": one.legal_name,
        "brand": one.brand,
        "units": one.units,
        "value": str(one.value).partition(" ")[0],
        "currency": one.value.currency,
        "disputed_value": str(one.disputed).partition(" ")[0],
        "threshold": str(threshold.amount).partition(" ")[0] if threshold and of_a_brand else None,
        "threshold_currency": threshold.amount.currency if threshold and of_a_brand else None,
        "threshold_is": _certainty(report) if of_a_brand else None,
        "reaches_threshold": _REACHES[one.reaches],
    }


def _certainty(report: TaxReport) -> str:
    certain = report.threshold is not None and report.threshold.is_certain(report.year)
    return "in force" if certain else "to be looked up"
