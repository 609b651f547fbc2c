// Asks the engine what it finds in the text, while it is written: only the latest question counts.
const WAIT_MS = 400;

const ask = async (path, form, signal) => {
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(path, { method: "POST", body, signal, headers: { "HX-Request": "true" } });
  if (!answer.ok || answer.redirected) throw new Error(`${path} answered ${answer.status}`);
  return answer.text();
};

// `section` shows what is found; `heard` says how many faults there are to who does not see it; `lost` is what stands
// there instead where there is no answer. `shown` is called with each list of faults.
export const checking = ({ form, section, heard, lost, shown }) => {
  let asked = new AbortController();
  let waiting = 0;

  const foresee = async (signal, before = []) => {
    const place = section.querySelector("[data-preview]");
    if (!place) return;
    if (before.length) place.replaceChildren(...before);
    place.classList.add("waits");
    const told = await ask(place.dataset.preview, form, signal);
    if (signal.aborted) return;
    place.innerHTML = told;
    place.classList.remove("waits");
  };

  const look = async (work) => {
    clearTimeout(waiting);
    asked.abort();
    const mine = (asked = new AbortController());
    section.setAttribute("aria-busy", "true");
    try {
      await work(mine.signal);
    } catch {
      if (mine.signal.aborted) return;
      section.replaceChildren(lost.content.cloneNode(true));
      heard.textContent = section.textContent.trim();
    } finally {
      if (asked === mine) section.removeAttribute("aria-busy");
    }
  };

  const now = () =>
    look(async (signal) => {
      const told = await ask(form.dataset.check, form, signal);
      if (signal.aborted) return;
      // The preview stays until the next one is there, so that nothing jumps.
      const before = [...(section.querySelector("[data-preview]")?.childNodes ?? [])];
      section.innerHTML = told;
      shown();
      heard.textContent = section.querySelector("[data-sum]")?.dataset.sum ?? "";
      await foresee(signal, before);
    });

  return {
    now,
    // What the page came with is known already, but for whom the file would reach.
    begin: () => look(foresee),
    soon: () => {
      clearTimeout(waiting);
      asked.abort();
      waiting = setTimeout(now, WAIT_MS);
    },
  };
};
