// Shows along with typing how a page will stand in a list of results.
(() => {
  "use strict";
  const clip = (text, most) => (text.length > most ? `${text.slice(0, most - 1).replace(/\s+\S*$/, "")}…` : text);
  const start = () => {
    const box = document.querySelector("[data-seo]");
    if (!box) return;
    const field = (name) => document.getElementById(`id_${name}`);
    const value = (name) => (field(name)?.value ?? "").trim();
    const part = (name) => box.querySelector(`[data-seo-${name}]`);
    const bare = part("address").textContent.replace(/\/[^/]*$/, "");
    const none = part("about").textContent;
    const show = () => {
      const title = value("seo_title") || value("title");
      const about = value("search_description") || value("lead");
      part("title").textContent = clip(title, Number(box.dataset.titleLimit));
      part("about").textContent = about ? clip(about, Number(box.dataset.descriptionLimit)) : none;
      if (value("slug")) part("address").textContent = `${bare}/${value("slug")}`;
      const counts = { title: title.length, description: about.length, slug: value("slug").length };
      for (const row of box.querySelectorAll("[data-seo-count]")) {
        const count = counts[row.dataset.seoCount];
        row.dataset.state = count < Number(row.dataset.low) || count > Number(row.dataset.high) ? "off" : "right";
        row.querySelector("b").textContent = count;
      }
    };
    for (const name of ["title", "seo_title", "search_description", "slug", "lead"]) {
      field(name)?.addEventListener("input", show);
      field(name)?.addEventListener("change", show);
    }
    show();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
