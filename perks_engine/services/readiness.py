"""What a version needs before it is approved and opened; each refusal names the command that mends it."""

from __future__ import annotations

from perks_engine.domain.campaign import Campaign
from perks_engine.services.access import same_human
from perks_engine.services.errors import ForbiddenError, RefusedError
from perks_engine.services.guards import foreseen
from perks_engine.services.ports import Transaction
from perks_engine.services.records import PreviewRecord, VersionRecord


def latest_preview(tx: Transaction, version: VersionRecord) -> PreviewRecord:
    """The latest preview of the version; raises `RefusedError` where nobody made one."""
    preview = tx.campaigns.latest_preview(version.version)
    if preview is None:
        raise RefusedError(
            "campaign.no_preview",
            f"nobody has seen whom this version would reach; run: perks campaign preview {version.campaign}",
        )
    return preview


def require_preview(tx: Transaction, version: VersionRecord, campaign: Campaign) -> PreviewRecord:
    """The latest preview of the version; raises `RefusedError` where nobody made one, or where a guard
    compares with it and it looked at nobody."""
    preview = latest_preview(tx, version)
    for guard, before in zip(campaign.guards, foreseen(preview.summary, campaign), strict=True):
        if guard.compares_with_preview and (before is None or not before.total):
            raise RefusedError(
                "campaign.empty_preview",
                f"its guard {guard.kind} compares with the preview, and the latest one found nobody to "
                f"compare with; run: perks campaign preview {version.campaign} --people FILE",
            )
    return preview


def require_second_person(version: VersionRecord, by: str) -> None:
    """Raises `ForbiddenError` where whoever loaded the version would approve it themself."""
    if same_human(version.loaded_by, by):
        raise ForbiddenError(
            "campaign.second_person",
            f"{by} loaded this version; somebody else has to approve it: "
            f"perks campaign approve {version.campaign} --by SOMEBODY_ELSE",
        )


def require_ready(tx: Transaction, version: VersionRecord, campaign: Campaign) -> None:
    """Raises `RefusedError` while examples, preview or approval are missing."""
    name = version.campaign
    if version.examples_total == 0:
        raise RefusedError(
            "campaign.no_examples",
            f"it has no examples; add some to the file and run: perks campaign load FILE "
            f"(see perks campaign show {name})",
        )
    if version.examples_failed:
        raise RefusedError(
            "campaign.examples_fail",
            f"{version.examples_failed} of its {version.examples_total} examples fail; "
            "run: perks campaign test FILE",
        )
    require_preview(tx, version, campaign)
    if tx.campaigns.approval(version.version) is None:
        raise RefusedError(
            "campaign.not_approved",
            f"no second person approved this version; run: perks campaign approve {name} --by SOMEBODY_ELSE",
        )
