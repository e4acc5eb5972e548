// Ctrl K (or ⌘ K) opens a list of where one can go; what is typed filters it, and finds runs by their question.
(() => {
  "use strict";
  const dialog = document.getElementById("palette");
  if (!dialog?.showModal) return;
  const input = dialog.querySelector("input");
  const links = () => [...dialog.querySelectorAll("a")].filter((link) => !link.closest("[hidden]"));

  function filter() {
    const wanted = input.value.trim().toLowerCase();
    for (const row of dialog.querySelectorAll("[data-place]")) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
    }
  }

  function open() {
    if (dialog.open) return;
    input.value = "";
    filter();
    dialog.showModal();
    input.focus();
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (dialog.open) dialog.close();
      else open();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-palette]")) open();
    if (event.target === dialog) dialog.close();
  });
  input.addEventListener("input", filter);
  dialog.addEventListener("keydown", (event) => {
    // In a search field the first Escape would only empty it.
    if (event.key === "Escape") {
      event.preventDefault();
      dialog.close();
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") {
      if (event.key === "Enter" && event.target === input) {
        event.preventDefault();
        links()[0]?.click();
      }
      return;
    }
    event.preventDefault();
    const all = [input, ...links()];
    const at = all.indexOf(document.activeElement);
    all[(at + (event.key === "ArrowDown" ? 1 : all.length - 1)) % all.length].focus();
  });
})();
