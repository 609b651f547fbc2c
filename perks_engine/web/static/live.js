// What changes by itself: the middle of a page is asked for again and again, while somebody can see it. It is
// swapped only where it is another one, keeps what has the focus, and is told in one sentence, politely.
"use strict";

(() => {
  const LONGEST = 60;

  // What takes longer than the rest of the page is asked for once the rest is there, and comes in its place.
  for (const place of document.querySelectorAll("[data-later]")) {
    place.setAttribute("aria-busy", "true");
    fetch(place.dataset.later, { headers: { "HX-Request": "true" } })
      .then((answer) => (answer.ok && !answer.redirected ? answer.text() : Promise.reject(new Error(String(answer.status)))))
      .then((html) => {
        place.innerHTML = html;
        document.getElementById(place.dataset.told).textContent = place.querySelector("[data-said]")?.dataset.said ?? place.textContent.trim();
      })
      .catch(() => place.replaceChildren(place.querySelector("template").content.cloneNode(true)))
      .finally(() => place.removeAttribute("aria-busy"));
  }

  for (const place of document.querySelectorAll("[data-live]")) {
    const told = document.getElementById(place.dataset.told);
    const stop = document.getElementById(place.dataset.stop);
    const every = Number(place.dataset.every);
    let tag = "";
    let wait = every;
    let timer = 0;

    const spoken = () => place.querySelector("[data-said]")?.dataset.said ?? "";
    const path = (one) => {
      const way = [];
      for (let at = one; at !== place; at = at.parentElement) way.unshift([...at.parentElement.children].indexOf(at));
      return way;
    };

    const swap = (html) => {
      const before = spoken();
      const active = document.activeElement;
      const way = active && active !== place && place.contains(active) ? path(active) : null;
      const aside = [...place.querySelectorAll(".scroll")].map((one) => one.scrollLeft);
      const made = document.createElement("template");
      made.innerHTML = html;
      place.replaceChildren(made.content);
      [...place.querySelectorAll(".scroll")].forEach((one, number) => { one.scrollLeft = aside[number] ?? 0; });
      if (way) way.reduce((at, number) => at?.children[number], place)?.focus({ preventScroll: true });
      if (spoken() !== before) told.textContent = spoken();
    };

    const ask = async () => {
      try {
        const answer = await fetch(place.dataset.live, {
          headers: { "HX-Request": "true", ...(tag ? { "If-None-Match": tag } : {}) },
        });
        if (answer.status === 200 && !answer.redirected) {
          swap(await answer.text());
          tag = answer.headers.get("ETag") ?? "";
        } else if (answer.status !== 304) throw new Error(String(answer.status));
        wait = every;
        if (told.dataset.lost) {
          delete told.dataset.lost;
          told.classList.add("unseen");
          told.textContent = spoken();
        }
      } catch {
        // What is shown is old from now on, and says so; it is asked for less and less often.
        wait = Math.min(wait * 2, LONGEST);
        if (!told.dataset.lost) {
          told.dataset.lost = "yes";
          told.classList.remove("unseen");
          told.textContent = place.dataset.lost;
        }
      }
      next(wait);
    };

    const next = (seconds) => {
      clearTimeout(timer);
      const still = document.hidden || stop?.getAttribute("aria-pressed") === "true";
      if (!still) timer = setTimeout(ask, seconds * 1000);
    };

    document.addEventListener("visibilitychange", () => next(0));
    stop?.addEventListener("click", () => {
      stop.setAttribute("aria-pressed", String(stop.getAttribute("aria-pressed") !== "true"));
      next(0);
    });
    next(every);
  }
})();
