// Keys of the approvals list: j and k move, a accepts, r opens the rejection, d hands over, ? shows the keys.
(() => {
  "use strict";
  const rows = () => [...document.querySelectorAll("[data-approvals] > li")];
  const current = () => document.activeElement?.closest?.("[data-approvals] > li");

  function move(by) {
    const all = rows();
    const at = all.indexOf(current());
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  function open(name) {
    const box = (current() || document).querySelector(`details[data-${name}]`);
    if (!box) return;
    box.open = true;
    box.querySelector("textarea, select")?.focus();
  }

  const acts = {
    j: () => move(1),
    k: () => move(-1),
    // The button is pressed, not only reached: a second person who was first is told by the page that follows.
    a: () => current()?.querySelector("form[data-accept] button")?.click(),
    r: () => open("reject"),
    d: () => open("delegate"),
    "?": () => document.getElementById("approval-keys")?.focus(),
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches?.("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  });
})();
