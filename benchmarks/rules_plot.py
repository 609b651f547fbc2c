"""Draws `docs/rules-benchmark.svg` from `benchmarks/results/rules.json`."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt

HERE = Path(__file__).parent
OURS = ("compiled", "explained", "in words")


def main() -> None:
    mpl.rcParams["svg.hashsalt"] = "rules"
    found = json.loads((HERE / "results" / "rules.json").read_text(encoding="utf-8"))
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    rates = {name: rate for name, rate in found["one_person"]["rates"].items() if name != "row"}
    rates = dict(sorted(rates.items(), key=lambda item: item[1]))
    colours = ["#1f6feb" if name in OURS else "#9aa4b2" for name in rates]
    bars = left.barh(list(rates), list(rates.values()), color=colours)
    left.bar_label(bars, [f"{rate:,.0f}" for rate in rates.values()], padding=3, fontsize=8)
    left.set(xscale="log", xlabel="decisions per second", title="One person, one rule of six conditions")
    left.margins(x=0.25)
    sizes = sorted(map(int, found["population"]))
    titles = (("duckdb", "DuckDB SQL by hand"), ("polars", "Polars by hand"), ("ours", "population"))
    for (way, title), colour in zip(titles, ("#9aa4b2", "#d29922", "#1f6feb"), strict=True):
        seconds = [found["population"][str(size)][way]["seconds"] for size in sizes]
        right.plot(sizes, seconds, marker="o", label=title, color=colour)
    right.set(xscale="log", yscale="log", xlabel="people", ylabel="seconds", title="A population in Parquet")
    right.legend(frameon=False)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(HERE.parent / "docs" / "rules-benchmark.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
