"""What errors say on pages, in the reader's language: by the code, or by the phrase that the error has. What
stands in neither is told in English, and said to be so."""

from __future__ import annotations

from collections.abc import Mapping

from perks_engine.domain.phrase import Phrase, phrase, said
from perks_engine.services.errors import ServiceError

_SAID: Mapping[str, str] = {
    "campaign.empty_preview": said(
        "A guard compares with the preview, and the latest one found nobody to compare with. Make another."
    ),
    "campaign.examples_fail": said("Some of its examples fail. Mend the rule, or the examples."),
    "campaign.no_examples": said("It has no examples. Add some to the file, and save it."),
    "campaign.no_preview": said("Nobody has seen whom this version would reach. Make a preview first."),
    "campaign.not_approved": said("No second person has approved this version yet."),
    "claim.refused": said("This claim was refused, so there is nothing more to do about it."),
    "consent.no_mailbox": said("There is no e-mail address on record to which a link could be sent."),
    "disclosure.not_instructed": said("Nobody has told you yet how to disclose this."),
    "disclosure.url": said("This is no address of a post. It begins with https://"),
    "dispute.files": said("A dispute has no room for more files."),
    "dispute.no_line": said("Nothing is recorded as received by you here, so there is nothing to object to."),
    "dispute.open_already": said("You object to this already, and it is being looked at."),
    "dispute.settled": said("It is settled already. What is new needs a new dispute."),
    "edition.stale": said("It was changed since you opened this page; nothing was saved. Look at it now."),
    "feedback.disputed": said("You object to the record that you received it, and that is not settled yet."),
    "feedback.no_consent": said("You did not agree to be asked, or you do not any more."),
    "feedback.not_received": said("The record does not show that you have it."),
    "feedback.text": said("That is too long. Say it in fewer words."),
    "feedback.too_often": said("It was changed as often as may be."),
    "file.altered": said("The file is not what was given, so it is not shown."),
    "file.empty": said("Choose a file first; an empty one shows nothing."),
    "file.kind": said("Only a PDF, a PNG or JPEG picture, or plain text can be taken."),
    "file.lost": said("The file is not in the store of files any more."),
    "file.too_large": said("The file is too large. Send a smaller one."),
    "fulfillment.moved": said("It was moved by somebody else meanwhile. Look again."),
    "fulfillment.nothing_to_deny": said("Nobody says that you received it, so there is nothing to deny."),
    "fulfillment.order": said("Something newer is on record meanwhile. Look again."),
    "fulfillment.parts": said("These parts cannot be recorded: look again which of them there are."),
    "idempotency.conflict": said("This page was used for something else already. Load it anew."),
    "link.no_key": said("Nothing can be confirmed by a letter here at the moment. Ask again later."),
    "picture.altered": said("The picture is not what was kept, so it is not shown."),
    "picture.broken": said("The picture is damaged or cut off. Save it anew and give that."),
    "picture.busy": said("Too many pictures are being looked at. Give it again in a moment."),
    "picture.empty": said("Choose a picture first."),
    "picture.kind": said("It is no JPEG, PNG or WebP picture. Save it as one of these."),
    "picture.lost": said("The picture is not in the store any more."),
    "picture.pixels": said("The picture has too many pixels. Make it smaller."),
    "picture.polyglot": said("It is something else as well as a picture. Save it anew and give that."),
    "picture.store": said("Pictures cannot be kept at the moment. Nothing is lost: give it again soon."),
    "picture.too_large": said("The picture is too large. Make it smaller."),
    "picture.too_many": said("There are as many pictures as may be. Remove one first."),
    "record.handle_taken": said("This handle belongs to somebody else."),
    "record.held": said("A legal hold is on your record, so that nothing of it may be erased now."),
    "statement.busy": said("Too many requests wait to be sent. Ask again in an hour."),
}
_OF_FIELDS: Mapping[str, str] = {
    "name": said("Name: at most 200 characters, and not none."),
    "handle": said("Handle: letters, digits and . _ @ + - without spaces."),
    "email": said("E-mail address: such as ana@mail.example."),
    "speaks": said("Language: one of those in the list."),
    "time_zone": said("Time zone: such as America/New_York, or nothing."),
}


def told(error: ServiceError) -> Phrase | str:
    """What people read: the words for them, where the phrase is for whoever uses the API as well."""
    words = _SAID.get(error.code)
    return phrase(words) if words else error.said


def told_to_staff(error: ServiceError) -> Phrase | str:
    """Staff are told as closely as it can be said."""
    return error.phrase or told(error)


def told_of_fields(problems: tuple[str, ...]) -> list[Phrase | str]:
    """Of a correction: each begins with the name of its field."""
    found = ((one, _OF_FIELDS.get(one.partition(":")[0])) for one in problems)
    return [phrase(words) if words else one for one, words in found]
