// A button that copies a field: data-copy names it, data-copied is what the button says afterwards.
(() => {
  "use strict";
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    const field = button && document.getElementById(button.dataset.copy);
    if (!field) return;
    field.select?.();
    try {
      await navigator.clipboard.writeText(field.value ?? field.textContent);
    } catch {
      return; // The text stands selected: the keyboard copies it.
    }
    const said = button.querySelector("span") ?? button;
    said.textContent = button.dataset.copied;
  });
})();
