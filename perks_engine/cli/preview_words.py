"""A preview in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perks_engine.cli.campaign_status import guard_lines, moment_in_words
from perks_engine.cli.map_words import LEGEND, map_lines
from perks_engine.cli.output import say, table
from perks_engine.services.views import counted

WIDEST_BAR = 40
_COUNTED = ("people", "would_be_eligible")


def show_preview(data: Mapping[str, Any]) -> None:
    crowd = f"{data['people']:,} {'person' if data['people'] == 1 else 'people'}"
    say(f"{data['campaign']}, version {data['version'][:12]}, over {crowd}")
    say(f"previewed {moment_in_words(data['previewed_at'])} by {data['previewed_by']}\n")
    share = max(data["people"], 1)
    for verdict in ("eligible", "ineligible", "unknown"):
        stock = f"   for {counted(data['stock'], 'unit')}" if verdict == "eligible" else ""
        say(f"  {verdict:<11}{data[verdict]:>10,}  {data[verdict] / share:>6.1%}{stock}")
    say(f"  near an edge {data['near_edge']:>9,}   their location could be on either side\n")
    if not data["people"]:
        say("There is nobody to look at; name a file of people with --people, or import some.")
        return
    say("What each condition takes away")
    columns = ("condition", "not met", "unknown", "stops alone", "left after it")
    numbers = ("not_met", "unknown", "stops_alone", "left")
    rows = [[step["required"], *(f"{step[one]:,}" for one in numbers)] for step in data["funnel"]]
    table(columns, rows, numbers=range(1, 5))
    if data["missing"]:
        say("\nWhat is not known of those who are unknown")
        columns = ("condition", "evidence", "people", "eligible if it were met")
        rows = [
            [one["required"], one["code"].replace("_", " "), *(f"{one[name]:,}" for name in _COUNTED)]
            for one in data["missing"]
        ]
        table(columns, rows, numbers=range(2, 4))
    if data["histogram"]:
        _show_bars(data["histogram"])
    if data["maps"]:
        _show_map(data["maps"][0])
    if data["piles"]:
        say("\nPeople on one and the same point, which is seldom where they are")
        rows = [
            [f"{one['lat']}, {one['lon']}", f"{one['people']:,}", f"{one['eligible']:,}"]
            for one in data["piles"]
        ]
        table(("point", "people", "eligible"), rows, numbers=range(1, 3))
    if data["guards"]:
        say("\nWhat its guards would find if everybody who is eligible claimed")
        for line in guard_lines(data["guards"]):
            say(line)
    say("\nSome of them")
    titles = {step["required"]: step["title"] for step in data["funnel"]}
    for one in data["sample"]:
        in_the_way = ((titles[what], code.replace("_", " ")) for what, code in one["in_the_way"].items())
        stands = "; ".join(f"{title}: {code}" for title, code in in_the_way)
        say(f"  {one['verdict']:<11}{one['id']}{'   ' + stands if stands else ''}")


def _show_bars(histogram: Mapping[str, Any]) -> None:
    say(f"\nHow many have which {histogram['title']} (█ eligible, ░ others, │ the band asked for)")
    low, high = histogram["band"]
    most = max((bar["people"] for bar in histogram["bars"]), default=0) or 1
    for bar in histogram["bars"]:
        inside = (low is None or bar["high"] > low) and (high is None or bar["low"] < high)
        full = round(bar["people"] / most * WIDEST_BAR)
        good = min(full, round(bar["eligible"] / most * WIDEST_BAR))
        drawn = "█" * good + "░" * (full - good)
        say(f"  {bar['low']:>12,.10g} {'│' if inside else ' '} {drawn:<{WIDEST_BAR}} {bar['people']:,}")


def _show_map(people_map: Mapping[str, Any]) -> None:
    box = people_map["box"]
    say(f"\nWhere they are: {people_map['title']}")
    for line in map_lines(people_map):
        say(f"  {line}")
    say(f"  {LEGEND}")
    corners = ((box["south"], box["west"]), (box["north"], box["east"]))
    south_west, north_east = (f"{lat:.2f}, {lon:.2f}" for lat, lon in corners)
    say(f"  from {south_west} in the south-west to {north_east} in the north-east")
