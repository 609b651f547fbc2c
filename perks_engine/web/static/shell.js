// What makes pages a little kinder where scripts run. Every page works without it.
"use strict";

(() => {
  // A form is sent once, however often its button is pressed; it comes back where the browser goes back to it.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.hasAttribute("data-again") || form.hasAttribute("hx-post") || form.hasAttribute("hx-get")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    }
  });

  // What was just done, or what went wrong, is where the eye and the keyboard go first.
  const told = document.querySelector("[role=alert], .notice[role=status]");
  if (told) {
    told.tabIndex = -1;
    told.focus({ preventScroll: false });
  }

  // A picture is shown before it is sent.
  for (const input of document.querySelectorAll("input[type=file][data-preview]")) {
    input.addEventListener("change", () => {
      const place = document.getElementById(input.dataset.preview);
      place.replaceChildren();
      for (const file of input.files) {
        if (!file.type.startsWith("image/")) continue;
        const picture = document.createElement("img");
        picture.alt = file.name;
        picture.src = URL.createObjectURL(file);
        picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
        place.append(picture);
      }
    });
  }
})();
