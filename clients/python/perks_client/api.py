"""The methods of the client, one for each operation of the API.

Made by `make client`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from urllib.parse import quote

import httpx

from perks_client import models
from perks_client.transport import Tagged, Transport, new_key


class Client(Transport):
    """The API of one engine, as one bearer of a token (or nobody) sees it. Each method raises `ProblemError`
    where the engine refuses, and `UnreadableError` where something else answers."""

    def list_perks(self, *, cursor: str | None = None, limit: int | None = None) -> models.Perks:
        """The perks there are, each with the verdict that a claim would come to now, and why.

        `GET /v1/perks`

        cursor: `next` of the page before; the first if left out
        limit: the most that one page holds
        """
        answer = self._raw("GET", "/v1/perks", query={"cursor": cursor, "limit": limit})
        return self._read(models.Perks, answer)

    def show_perk(self, campaign: str) -> models.Perk:
        """One perk, with the verdict that a claim would come to now, and why.

        `GET /v1/perks/{campaign}`

        campaign: a campaign's name
        """
        answer = self._raw("GET", f"/v1/perks/{quote(str(campaign), safe='')}")
        return self._read(models.Perk, answer)

    def claim_perk(
        self, body: models.ClaimRequest, *, idempotency_key: str | None = None
    ) -> models.DecidedClaim:
        """Claim one unit. A refusal names every reason; the same key gives the same answer again.

        `POST /v1/claims`

        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST", "/v1/claims", headers={"Idempotency-Key": idempotency_key or new_key()}, body=body
        )
        return self._read(models.DecidedClaim, answer)

    def list_claims(self, *, cursor: str | None = None, limit: int | None = None) -> models.Claims:
        """Your claims, the newest first.

        `GET /v1/claims`

        cursor: `next` of the page before; the first if left out
        limit: the most that one page holds
        """
        answer = self._raw("GET", "/v1/claims", query={"cursor": cursor, "limit": limit})
        return self._read(models.Claims, answer)

    def show_claim(self, claim: str) -> models.ClaimWithHistory:
        """One of your claims: its reasons, and the way of its unit so far.

        `GET /v1/claims/{claim}`

        claim: a claim's id
        """
        answer = self._raw("GET", f"/v1/claims/{quote(str(claim), safe='')}")
        return self._read(models.ClaimWithHistory, answer)

    def list_waiting(self, *, cursor: str | None = None, limit: int | None = None) -> models.Claims:
        """Granted claims of your brands that wait for a yes, the oldest first.

        `GET /v1/approvals`

        cursor: `next` of the page before; the first if left out
        limit: the most that one page holds
        """
        answer = self._raw("GET", "/v1/approvals", query={"cursor": cursor, "limit": limit})
        return self._read(models.Claims, answer)

    def decide_claim(
        self, claim: str, body: models.Approval, *, idempotency_key: str | None = None
    ) -> models.Claim:
        """Approve a claim, so that it can be packed and sent, or decline it: its unit goes back to stock.

        `POST /v1/claims/{claim}/approval`

        claim: a claim's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/claims/{quote(str(claim), safe='')}/approval",
            headers={"Idempotency-Key": idempotency_key or new_key()},
            body=body,
        )
        return self._read(models.Claim, answer)

    def take_webhook(
        self, source: str, content: bytes | None = None, content_type: str = "application/json"
    ) -> models.ReportOutput:
        """For carriers: what happened to a shipment, signed with the secret that both know. What the
        engine cannot use is kept until somebody has looked.

        `POST /v1/carriers/{source}`

        source: easypost or shippo
        """
        answer = self._raw(
            "POST", f"/v1/carriers/{quote(str(source), safe='')}", content=content, content_type=content_type
        )
        return self._read(models.ReportOutput, answer)

    def list_reports(
        self,
        *,
        state: Literal["applied", "noted", "waiting", "refused", "dismissed"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.Reports:
        """Carriers' reports, the oldest first: at first those that somebody has to look at.

        `GET /v1/carrier-reports`

        state: only these; those that wait if left out
        cursor: `next` of the page before; the first if left out
        limit: the most that one page holds
        """
        answer = self._raw(
            "GET", "/v1/carrier-reports", query={"state": state, "cursor": cursor, "limit": limit}
        )
        return self._read(models.Reports, answer)

    def retry_report(self, report: str, *, idempotency_key: str | None = None) -> models.ReportOutput:
        """Try a report again, after what stood in its way was mended. It is safe to repeat.

        `POST /v1/carrier-reports/{report}/retry`

        report: a report's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/carrier-reports/{quote(str(report), safe='')}/retry",
            headers={"Idempotency-Key": idempotency_key or new_key()},
        )
        return self._read(models.ReportOutput, answer)

    def dismiss_report(
        self, report: str, body: models.Dismissal, *, idempotency_key: str | None = None
    ) -> models.ReportOutput:
        """You have looked, and nothing follows from it.

        `POST /v1/carrier-reports/{report}/dismissal`

        report: a report's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/carrier-reports/{quote(str(report), safe='')}/dismissal",
            headers={"Idempotency-Key": idempotency_key or new_key()},
            body=body,
        )
        return self._read(models.ReportOutput, answer)

    def show_code(self, claim: str) -> models.ClaimCode:
        """The code to show at the door, or to redeem: the same each time you ask.

        `POST /v1/claims/{claim}/code`

        claim: a claim's id
        """
        answer = self._raw("POST", f"/v1/claims/{quote(str(claim), safe='')}/code")
        return self._read(models.ClaimCode, answer)

    def check_in(self, body: models.Shown, *, idempotency_key: str | None = None) -> models.Admitted:
        """Somebody is at the event: receipt, with attendance as its evidence.

        `POST /v1/check-ins`

        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST", "/v1/check-ins", headers={"Idempotency-Key": idempotency_key or new_key()}, body=body
        )
        return self._read(models.Admitted, answer)

    def redeem(self, body: models.Shown, *, idempotency_key: str | None = None) -> models.Admitted:
        """Somebody has redeemed their code: receipt, with the redemption as its evidence.

        `POST /v1/redemptions`

        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST", "/v1/redemptions", headers={"Idempotency-Key": idempotency_key or new_key()}, body=body
        )
        return self._read(models.Admitted, answer)

    def confirm_receipt(
        self, claim: str, body: models.ReceiptInput | None = None, *, idempotency_key: str | None = None
    ) -> models.Claim:
        """Say that you received it, or which parts of a bundle. Only what was shipped, or needs no
        shipment, can be received.

        `POST /v1/claims/{claim}/receipt`

        claim: a claim's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/claims/{quote(str(claim), safe='')}/receipt",
            headers={"Idempotency-Key": idempotency_key or new_key()},
            body=body,
        )
        return self._read(models.Claim, answer)

    def deny_receipt(
        self, claim: str, body: models.Denial | None = None, *, idempotency_key: str | None = None
    ) -> models.DeniedClaim:
        """Say that you did not receive it, whatever the record says. It is kept, with its time.

        `POST /v1/claims/{claim}/denial`

        claim: a claim's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/claims/{quote(str(claim), safe='')}/denial",
            headers={"Idempotency-Key": idempotency_key or new_key()},
            body=body,
        )
        return self._read(models.DeniedClaim, answer)

    def cancel_claim(self, claim: str, *, idempotency_key: str | None = None) -> models.Claim:
        """You do not want it any more: the unit goes back to stock.

        `POST /v1/claims/{claim}/cancellation`

        claim: a claim's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/claims/{quote(str(claim), safe='')}/cancellation",
            headers={"Idempotency-Key": idempotency_key or new_key()},
        )
        return self._read(models.Claim, answer)

    def my_consents(self) -> models.PersonConsents:
        """What I can be asked, what I said to it, and all that I ever said, with its proof.

        `GET /v1/consents`
        """
        answer = self._raw("GET", "/v1/consents")
        return self._read(models.PersonConsents, answer)

    def give_consent(self, purpose: str, channel: str, body: models.Yes) -> models.Consent:
        """Say yes to the words that were shown, named by their hash. Where it has to be confirmed, the
        answer is `pending`, and a letter with a link is on its way.

        `PUT /v1/consents/{purpose}/{channel}`

        purpose: a purpose
        channel: a channel
        """
        answer = self._raw(
            "PUT", f"/v1/consents/{quote(str(purpose), safe='')}/{quote(str(channel), safe='')}", body=body
        )
        return self._read(models.Consent, answer)

    def withdraw_consent(self, purpose: str, channel: str) -> models.Consent | models.ConsentAct:
        """Say no: from this moment nothing is sent for it. Nobody asks why, and nobody asks again.

        `DELETE /v1/consents/{purpose}/{channel}`

        purpose: a purpose
        channel: a channel
        """
        answer = self._raw(
            "DELETE", f"/v1/consents/{quote(str(purpose), safe='')}/{quote(str(channel), safe='')}"
        )
        return self._read(models.Consent | models.ConsentAct, answer)

    def consents_of(self, person: str) -> models.PersonConsents:
        """What somebody said, with its proof (compliance staff of all brands).

        `GET /v1/people/{person}/consents`

        person: a person's id
        """
        answer = self._raw("GET", f"/v1/people/{quote(str(person), safe='')}/consents")
        return self._read(models.PersonConsents, answer)

    def give_on_behalf(
        self, person: str, purpose: str, channel: str, body: models.StaffYes
    ) -> models.Consent:
        """Write down the yes that somebody told us, and why we do (compliance staff of all brands).

        `PUT /v1/people/{person}/consents/{purpose}/{channel}`

        person: a person's id
        purpose: a purpose
        channel: a channel
        """
        answer = self._raw(
            "PUT",
            f"/v1/people/{quote(str(person), safe='')}/consents/{quote(str(purpose), safe='')}/{quote(str(channel), safe='')}",
            body=body,
        )
        return self._read(models.Consent, answer)

    def withdraw_on_behalf(
        self, person: str, purpose: str, channel: str, body: models.StaffNo
    ) -> models.Consent | models.ConsentAct:
        """Write down the no that somebody told us, and why we do (compliance staff of all brands).

        `POST /v1/people/{person}/consents/{purpose}/{channel}/withdrawal`

        person: a person's id
        purpose: a purpose
        channel: a channel
        """
        answer = self._raw(
            "POST",
            f"/v1/people/{quote(str(person), safe='')}/consents/{quote(str(purpose), safe='')}/{quote(str(channel), safe='')}/withdrawal",
            body=body,
        )
        return self._read(models.Consent | models.ConsentAct, answer)

    def look_at_a_link(self, link: str) -> models.Confirmation:
        """What a link confirms; a browser gets the button that does. Looking confirms nothing: programs
        that scan mail look at links, too.

        `GET /v1/consent-links/{link}`

        link: what the letter's link ends with
        """
        answer = self._raw("GET", f"/v1/consent-links/{quote(str(link), safe='')}")
        return self._read(models.Confirmation, answer)

    def confirm_by_link(self, link: str) -> models.Consent:
        """Confirm that the yes was mine. No token is needed: the link proves who holds the mailbox.

        `POST /v1/consent-links/{link}`

        link: what the letter's link ends with
        """
        answer = self._raw("POST", f"/v1/consent-links/{quote(str(link), safe='')}")
        return self._read(models.Consent, answer)

    def look_at_unsubscribing(self, link: str) -> models.Unsubscription:
        """What the link ends; a browser gets the button that does. Looking changes nothing: programs that
        scan mail look at links, too.

        `GET /v1/unsubscribe/{link}`

        link: what the letter's link ends with
        """
        answer = self._raw("GET", f"/v1/unsubscribe/{quote(str(link), safe='')}")
        return self._read(models.Unsubscription, answer)

    def unsubscribe(self, link: str, *, everything: bool | None = None) -> models.Unsubscription:
        """End these letters, before the next one is sent. Neither token nor cookie is needed, and what
        the body says does not matter: mail programs post `List-Unsubscribe=One-Click`.

        `POST /v1/unsubscribe/{link}`

        link: what the letter's link ends with
        everything: end all that is not an answer, too
        """
        answer = self._raw(
            "POST", f"/v1/unsubscribe/{quote(str(link), safe='')}", query={"everything": everything}
        )
        return self._read(models.Unsubscription, answer)

    def diff_versions(
        self,
        campaign: str,
        *,
        old: str | None = None,
        new: str | None = None,
        people: Literal["nobody", "few", "everybody"] | None = None,
    ) -> models.VersionDiff:
        """Two versions of a campaign: what changes, in sentences, by key and line by line, and how many
        people gain and lose by it. Where nothing is asked for, the latest is compared with what it would
        replace.

        `GET /v1/campaigns/{campaign}/diff`

        campaign: a campaign's name
        old: the beginning of a version, or live
        new: the beginning of a version, or live
        people: who is judged under both
        """
        answer = self._raw(
            "GET",
            f"/v1/campaigns/{quote(str(campaign), safe='')}/diff",
            query={"old": old, "new": new, "people": people},
        )
        return self._read(models.VersionDiff, answer)

    def make_offers(self, campaign: str) -> models.OfferRun:
        """Have everybody told to whom the campaign is open. Nobody hears of it twice; asked again while
        that is under way, the answer is the run that is.

        `POST /v1/campaigns/{campaign}/offers`

        campaign: a campaign's name
        """
        answer = self._raw("POST", f"/v1/campaigns/{quote(str(campaign), safe='')}/offers")
        return self._read(models.OfferRun, answer)

    def offers_of(self, campaign: str) -> models.OfferRuns:
        """The runs of a campaign, the newest first.

        `GET /v1/campaigns/{campaign}/offers`

        campaign: a campaign's name
        """
        answer = self._raw("GET", f"/v1/campaigns/{quote(str(campaign), safe='')}/offers")
        return self._read(models.OfferRuns, answer)

    def take_a_report(self, body: models.ReportInput) -> models.Noted:
        """Note a bounce (RFC 3464) or a complaint (RFC 5965), as a mailbox for returned mail gets it. A
        mailbox that is none is not written to again; who complained gets answers alone. The same report
        again changes nothing.

        `POST /v1/mail-reports`
        """
        answer = self._raw("POST", "/v1/mail-reports", body=body)
        return self._read(models.Noted, answer)

    def my_evidence(self) -> models.OwnEvidence:
        """What is known of me that rules ask for, and what I can show and say of it myself.

        `GET /v1/evidence`
        """
        answer = self._raw("GET", "/v1/evidence")
        return self._read(models.OwnEvidence, answer)

    def share_my_location(self, body: models.Place) -> models.OwnEvidence:
        """Share where my device is, now: only with my consent, which can be given by the same request.

        `PUT /v1/evidence/location`
        """
        answer = self._raw("PUT", "/v1/evidence/location", body=body)
        return self._read(models.OwnEvidence, answer)

    def say_my_country(self, body: models.Country) -> models.OwnEvidence:
        """Say in which country I live. It counts where a rule takes my word for it.

        `PUT /v1/evidence/country`
        """
        answer = self._raw("PUT", "/v1/evidence/country", body=body)
        return self._read(models.OwnEvidence, answer)

    def confirm_my_birth_date(self, body: models.BirthDate) -> models.OwnEvidence:
        """Say when I was born, once; of a day that makes me too young nothing is kept.

        `PUT /v1/evidence/birth-date`
        """
        answer = self._raw("PUT", "/v1/evidence/birth-date", body=body)
        return self._read(models.OwnEvidence, answer)

    def say_my_words(self, attribute: str, body: models.Said) -> models.OwnEvidence:
        """Say something of myself, in the place of what I said before; no words take it back.

        `PUT /v1/evidence/words/{attribute}`

        attribute: one of `words` of my evidence
        """
        answer = self._raw("PUT", f"/v1/evidence/words/{quote(str(attribute), safe='')}", body=body)
        return self._read(models.OwnEvidence, answer)

    def my_record(self, *, format_: Literal["json", "html"] | None = None) -> Tagged[models.Record]:
        """Everything that is held about me, why, and for how long.

        `GET /v1/record`

        format_: else what the Accept header asks for
        """
        answer = self._raw("GET", "/v1/record", query={"format": format_})
        return Tagged(self._read(models.Record, answer), answer.headers["ETag"])

    def correct_mine(
        self, body: models.OwnCorrection, *, idempotency_key: str | None = None, if_match: str | None = None
    ) -> models.Corrected:
        """Correct what is wrong about me. Staff corrects what somebody has to see, such as a birth date.

        `PATCH /v1/record`

        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        if_match: the ETag of what you saw: where it was changed since, nothing is done (412)
        """
        answer = self._raw(
            "PATCH",
            "/v1/record",
            headers={"Idempotency-Key": idempotency_key or new_key(), "If-Match": if_match},
            body=body,
        )
        return self._read(models.Corrected, answer)

    def erase_me(self, *, format_: Literal["json", "html"] | None = None) -> models.RecordsReceipt:
        """Erase my record, at once and whole. The receipt says what is gone and what is kept until when;
        it is also mailed, as the last letter. Sent again, it answers with the same receipt.

        `DELETE /v1/record`

        format_: else what the Accept header asks for
        """
        answer = self._raw("DELETE", "/v1/record", query={"format": format_})
        return self._read(models.RecordsReceipt, answer)

    def correct_person(
        self,
        person: str,
        body: models.RecordsCorrection,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> models.Corrected:
        """Correct what is wrong about a person, and why (compliance staff of all brands).

        `PATCH /v1/people/{person}/record`

        person: a person's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        if_match: the ETag of what you saw: where it was changed since, nothing is done (412)
        """
        answer = self._raw(
            "PATCH",
            f"/v1/people/{quote(str(person), safe='')}/record",
            headers={"Idempotency-Key": idempotency_key or new_key(), "If-Match": if_match},
            body=body,
        )
        return self._read(models.Corrected, answer)

    def record_of(
        self, person: str, *, format_: Literal["json", "html"] | None = None
    ) -> Tagged[models.Record]:
        """Everything that is held about a person who asked us (compliance staff of all brands).

        `GET /v1/people/{person}/record`

        person: a person's id
        format_: else what the Accept header asks for
        """
        answer = self._raw(
            "GET", f"/v1/people/{quote(str(person), safe='')}/record", query={"format": format_}
        )
        return Tagged(self._read(models.Record, answer), answer.headers["ETag"])

    def erase_person(
        self, person: str, *, format_: Literal["json", "html"] | None = None
    ) -> models.RecordsReceipt:
        """Erase the record of a person who told us to (compliance staff of all brands).

        `DELETE /v1/people/{person}/record`

        person: a person's id
        format_: else what the Accept header asks for
        """
        answer = self._raw(
            "DELETE", f"/v1/people/{quote(str(person), safe='')}/record", query={"format": format_}
        )
        return self._read(models.RecordsReceipt, answer)

    def holds_on(self, person: str) -> models.Holds:
        """The legal holds that there are and were on a record (compliance staff of all brands).

        `GET /v1/people/{person}/holds`

        person: a person's id
        """
        answer = self._raw("GET", f"/v1/people/{quote(str(person), safe='')}/holds")
        return self._read(models.Holds, answer)

    def hold(self, person: str, body: models.Why, *, idempotency_key: str | None = None) -> models.Hold:
        """Let nothing of a record be erased, until the hold is lifted (compliance staff of all brands).

        `POST /v1/people/{person}/holds`

        person: a person's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/people/{quote(str(person), safe='')}/holds",
            headers={"Idempotency-Key": idempotency_key or new_key()},
            body=body,
        )
        return self._read(models.Hold, answer)

    def lift_hold(self, hold: str, body: models.Why, *, idempotency_key: str | None = None) -> models.Hold:
        """Lift a legal hold, and why (compliance staff of all brands).

        `POST /v1/holds/{hold}/lifting`

        hold: a hold's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/holds/{quote(str(hold), safe='')}/lifting",
            headers={"Idempotency-Key": idempotency_key or new_key()},
            body=body,
        )
        return self._read(models.Hold, answer)

    def record_fulfillments(
        self, body: models.Fulfillments, *, idempotency_key: str | None = None
    ) -> models.Recorded:
        """Record shipments, deliveries, losses, returns, check-ins: all of them or none.

        `POST /v1/fulfillments`

        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST", "/v1/fulfillments", headers={"Idempotency-Key": idempotency_key or new_key()}, body=body
        )
        return self._read(models.Recorded, answer)

    def list_campaigns(self, *, cursor: str | None = None, limit: int | None = None) -> models.Campaigns:
        """The campaigns of the brands that your token reaches, with their state and stock.

        `GET /v1/campaigns`

        cursor: `next` of the page before; the first if left out
        limit: the most that one page holds
        """
        answer = self._raw("GET", "/v1/campaigns", query={"cursor": cursor, "limit": limit})
        return self._read(models.Campaigns, answer)

    def show_campaign(self, campaign: str) -> models.CampaignDetail:
        """One campaign: its state and why, what its guards have counted, who did what with it, its
        versions.

        `GET /v1/campaigns/{campaign}`

        campaign: a campaign's name
        """
        answer = self._raw("GET", f"/v1/campaigns/{quote(str(campaign), safe='')}")
        return self._read(models.CampaignDetail, answer)

    def show_what_to_approve(self, campaign: str) -> models.VersionToApprove:
        """What there is to approve: the latest version of a campaign, its preview, and who loaded it.

        `GET /v1/campaigns/{campaign}/approval`

        campaign: a campaign's name
        """
        answer = self._raw("GET", f"/v1/campaigns/{quote(str(campaign), safe='')}/approval")
        return self._read(models.VersionToApprove, answer)

    def approve_version(
        self, campaign: str, body: models.ApproveVersion, *, idempotency_key: str | None = None
    ) -> models.VersionApproved:
        """Approve a version as the second person; whoever loaded it cannot, whatever the role or the
        token.

        `POST /v1/campaigns/{campaign}/approval`

        campaign: a campaign's name
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/campaigns/{quote(str(campaign), safe='')}/approval",
            headers={"Idempotency-Key": idempotency_key or new_key()},
            body=body,
        )
        return self._read(models.VersionApproved, answer)

    def list_actions(
        self,
        *,
        by: str | None = None,
        route: str | None = None,
        about: str | None = None,
        person: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: int | None = None,
        limit: int | None = None,
    ) -> models.StaffActions:
        """What staff did, the newest first; who reaches only some brands sees what was done to these
        (compliance staff).

        `GET /v1/staff-actions`

        cursor: `next` of the page before
        limit: the most that one page holds
        """
        answer = self._raw(
            "GET",
            "/v1/staff-actions",
            query={
                "by": by,
                "route": route,
                "about": about,
                "person": person,
                "since": since,
                "until": until,
                "cursor": cursor,
                "limit": limit,
            },
        )
        return self._read(models.StaffActions, answer)

    def open_dispute(
        self, claim: str, body: models.DisputesObjection, *, idempotency_key: str | None = None
    ) -> models.Dispute:
        """Object to what is recorded as received for your claim. Lists mark the line from now on.

        `POST /v1/claims/{claim}/disputes`

        claim: a claim's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/claims/{quote(str(claim), safe='')}/disputes",
            headers={"Idempotency-Key": idempotency_key or new_key()},
            body=body,
        )
        return self._read(models.Dispute, answer)

    def list_disputes(
        self, *, open_: bool | None = None, cursor: str | None = None, limit: int | None = None
    ) -> models.Disputes:
        """Your disputes, or, for compliance staff, those of your brands: the longest open first.

        `GET /v1/disputes`

        open_: only those that are open
        cursor: `next` of the page before; the first if left out
        limit: the most that one page holds
        """
        answer = self._raw("GET", "/v1/disputes", query={"open": open_, "cursor": cursor, "limit": limit})
        return self._read(models.Disputes, answer)

    def show_dispute(self, dispute: str) -> Tagged[models.Dispute]:
        """One dispute: what was said, how long it is open, and how it ended.

        `GET /v1/disputes/{dispute}`

        dispute: a dispute's id
        """
        answer = self._raw("GET", f"/v1/disputes/{quote(str(dispute), safe='')}")
        return Tagged(self._read(models.Dispute, answer), answer.headers["ETag"])

    def withdraw_dispute(
        self, dispute: str, body: models.Withdrawal, *, idempotency_key: str | None = None
    ) -> models.Dispute:
        """Take your objection back: the line stands undisputed again.

        `POST /v1/disputes/{dispute}/withdrawal`

        dispute: a dispute's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/disputes/{quote(str(dispute), safe='')}/withdrawal",
            headers={"Idempotency-Key": idempotency_key or new_key()},
            body=body,
        )
        return self._read(models.Dispute, answer)

    def settle_dispute(
        self,
        dispute: str,
        body: models.SettlementBody,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> Tagged[models.Dispute]:
        """Uphold or reject it (compliance staff). An upheld one corrects the ledger; the person is told
        why.

        `POST /v1/disputes/{dispute}/settlement`

        dispute: a dispute's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        if_match: the ETag of what you saw: where it was changed since, nothing is done (412)
        """
        answer = self._raw(
            "POST",
            f"/v1/disputes/{quote(str(dispute), safe='')}/settlement",
            headers={"Idempotency-Key": idempotency_key or new_key(), "If-Match": if_match},
            body=body,
        )
        return Tagged(self._read(models.Dispute, answer), answer.headers["ETag"])

    def give_file(
        self,
        dispute: str,
        content: bytes,
        content_type: str = "application/octet-stream",
        *,
        name: str,
        idempotency_key: str | None = None,
    ) -> models.GivenFile:
        """Add a file to an open dispute. What it is, is told by its bytes; its name is only shown.

        `POST /v1/disputes/{dispute}/files`

        dispute: a dispute's id
        name: the file's name
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/disputes/{quote(str(dispute), safe='')}/files",
            query={"name": name},
            headers={"Idempotency-Key": idempotency_key or new_key()},
            content=content,
            content_type=content_type,
        )
        return self._read(models.GivenFile, answer)

    def take_file(self, dispute: str, file: str) -> httpx.Response:
        """A file of a dispute, as it was given. Nothing of it is to be run or shown by a browser.

        `GET /v1/disputes/{dispute}/files/{file}`

        dispute: a dispute's id
        file: a file's id
        """
        return self._raw(
            "GET", f"/v1/disputes/{quote(str(dispute), safe='')}/files/{quote(str(file), safe='')}"
        )

    def look_at_a_receipt_link(self, link: str) -> models.ReceiptLinksReceipt:
        """What is recorded. Looking changes nothing: programs that scan mail look, too.

        `GET /v1/receipt-links/{link}`

        link: what the letter's link ends with
        """
        answer = self._raw("GET", f"/v1/receipt-links/{quote(str(link), safe='')}")
        return self._read(models.ReceiptLinksReceipt, answer)

    def object_by_link(
        self, link: str, content: bytes, content_type: str = "application/json"
    ) -> models.ReceiptLinksReceipt:
        """Object to it: a dispute is opened, as the person would signed in. One that is open stays as it
        is.

        `POST /v1/receipt-links/{link}`

        link: what the letter's link ends with
        """
        answer = self._raw(
            "POST",
            f"/v1/receipt-links/{quote(str(link), safe='')}",
            content=content,
            content_type=content_type,
        )
        return self._read(models.ReceiptLinksReceipt, answer)

    def open_incident(
        self, body: models.NewIncident, *, idempotency_key: str | None = None
    ) -> models.Incident:
        """Open one over the decisions of a campaign, a version, a source of evidence, a span of time.

        `POST /v1/incidents`

        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST", "/v1/incidents", headers={"Idempotency-Key": idempotency_key or new_key()}, body=body
        )
        return self._read(models.Incident, answer)

    def list_incidents(self, *, cursor: str | None = None, limit: int | None = None) -> models.IncidentPage:
        """The incidents of your brands, the oldest first.

        `GET /v1/incidents`

        cursor: `next` of the page before; the first if left out
        limit: the most that one page holds
        """
        answer = self._raw("GET", "/v1/incidents", query={"cursor": cursor, "limit": limit})
        return self._read(models.IncidentPage, answer)

    def show_incident(self, incident: str) -> models.Incident:
        """One incident, and who did what with it.

        `GET /v1/incidents/{incident}`

        incident: an incident's id
        """
        answer = self._raw("GET", f"/v1/incidents/{quote(str(incident), safe='')}")
        return self._read(models.Incident, answer)

    def replay_incident(
        self, incident: str, body: models.IncidentsCorrection, *, idempotency_key: str | None = None
    ) -> models.Job:
        """Have every decision in its scope judged again, as of its moment, under what should have been
        so. A worker does it: `Location` names the job, which shows how far it is.

        `POST /v1/incidents/{incident}/replay`

        incident: an incident's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/incidents/{quote(str(incident), safe='')}/replay",
            headers={"Idempotency-Key": idempotency_key or new_key()},
            body=body,
        )
        return self._read(models.Job, answer)

    def list_lines(
        self, incident: str, *, cursor: int | None = None, limit: int | None = None
    ) -> models.Lines:
        """Who was hit, by the latest replay: each decision, what it was and is, and what that makes
        wrong.

        `GET /v1/incidents/{incident}/lines`

        incident: an incident's id
        cursor: `next` of the page before
        limit: the most that one page holds
        """
        answer = self._raw(
            "GET",
            f"/v1/incidents/{quote(str(incident), safe='')}/lines",
            query={"cursor": cursor, "limit": limit},
        )
        return self._read(models.Lines, answer)

    def plan_incident(self, incident: str, *, idempotency_key: str | None = None) -> models.Incident:
        """Make the plan out of the latest replay; its hash is what a second person approves.

        `POST /v1/incidents/{incident}/plan`

        incident: an incident's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/incidents/{quote(str(incident), safe='')}/plan",
            headers={"Idempotency-Key": idempotency_key or new_key()},
        )
        return self._read(models.Incident, answer)

    def list_steps(
        self, incident: str, *, cursor: int | None = None, limit: int | None = None
    ) -> models.Steps:
        """The latest plan: what is to be done for each person, and why.

        `GET /v1/incidents/{incident}/plan`

        incident: an incident's id
        cursor: `next` of the page before
        limit: the most that one page holds
        """
        answer = self._raw(
            "GET",
            f"/v1/incidents/{quote(str(incident), safe='')}/plan",
            query={"cursor": cursor, "limit": limit},
        )
        return self._read(models.Steps, answer)

    def approve_plan(
        self, incident: str, body: models.PlanApproval, *, idempotency_key: str | None = None
    ) -> models.Incident:
        """Approve the plan of that hash. Who opened the incident or made the plan cannot.

        `POST /v1/incidents/{incident}/approval`

        incident: an incident's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/incidents/{quote(str(incident), safe='')}/approval",
            headers={"Idempotency-Key": idempotency_key or new_key()},
            body=body,
        )
        return self._read(models.Incident, answer)

    def apply_plan(self, incident: str, *, idempotency_key: str | None = None) -> models.Job:
        """Have the approved plan carried out. A worker does it: `Location` names the job, which shows how
        far it is. One that is cut short goes on where it stood, and nothing is done twice.

        `POST /v1/incidents/{incident}/application`

        incident: an incident's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/incidents/{quote(str(incident), safe='')}/application",
            headers={"Idempotency-Key": idempotency_key or new_key()},
        )
        return self._read(models.Job, answer)

    def list_jobs(self, incident: str) -> models.Jobs:
        """Its replays and applications, the newest first.

        `GET /v1/incidents/{incident}/jobs`

        incident: an incident's id
        """
        answer = self._raw("GET", f"/v1/incidents/{quote(str(incident), safe='')}/jobs")
        return self._read(models.Jobs, answer)

    def show_job(self, incident: str, job: str) -> models.Job:
        """How far it is, and what ended it if anything did.

        `GET /v1/incidents/{incident}/jobs/{job}`

        incident: an incident's id
        job: a job's id
        """
        answer = self._raw(
            "GET", f"/v1/incidents/{quote(str(incident), safe='')}/jobs/{quote(str(job), safe='')}"
        )
        return self._read(models.Job, answer)

    def cancel_job(self, incident: str, job: str, *, idempotency_key: str | None = None) -> models.Job:
        """Stop it. A replay can be asked for again, and begins anew; an application goes on with those
        for whom nothing was done yet.

        `POST /v1/incidents/{incident}/jobs/{job}/cancellation`

        incident: an incident's id
        job: a job's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/incidents/{quote(str(incident), safe='')}/jobs/{quote(str(job), safe='')}/cancellation",
            headers={"Idempotency-Key": idempotency_key or new_key()},
        )
        return self._read(models.Job, answer)

    def report_incident(
        self,
        incident: str,
        *,
        audience: Literal["public", "regulator"] | None = None,
        names: bool | None = None,
        format_: Literal["json", "html", "txt"] | None = None,
    ) -> httpx.Response:
        """How it happened, since when, how many it hit, what was done; as HTML in the language that is
        asked for.

        `GET /v1/incidents/{incident}/report`

        incident: an incident's id
        audience: for whom
        names: for the regulator: who they are, not numbers
        """
        return self._raw(
            "GET",
            f"/v1/incidents/{quote(str(incident), safe='')}/report",
            query={"audience": audience, "names": names, "format": format_},
        )

    def list_own(self) -> models.OwnIncidents:
        """The incidents that hit you, in your language: what was wrong, what it did to you and what was
        done.

        `GET /v1/my/incidents`
        """
        answer = self._raw("GET", "/v1/my/incidents")
        return self._read(models.OwnIncidents, answer)

    def show_own(
        self, incident: str, *, format_: Literal["json", "html"] | None = None
    ) -> models.OwnIncident:
        """One of them: the report for you, as JSON or as a document to keep.

        `GET /v1/my/incidents/{incident}`

        incident: an incident's id
        format_: else what the Accept header asks for
        """
        answer = self._raw(
            "GET", f"/v1/my/incidents/{quote(str(incident), safe='')}", query={"format": format_}
        )
        return self._read(models.OwnIncident, answer)

    def ask_for_a_statement(self, body: models.Asked) -> models.StatementsAccepted:
        """Ask for a statement about an e-mail address or a handle. It goes to that address alone, and to
        nobody who cannot read its mail; a stranger gets one that says so.

        `POST /v1/statements/requests`
        """
        answer = self._raw("POST", "/v1/statements/requests", body=body)
        return self._read(models.StatementsAccepted, answer)

    def look_at_a_statement_link(self, link: str) -> models.LinkState:
        """What a link is good for; a browser gets the buttons that use it. Looking uses nothing up:
        programs that scan mail look at links, too.

        `GET /v1/statements/{link}`

        link: what the letter's link ends with
        """
        answer = self._raw("GET", f"/v1/statements/{quote(str(link), safe='')}")
        return self._read(models.LinkState, answer)

    def take_the_statement(
        self, link: str, *, format_: Literal["json", "pdf"] | None = None
    ) -> httpx.Response:
        """The statement, once. Both forms hold the same: a PDF carries the JSON within it.

        `POST /v1/statements/{link}`

        link: what the letter's link ends with
        """
        return self._raw("POST", f"/v1/statements/{quote(str(link), safe='')}", query={"format": format_})

    def dispute_by_link(
        self, link: str, body: models.StatementsObjection, *, idempotency_key: str | None = None
    ) -> models.Dispute:
        """Object to a line of your statement, without an account, for as long as its link lives.

        `POST /v1/statements/{link}/disputes`

        link: what the letter's link ends with
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/statements/{quote(str(link), safe='')}/disputes",
            headers={"Idempotency-Key": idempotency_key or new_key()},
            body=body,
        )
        return self._read(models.Dispute, answer)

    def newest_head(self) -> httpx.Response:
        """The newest head, as a signed note (C2SP tlog-checkpoint).

        `GET /v1/log/head`
        """
        return self._raw("GET", "/v1/log/head")

    def list_heads(self, *, limit: int | None = None) -> models.LogHeads:
        """The signed heads, the newest first, and the public keys that open them.

        `GET /v1/log/heads`

        limit: how many, the newest first
        """
        answer = self._raw("GET", "/v1/log/heads", query={"limit": limit})
        return self._read(models.LogHeads, answer)

    def consistency(self, *, first: int, second: int) -> models.Consistency:
        """The proof that the log of the older head is the beginning of that of the newer (RFC 9162,
        2.1.4).

        `GET /v1/log/consistency`

        first: the size of the older head
        second: the size of the newer head
        """
        answer = self._raw("GET", "/v1/log/consistency", query={"first": first, "second": second})
        return self._read(models.Consistency, answer)

    def export_disclosures(
        self,
        *,
        brand: str | None = None,
        campaign: str | None = None,
        person: str | None = None,
        as_of: datetime | None = None,
        received_from: str | None = None,
        received_to: str | None = None,
        annex: bool | None = None,
        format_: Literal["csv", "json", "xlsx", "pdf"] | None = None,
        columns: str | None = None,
        bom: bool | None = None,
        proofs: bool | None = None,
    ) -> httpx.Response:
        """Who has a material connection, by what the ledger held at an instant. The export is kept on
        record. HEAD makes no list: it only says whether there could be one.

        `GET /v1/disclosures`

        as_of: an instant; now if left out
        received_from: only what was received from this day on
        received_to: and up to this day, included (UTC)
        annex: with those who gave back what they had received
        columns: a version of the columns
        bom: begin a CSV with a byte order mark
        proofs: a JSON with a proof for each line
        """
        return self._raw(
            "GET",
            "/v1/disclosures",
            query={
                "brand": brand,
                "campaign": campaign,
                "person": person,
                "as_of": as_of,
                "received_from": received_from,
                "received_to": received_to,
                "annex": annex,
                "format": format_,
                "columns": columns,
                "bom": bom,
                "proofs": proofs,
            },
        )

    def list_changes(
        self,
        *,
        since: str,
        as_of: datetime | None = None,
        format_: Literal["text", "csv", "json"] | None = None,
    ) -> httpx.Response:
        """What changed on a list since that export, and why each line.

        `GET /v1/disclosures/changes`

        since: an export on record
        as_of: up to this instant; now if left out
        """
        return self._raw(
            "GET", "/v1/disclosures/changes", query={"since": since, "as_of": as_of, "format": format_}
        )

    def list_exports(
        self, *, brand: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> models.Exports:
        """The lists that were exported, the newest first: by whom, when, of what, and the hash of each
        file.

        `GET /v1/disclosures/exports`

        cursor: `next` of the page before; the first if left out
        limit: the most that one page holds
        """
        answer = self._raw(
            "GET", "/v1/disclosures/exports", query={"brand": brand, "cursor": cursor, "limit": limit}
        )
        return self._read(models.Exports, answer)

    def record_sighting(
        self, body: models.NewSighting, *, idempotency_key: str | None = None
    ) -> models.Sighting:
        """Keep where a disclosure was seen (compliance staff).

        `POST /v1/disclosures/sightings`

        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            "/v1/disclosures/sightings",
            headers={"Idempotency-Key": idempotency_key or new_key()},
            body=body,
        )
        return self._read(models.Sighting, answer)

    def show_instruction(self, claim: str) -> models.Instruction:
        """How you have to disclose what this claim granted, and when you acknowledged that.

        `GET /v1/claims/{claim}/instruction`

        claim: a claim's id
        """
        answer = self._raw("GET", f"/v1/claims/{quote(str(claim), safe='')}/instruction")
        return self._read(models.Instruction, answer)

    def acknowledge_instruction(
        self, claim: str, *, idempotency_key: str | None = None
    ) -> models.Instruction:
        """Say that you read how to disclose, and will. The first time counts.

        `POST /v1/claims/{claim}/acknowledgement`

        claim: a claim's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/claims/{quote(str(claim), safe='')}/acknowledgement",
            headers={"Idempotency-Key": idempotency_key or new_key()},
        )
        return self._read(models.Instruction, answer)

    def report_post(
        self, claim: str, body: models.NewPost, *, idempotency_key: str | None = None
    ) -> models.Sighting:
        """Say where you disclosed: the address of a post.

        `POST /v1/claims/{claim}/posts`

        claim: a claim's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/claims/{quote(str(claim), safe='')}/posts",
            headers={"Idempotency-Key": idempotency_key or new_key()},
            body=body,
        )
        return self._read(models.Sighting, answer)

    def my_posts(self, claim: str) -> models.OwnPosts:
        """My own posts for a claim, and what was seen of them.

        `GET /v1/claims/{claim}/posts`

        claim: a claim's id
        """
        answer = self._raw("GET", f"/v1/claims/{quote(str(claim), safe='')}/posts")
        return self._read(models.OwnPosts, answer)

    def list_duties(
        self,
        *,
        brand: str | None = None,
        campaign: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.Duties:
        """Who received something and has shown no post yet. It is no breach: nobody has to post.

        `GET /v1/disclosures/due`

        cursor: `next` of the page before; the first if left out
        limit: the most that one page holds
        """
        answer = self._raw(
            "GET",
            "/v1/disclosures/due",
            query={"brand": brand, "campaign": campaign, "cursor": cursor, "limit": limit},
        )
        return self._read(models.Duties, answer)

    def my_feedback(self, claim: str) -> Tagged[models.Feedback]:
        """What I said so far, and whether I can say more.

        `GET /v1/claims/{claim}/feedback`

        claim: a claim's id
        """
        answer = self._raw("GET", f"/v1/claims/{quote(str(claim), safe='')}/feedback")
        return Tagged(self._read(models.Feedback, answer), answer.headers["ETag"])

    def say_what_i_think(
        self, claim: str, body: models.Answer, *, if_match: str | None = None
    ) -> Tagged[models.Feedback]:
        """Answer, or change it: the whole answer as it is to be. Nothing depends on what it says.

        `PUT /v1/claims/{claim}/feedback`

        claim: a claim's id
        if_match: the ETag of what you saw: where it was changed since, nothing is done (412)
        """
        answer = self._raw(
            "PUT",
            f"/v1/claims/{quote(str(claim), safe='')}/feedback",
            headers={"If-Match": if_match},
            body=body,
        )
        return Tagged(self._read(models.Feedback, answer), answer.headers["ETag"])

    def take_my_feedback_back(self, claim: str, *, if_match: str | None = None) -> Tagged[models.Feedback]:
        """Take back all that I said, the pictures as well; always possible.

        `DELETE /v1/claims/{claim}/feedback`

        claim: a claim's id
        if_match: the ETag of what you saw: where it was changed since, nothing is done (412)
        """
        answer = self._raw(
            "DELETE", f"/v1/claims/{quote(str(claim), safe='')}/feedback", headers={"If-Match": if_match}
        )
        return Tagged(self._read(models.Feedback, answer), answer.headers["ETag"])

    def give_a_picture(
        self, claim: str, content: bytes, content_type: str = "application/octet-stream"
    ) -> models.GivenPicture:
        """Add a picture: a JPEG, PNG or WebP, judged by its bytes. It is encoded anew; where and when it
        was taken is removed. The same one again is the same picture.

        `POST /v1/claims/{claim}/feedback/pictures`

        claim: a claim's id
        """
        answer = self._raw(
            "POST",
            f"/v1/claims/{quote(str(claim), safe='')}/feedback/pictures",
            content=content,
            content_type=content_type,
        )
        return self._read(models.GivenPicture, answer)

    def take_my_picture(self, claim: str, picture: str) -> httpx.Response:
        """A picture that I gave, as it was kept.

        `GET /v1/claims/{claim}/feedback/pictures/{picture}`

        claim: a claim's id
        picture: a picture's id
        """
        return self._raw(
            "GET", f"/v1/claims/{quote(str(claim), safe='')}/feedback/pictures/{quote(str(picture), safe='')}"
        )

    def remove_my_picture(self, claim: str, picture: str) -> None:
        """Take a picture back: its bytes are deleted.

        `DELETE /v1/claims/{claim}/feedback/pictures/{picture}`

        claim: a claim's id
        picture: a picture's id
        """
        self._raw(
            "DELETE",
            f"/v1/claims/{quote(str(claim), safe='')}/feedback/pictures/{quote(str(picture), safe='')}",
        )

    def take_picture(self, picture: str) -> httpx.Response:
        """A picture of feedback or of a post, for whom it is of and for staff of the brand.

        `GET /v1/pictures/{picture}`

        picture: a picture's id
        """
        return self._raw("GET", f"/v1/pictures/{quote(str(picture), safe='')}")

    def export_feedback(
        self, campaign: str, *, brand: str | None = None, format_: Literal["csv", "json"] | None = None
    ) -> httpx.Response:
        """All that recipients said, whole: low ratings, cleared ones and what was taken back, each marked
        so.

        `GET /v1/campaigns/{campaign}/feedback`

        campaign: a campaign's name
        """
        return self._raw(
            "GET",
            f"/v1/campaigns/{quote(str(campaign), safe='')}/feedback",
            query={"brand": brand, "format": format_},
        )

    def look_at_a_feedback_link(self, link: str) -> models.Feedback:
        """What is asked, and what I said so far. Looking changes nothing: programs that scan mail look,
        too.

        `GET /v1/feedback-links/{link}`

        link: what the letter's link ends with
        """
        answer = self._raw("GET", f"/v1/feedback-links/{quote(str(link), safe='')}")
        return self._read(models.Feedback, answer)

    def answer_by_link(self, link: str, body: models.Answer) -> models.Feedback:
        """Answer, or change it: the whole answer as it is to be.

        `POST /v1/feedback-links/{link}`

        link: what the letter's link ends with
        """
        answer = self._raw("POST", f"/v1/feedback-links/{quote(str(link), safe='')}", body=body)
        return self._read(models.Feedback, answer)

    def give_a_picture_by_link(
        self, link: str, content: bytes, content_type: str = "application/octet-stream"
    ) -> models.Feedback:
        """Add a picture, as bytes or as the field `picture` of a form.

        `POST /v1/feedback-links/{link}/pictures`

        link: what the letter's link ends with
        """
        answer = self._raw(
            "POST",
            f"/v1/feedback-links/{quote(str(link), safe='')}/pictures",
            content=content,
            content_type=content_type,
        )
        return self._read(models.Feedback, answer)

    def take_a_picture_by_link(self, link: str, picture: str) -> httpx.Response:
        """A picture that I gave, as it was kept.

        `GET /v1/feedback-links/{link}/pictures/{picture}`

        link: what the letter's link ends with
        picture: a picture's id
        """
        return self._raw(
            "GET", f"/v1/feedback-links/{quote(str(link), safe='')}/pictures/{quote(str(picture), safe='')}"
        )

    def remove_a_picture_by_link(self, link: str, picture: str) -> models.Feedback:
        """Take a picture back: its bytes are deleted.

        `POST /v1/feedback-links/{link}/pictures/{picture}/removal`

        link: what the letter's link ends with
        picture: a picture's id
        """
        answer = self._raw(
            "POST",
            f"/v1/feedback-links/{quote(str(link), safe='')}/pictures/{quote(str(picture), safe='')}/removal",
        )
        return self._read(models.Feedback, answer)

    def take_back_by_link(self, link: str) -> models.Feedback:
        """Take back all that I said, the pictures as well; always possible.

        `POST /v1/feedback-links/{link}/withdrawal`

        link: what the letter's link ends with
        """
        answer = self._raw("POST", f"/v1/feedback-links/{quote(str(link), safe='')}/withdrawal")
        return self._read(models.Feedback, answer)

    def stop_asking_by_link(self, link: str) -> models.Feedback:
        """Never be asked for feedback again: effective at once.

        `POST /v1/feedback-links/{link}/stop`

        link: what the letter's link ends with
        """
        answer = self._raw("POST", f"/v1/feedback-links/{quote(str(link), safe='')}/stop")
        return self._read(models.Feedback, answer)

    def list_posts(
        self,
        *,
        brand: str | None = None,
        campaign: str | None = None,
        state: Literal["waiting", "pass", "fail", "unclear"] | None = None,
        cursor: int | None = None,
        limit: int | None = None,
    ) -> models.Posts:
        """Posts, in the order in which they became known (the brand's managers and compliance staff).

        `GET /v1/posts`

        state: `waiting` for those to look at
        cursor: `next` of the page before
        limit: the most that one page holds
        """
        answer = self._raw(
            "GET",
            "/v1/posts",
            query={"brand": brand, "campaign": campaign, "state": state, "cursor": cursor, "limit": limit},
        )
        return self._read(models.Posts, answer)

    def show_post(self, post: int) -> Tagged[models.PostInFull]:
        """One post, with every judgement of it and the screenshots of the claim.

        `GET /v1/posts/{post}`

        post: a post's number
        """
        answer = self._raw("GET", f"/v1/posts/{quote(str(post), safe='')}")
        return Tagged(self._read(models.PostInFull, answer), answer.headers["ETag"])

    def give_a_screenshot(
        self, post: int, content: bytes, content_type: str = "application/octet-stream"
    ) -> models.GivenPicture:
        """Add a screenshot: a JPEG, PNG or WebP. The same one again is the same picture.

        `POST /v1/posts/{post}/pictures`

        post: a post's number
        """
        answer = self._raw(
            "POST",
            f"/v1/posts/{quote(str(post), safe='')}/pictures",
            content=content,
            content_type=content_type,
        )
        return self._read(models.GivenPicture, answer)

    def judge_post(
        self,
        post: int,
        body: models.NewJudgement,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> models.JudgedOutput:
        """Say what you saw: whether the disclosure is clear and conspicuous, and where it fails. Who has
        the item is asked to mend a failing one. What the post says of the product is no matter of this.

        `POST /v1/posts/{post}/judgements`

        post: a post's number
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        if_match: the ETag of what you saw: where it was changed since, nothing is done (412)
        """
        answer = self._raw(
            "POST",
            f"/v1/posts/{quote(str(post), safe='')}/judgements",
            headers={"Idempotency-Key": idempotency_key or new_key(), "If-Match": if_match},
            body=body,
        )
        return self._read(models.JudgedOutput, answer)

    def export_tax_values(
        self,
        year: int,
        *,
        brand: str | None = None,
        as_of: datetime | None = None,
        format_: Literal["csv", "json"] | None = None,
    ) -> httpx.Response:
        """What each person received in a calendar year, by brand and in all, beside the reporting
        threshold.

        `GET /v1/tax/{year}`

        as_of: an instant; now if left out
        """
        return self._raw(
            "GET",
            f"/v1/tax/{quote(str(year), safe='')}",
            query={"brand": brand, "as_of": as_of, "format": format_},
        )

    def ask_for_promotion(
        self, body: models.NewPromotion, *, idempotency_key: str | None = None
    ) -> models.DecidedPromotion:
        """Whether a recipient may be promoted on a channel by a publisher. A yes has the words to show.

        `POST /v1/promotions`

        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST", "/v1/promotions", headers={"Idempotency-Key": idempotency_key or new_key()}, body=body
        )
        return self._read(models.DecidedPromotion, answer)

    def list_promotions(
        self,
        *,
        brand: str | None = None,
        campaign: str | None = None,
        claim: str | None = None,
        publisher: str | None = None,
        state: Literal["queued", "published", "cancelled", "retracted", "taken_down"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> models.Promotions:
        """Promotions of your brands. `state=retracted` are those that somebody has to take down.

        `GET /v1/promotions`

        cursor: `next` of the page before; the first if left out
        limit: the most that one page holds
        """
        answer = self._raw(
            "GET",
            "/v1/promotions",
            query={
                "brand": brand,
                "campaign": campaign,
                "claim": claim,
                "publisher": publisher,
                "state": state,
                "cursor": cursor,
                "limit": limit,
            },
        )
        return self._read(models.Promotions, answer)

    def show_promotion(self, promotion: str) -> models.PromotionStory:
        """One of them: what became of it and why, and who was told what, when.

        `GET /v1/promotions/{promotion}`

        promotion: a promotion's id
        """
        answer = self._raw("GET", f"/v1/promotions/{quote(str(promotion), safe='')}")
        return self._read(models.PromotionStory, answer)

    def read_words(self, promotion: str) -> models.PromotionsWords:
        """The words to show, while they may be shown. Whoever reads them is on record as told.

        `GET /v1/promotions/{promotion}/text`

        promotion: a promotion's id
        """
        answer = self._raw("GET", f"/v1/promotions/{quote(str(promotion), safe='')}/text")
        return self._read(models.PromotionsWords, answer)

    def record_publication(
        self, promotion: str, body: models.Publication, *, idempotency_key: str | None = None
    ) -> models.Acted:
        """It is out. Refused where it may not be any more: then it has to be taken down at once.

        `POST /v1/promotions/{promotion}/publication`

        promotion: a promotion's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/promotions/{quote(str(promotion), safe='')}/publication",
            headers={"Idempotency-Key": idempotency_key or new_key()},
            body=body,
        )
        return self._read(models.Acted, answer)

    def record_takedown(self, promotion: str, *, idempotency_key: str | None = None) -> models.Acted:
        """What was retracted is taken down.

        `POST /v1/promotions/{promotion}/takedown`

        promotion: a promotion's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/promotions/{quote(str(promotion), safe='')}/takedown",
            headers={"Idempotency-Key": idempotency_key or new_key()},
        )
        return self._read(models.Acted, answer)

    def retract_promotion(
        self, promotion: str, *, idempotency_key: str | None = None
    ) -> models.PromotionStory:
        """Take it back by your own wish (the brand, or compliance staff).

        `POST /v1/promotions/{promotion}/retraction`

        promotion: a promotion's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/promotions/{quote(str(promotion), safe='')}/retraction",
            headers={"Idempotency-Key": idempotency_key or new_key()},
        )
        return self._read(models.PromotionStory, answer)

    def my_promotions(self, *, cursor: str | None = None, limit: int | None = None) -> models.OwnPromotions:
        """What is or was shown of me, where, and who was told. Withdrawing my consent takes it back at
        once.

        `GET /v1/my/promotions`

        cursor: `next` of the page before; the first if left out
        limit: the most that one page holds
        """
        answer = self._raw("GET", "/v1/my/promotions", query={"cursor": cursor, "limit": limit})
        return self._read(models.OwnPromotions, answer)

    def add_webhook(
        self, body: models.NewWebhook, *, idempotency_key: str | None = None
    ) -> models.WebhookWithSecret:
        """Tell this address of events from now on. The answer has the secret that signs them: once.

        `POST /v1/webhooks`

        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST", "/v1/webhooks", headers={"Idempotency-Key": idempotency_key or new_key()}, body=body
        )
        return self._read(models.WebhookWithSecret, answer)

    def list_webhooks(
        self, *, brand: str | None = None, cursor: str | None = None, limit: int | None = None
    ) -> models.Webhooks:
        """The webhooks of the brands that your token reaches.

        `GET /v1/webhooks`

        cursor: `next` of the page before; the first if left out
        limit: the most that one page holds
        """
        answer = self._raw("GET", "/v1/webhooks", query={"brand": brand, "cursor": cursor, "limit": limit})
        return self._read(models.Webhooks, answer)

    def show_webhook(self, webhook: str) -> Tagged[models.Webhook]:
        """One webhook, and until when older secrets of it sign along.

        `GET /v1/webhooks/{webhook}`

        webhook: a webhook's id
        """
        answer = self._raw("GET", f"/v1/webhooks/{quote(str(webhook), safe='')}")
        return Tagged(self._read(models.Webhook, answer), answer.headers["ETag"])

    def remove_webhook(self, webhook: str, *, if_match: str | None = None) -> models.Removed:
        """Remove it for good, with its secrets; its log stays.

        `DELETE /v1/webhooks/{webhook}`

        webhook: a webhook's id
        if_match: the ETag of what you saw: where it was changed since, nothing is done (412)
        """
        answer = self._raw(
            "DELETE", f"/v1/webhooks/{quote(str(webhook), safe='')}", headers={"If-Match": if_match}
        )
        return self._read(models.Removed, answer)

    def rotate_secret(
        self,
        webhook: str,
        body: models.Rotation,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> Tagged[models.WebhookWithSecret]:
        """A new secret, shown once. Until the older ones end, each event is signed by all of them.

        `POST /v1/webhooks/{webhook}/secret`

        webhook: a webhook's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        if_match: the ETag of what you saw: where it was changed since, nothing is done (412)
        """
        answer = self._raw(
            "POST",
            f"/v1/webhooks/{quote(str(webhook), safe='')}/secret",
            headers={"Idempotency-Key": idempotency_key or new_key(), "If-Match": if_match},
            body=body,
        )
        return Tagged(self._read(models.WebhookWithSecret, answer), answer.headers["ETag"])

    def switch_webhook(
        self, webhook: str, body: models.Switch, *, if_match: str | None = None
    ) -> Tagged[models.Webhook]:
        """Disable it, or enable it again; what happened while it was disabled comes by a replay.

        `PUT /v1/webhooks/{webhook}/enabled`

        webhook: a webhook's id
        if_match: the ETag of what you saw: where it was changed since, nothing is done (412)
        """
        answer = self._raw(
            "PUT",
            f"/v1/webhooks/{quote(str(webhook), safe='')}/enabled",
            headers={"If-Match": if_match},
            body=body,
        )
        return Tagged(self._read(models.Webhook, answer), answer.headers["ETag"])

    def list_deliveries(
        self,
        webhook: str,
        *,
        state: Literal["queued", "delivered", "dead", "cancelled"] | None = None,
        cursor: int | None = None,
        limit: int | None = None,
    ) -> models.Deliveries:
        """What it was told, the newest first, and what came of it.

        `GET /v1/webhooks/{webhook}/deliveries`

        webhook: a webhook's id
        cursor: `next` of the page before
        limit: the most that one page holds
        """
        answer = self._raw(
            "GET",
            f"/v1/webhooks/{quote(str(webhook), safe='')}/deliveries",
            query={"state": state, "cursor": cursor, "limit": limit},
        )
        return self._read(models.Deliveries, answer)

    def replay_events(
        self, webhook: str, body: models.Replay, *, idempotency_key: str | None = None
    ) -> models.Replayed:
        """Send events once more, under the ids that they had: a receiver can tell that it knows them.

        `POST /v1/webhooks/{webhook}/replay`

        webhook: a webhook's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST",
            f"/v1/webhooks/{quote(str(webhook), safe='')}/replay",
            headers={"Idempotency-Key": idempotency_key or new_key()},
            body=body,
        )
        return self._read(models.Replayed, answer)

    def who_am_i(self) -> models.Identity:
        """Who the credential of this request stands for, and what it may do.

        `GET /v1/identity`
        """
        answer = self._raw("GET", "/v1/identity")
        return self._read(models.Identity, answer)

    def issue_token(
        self, body: models.NewTokenBody, *, idempotency_key: str | None = None
    ) -> models.ApiTokenWithSecret:
        """Make a token that may do no more than you may. The answer has its secret: once.

        `POST /v1/tokens`

        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        """
        answer = self._raw(
            "POST", "/v1/tokens", headers={"Idempotency-Key": idempotency_key or new_key()}, body=body
        )
        return self._read(models.ApiTokenWithSecret, answer)

    def list_tokens(self, *, cursor: str | None = None, limit: int | None = None) -> models.ApiTokens:
        """All tokens without their secrets, the oldest first.

        `GET /v1/tokens`

        cursor: `next` of the page before; the first if left out
        limit: the most that one page holds
        """
        answer = self._raw("GET", "/v1/tokens", query={"cursor": cursor, "limit": limit})
        return self._read(models.ApiTokens, answer)

    def show_token(self, token: str) -> Tagged[models.ApiToken]:
        """One token without its secrets. Every bearer can look at the token that they bear.

        `GET /v1/tokens/{token}`

        token: a token's id
        """
        answer = self._raw("GET", f"/v1/tokens/{quote(str(token), safe='')}")
        return Tagged(self._read(models.ApiToken, answer), answer.headers["ETag"])

    def revoke_token(self, token: str) -> None:
        """End it at once, with all of its secrets. Every bearer can end the token that they bear.

        `DELETE /v1/tokens/{token}`

        token: a token's id
        """
        self._raw("DELETE", f"/v1/tokens/{quote(str(token), safe='')}")

    def rotate_token(
        self,
        token: str,
        body: models.TokenRotation,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> Tagged[models.ApiTokenWithSecret]:
        """A new secret, shown once. The one before works along for a while, so that services can change
        over. Every bearer can rotate the token that they bear.

        `POST /v1/tokens/{token}/secret`

        token: a token's id
        idempotency_key: chosen by the caller, new for each request; the same key gives the same answer
            again
        if_match: the ETag of what you saw: where it was changed since, nothing is done (412)
        """
        answer = self._raw(
            "POST",
            f"/v1/tokens/{quote(str(token), safe='')}/secret",
            headers={"Idempotency-Key": idempotency_key or new_key(), "If-Match": if_match},
            body=body,
        )
        return Tagged(self._read(models.ApiTokenWithSecret, answer), answer.headers["ETag"])

    def sign_in_page(self) -> httpx.Response:
        """A page to ask for a link.

        `GET /v1/sign-in`
        """
        return self._raw("GET", "/v1/sign-in")

    def ask_for_a_link(self, content: bytes, content_type: str = "application/json") -> models.SignInAccepted:
        """Ask for a link that signs this browser in. The answer is the same whether or not anybody is
        known under the address; it sets a cookie, without which the link is of no use.

        `POST /v1/sign-in`
        """
        answer = self._raw("POST", "/v1/sign-in", content=content, content_type=content_type)
        return self._read(models.SignInAccepted, answer)

    def look_at_a_sign_in_link(self, link: str) -> models.SignInLink:
        """What a link is good for; a browser gets the button that uses it. Looking signs nobody in:
        programs that scan mail look at links, too.

        `GET /v1/sign-in/links/{link}`

        link: what the letter's link ends with
        """
        answer = self._raw("GET", f"/v1/sign-in/links/{quote(str(link), safe='')}")
        return self._read(models.SignInLink, answer)

    def sign_in(self, link: str) -> models.SignedIn:
        """Sign this browser in, if it is the one that asked; once. The answer sets the session's cookie.

        `POST /v1/sign-in/links/{link}`

        link: what the letter's link ends with
        """
        answer = self._raw("POST", f"/v1/sign-in/links/{quote(str(link), safe='')}")
        return self._read(models.SignedIn, answer)

    def my_session(self) -> models.SignedIn:
        """The session of this browser, and what its writes have to bring in the header X-CSRF-Token.

        `GET /v1/session`
        """
        answer = self._raw("GET", "/v1/session")
        return self._read(models.SignedIn, answer)

    def sign_out(self, *, everywhere: bool | None = None) -> models.Ended:
        """Sign this browser out, or every one of mine. The session ends here, not only in the browser.

        `DELETE /v1/session`

        everywhere: in every browser
        """
        answer = self._raw("DELETE", "/v1/session", query={"everywhere": everywhere})
        return self._read(models.Ended, answer)

    def go_to_a_provider(self, provider: str) -> httpx.Response:
        """Send the browser to the provider; what comes back is taken only from this browser.

        `GET /v1/sign-in/with/{provider}`

        provider: a provider's name
        """
        return self._raw("GET", f"/v1/sign-in/with/{quote(str(provider), safe='')}")

    def come_back(
        self, provider: str, *, state: str | None = None, code: str | None = None, iss: str | None = None
    ) -> models.SignedIn:
        """Where the provider sends the browser: with a code that becomes a session, once.

        `GET /v1/sign-in/back/{provider}`

        provider: a provider's name
        """
        answer = self._raw(
            "GET",
            f"/v1/sign-in/back/{quote(str(provider), safe='')}",
            query={"state": state, "code": code, "iss": iss},
        )
        return self._read(models.SignedIn, answer)

    def told_of_a_logout(self, provider: str, form: Mapping[str, str]) -> models.Ended:
        """Where a provider tells that somebody signed out there (OpenID Connect Back-Channel Logout 1.0):
        their sessions here end. Its token has to hold like an ID token; 422 says why it does not.

        `POST /v1/sign-in/logout/{provider}`

        provider: a provider's name
        """
        answer = self._raw("POST", f"/v1/sign-in/logout/{quote(str(provider), safe='')}", form=form)
        return self._read(models.Ended, answer)

    def list_problems(self) -> httpx.Response:
        """All problems there are, as JSON or as a page.

        `GET /problems`
        """
        return self._raw("GET", "/problems")

    def show_problem(self, code: str) -> httpx.Response:
        """What a problem means and what would mend it, as JSON or as a page.

        `GET /problems/{code}`
        """
        return self._raw("GET", f"/problems/{quote(str(code), safe='')}")

    def health(self) -> dict[str, str]:
        """The process answers.

        `GET /healthz`
        """
        answer = self._raw("GET", "/healthz")
        return self._read(dict[str, str], answer)

    def readiness(self) -> httpx.Response:
        """Whether requests can be served: the database answers, has the schema that this engine needs,
        and room. Where they can, and something else does not get on (the log is not sealed, letters are
        not sent), it is `degraded` and says what: no reason to send requests elsewhere.

        `GET /readyz`
        """
        return self._raw("GET", "/readyz")
