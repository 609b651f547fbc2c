"""`perks posts …`: those that wait, and what was seen of them."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.cli.command_line import Desk
from tests.cli.command_line import plain as plain_text
from tests.pictures import plain


def test_a_post_is_looked_at_and_judged_with_a_screenshot(phone_desk: Desk) -> None:
    desk = phone_desk
    claim = desk.granted(desk.person("ana"))
    now = datetime.now(UTC).isoformat()
    desk.well(
        "fulfillment", "record", desk.records(*(f"{claim},{move},{now},T" for move in ("ship", "deliver")))
    )
    assert desk.well("posts", "list").out == "no post is waiting\n"
    desk.well("disclosures", "seen", claim, "https://example.com/p/1")
    [waiting] = desk.json("posts", "list")["posts"]
    number = str(waiting["post"])

    told = desk.perks("posts", "judge", number, "--outcome", "fail")
    assert (told.code, "say where a failing disclosure fails: one or more of absent" in told.err) == (2, True)
    shot = desk.folder / "shot.png"
    shot.write_bytes(b"<svg/>")
    judged = ("posts", "judge", number, "--outcome", "fail", "--failure", "bio_only", "--picture", shot)
    told = desk.perks(*judged)
    assert (told.code, "it is no JPEG, PNG or WebP" in told.err) == (2, True)
    shot.write_bytes(plain("PNG"))
    told = desk.well(*judged, "--note", "only in the profile", "--by", "mara")
    assert told.out.startswith(f"post {number}: fail, on record as jdg_")
    assert told.out.endswith("; the person is asked to mend it\n")

    assert desk.well("posts", "list").out == "no post is waiting\n"
    assert "https://example.com/p/1" in desk.well("posts", "list", "--state", "fail").out
    told = desk.perks("posts", "show", "9" * 30)
    assert (told.code, "9007199254740992" in plain_text(told.err)) == (2, True)
    lines = desk.well("posts", "show", number).lines
    assert lines[0].endswith(", fail: https://example.com/p/1")
    assert lines[1].endswith("fail by mara: it stands in the profile only")
    assert lines[2] == "    noted: only in the profile"
    assert lines[3].startswith("    picture pic_")
    assert lines[4].startswith("  fix: asked 20")
    assert "there is no post 99" in desk.perks("posts", "show", "99").err
