// What the pages gain with JavaScript. Everything here is an extra: each page works without it.
(() => {
  "use strict";
  const root = document.documentElement;
  const narrow = matchMedia("(max-width: 62rem)");
  const byId = (id) => document.getElementById(id);
  root.classList.add("js");

  // Theme: the server reads the cookie, so that the first paint is right.
  const isDark = () =>
    (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  function showTheme() {
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.setAttribute("aria-pressed", String(isDark()));
    }
  }
  function toggleTheme() {
    root.dataset.theme = isDark() ? "light" : "dark";
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; SameSite=Lax${secure}`;
    showTheme();
  }

  // Margin notes: beside the text on wide screens, in a popover where the margin has folded away.
  const noteOf = (mark) => byId(decodeURIComponent(mark.hash.slice(1)))?.closest(".note");
  function openNote(mark, event) {
    const note = noteOf(mark);
    if (!note) return;
    const pop = byId("note-pop");
    if (!narrow.matches || !pop?.showPopover) {
      note.open = true;
      return;
    }
    event.preventDefault();
    const body = note.querySelector(".note-body").cloneNode(true);
    body.removeAttribute("id");
    for (const part of body.querySelectorAll("[id]")) part.removeAttribute("id");
    for (const back of body.querySelectorAll("[data-back]")) back.remove();
    pop.querySelector("[data-k]").textContent = note.querySelector(".k").textContent;
    pop.querySelector("[data-title]").textContent = note.querySelector(".note-title").textContent;
    pop.querySelector("[data-body]").replaceChildren(body);
    pop.showPopover({ source: mark });
    pop.addEventListener("toggle", () => mark.focus({ preventScroll: true }), { once: true });
    pop.querySelector("button").focus({ preventScroll: true });
  }

  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(except)) menu.open = false;
    }
  }

  document.addEventListener("click", (event) => {
    const at = event.target.closest?.("a.fn, [data-theme-toggle], [data-sample], [data-print]");
    closeMenus(event.target);
    if (!at) return;
    if (at.matches("a.fn") && !event.ctrlKey && !event.metaKey && !event.shiftKey) openNote(at, event);
    if (at.matches("[data-theme-toggle]")) toggleTheme();
    if (at.matches("[data-print]")) print();
    const box = at.matches("[data-sample]") && document.querySelector("textarea[data-question]");
    if (box) {
      event.preventDefault();
      box.value = at.textContent.trim();
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.focus();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = document.activeElement?.closest?.("details.menu[open]");
      closeMenus();
      menu?.querySelector("summary").focus();
    }
    const form = event.target.form;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form && event.target.matches("textarea")) {
      event.preventDefault();
      form.requestSubmit([...form.elements].find((part) => part.matches("[data-default]")));
    }
  });

  // A form is not sent twice by a double click; coming back with the browser's own button makes it usable again.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (event.target.dataset.sent) event.preventDefault();
    else if (event.target.method === "post") {
      event.target.dataset.sent = "1";
      setTimeout(() => delete event.target.dataset.sent, 8000);
    }
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // Live stream: htmx pauses it in a hidden tab and replays from Last-Event-ID. Two things are added:
  // a tab that was opened in the background pauses at once, and a lost connection is said in words.
  document.addEventListener("htmx:sse:after:connection", () => {
    delete root.dataset.lost;
    if (document.hidden) setTimeout(() => document.dispatchEvent(new Event("visibilitychange")));
  });
  document.addEventListener("htmx:sse:error", () => { root.dataset.lost = "1"; });
  document.addEventListener("htmx:sse:close", () => { delete root.dataset.lost; });

  // Toasts come as a response header (HX-Trigger: {"toast": {...}}) and leave by themselves.
  document.addEventListener("toast", (event) => {
    const line = document.createElement("p");
    line.textContent = event.detail?.text ?? event.detail?.value ?? "";
    byId("toasts")?.append(line);
    setTimeout(() => line.remove(), 6000);
  });

  // A link into a closed note opens it (browsers that do not do so themselves).
  function openTarget() {
    const note = location.hash && byId(decodeURIComponent(location.hash.slice(1)))?.closest("details.note");
    if (note) note.open = true;
  }
  addEventListener("hashchange", openTarget);
  addEventListener("beforeprint", () => {
    for (const note of document.querySelectorAll("details.note")) note.open = true;
  });
  openTarget();
  showTheme();
})();
