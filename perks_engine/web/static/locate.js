// Asks the device where it is, once somebody pressed for it, and sends that with the form that they pressed. Nothing is
// asked before, nothing is followed after, and where it is not allowed nothing is sent.
"use strict";

(() => {
  for (const form of document.querySelectorAll("form[data-locate]")) {
    const told = form.querySelector(".told");
    const button = form.querySelector("button");
    const field = (name) => form.elements.namedItem(name);

    const stop = (words) => {
      told.textContent = words;
      button.disabled = false;
      form.removeAttribute("aria-busy");
      button.focus();
    };

    form.addEventListener("submit", (event) => {
      if (field("lat").value) return;
      event.preventDefault();
      if (!navigator.geolocation) {
        stop(form.dataset.failed);
        return;
      }
      told.textContent = form.dataset.waiting;
      button.disabled = true;
      form.setAttribute("aria-busy", "true");
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          field("lat").value = coords.latitude;
          field("lon").value = coords.longitude;
          field("accuracy").value = coords.accuracy;
          form.requestSubmit();
        },
        (error) => stop(error.code === error.PERMISSION_DENIED ? form.dataset.denied : form.dataset.failed),
        { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 },
      );
    });
    window.addEventListener("pageshow", () => {
      for (const name of ["lat", "lon", "accuracy"]) field(name).value = "";
      button.disabled = false;
    });
  }
})();
