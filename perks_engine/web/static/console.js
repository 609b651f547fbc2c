// The editor of campaign files: numbers beside the lines, a mark at those with a fault, and a way there.
"use strict";

(() => {
  const source = document.getElementById("source");
  const lines = document.getElementById("lines");
  const check = document.getElementById("check");
  if (!source || !lines || !check) return;

  const number = () => {
    const faulty = new Set([...check.querySelectorAll("[data-line]")].map((one) => one.dataset.line));
    const count = source.value.split("\n").length;
    const shown = document.createDocumentFragment();
    for (let line = 1; line <= count; line += 1) {
      const span = document.createElement("span");
      span.textContent = `${line}\n`;
      if (faulty.has(String(line))) span.className = "fault";
      shown.append(span);
    }
    lines.replaceChildren(shown);
    source.rows = Math.max(24, count + 1);
  };

  check.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#line-']");
    if (!link) return;
    event.preventDefault();
    const wanted = Number(link.getAttribute("href").slice("#line-".length));
    const before = source.value.split("\n").slice(0, wanted - 1);
    const start = before.reduce((sum, one) => sum + one.length + 1, 0);
    const end = source.value.indexOf("\n", start);
    source.focus();
    source.setSelectionRange(start, end < 0 ? source.value.length : end);
  });
  source.addEventListener("input", number);
  check.addEventListener("htmx:afterSwap", number);
  number();
})();
