// Files one by one, with their progress: dropped or chosen. Without this script the form sends them all at once.
(() => {
  "use strict";
  const AT_ONCE = 2;

  function setUp(form) {
    // The form has a field called dataset, which hides the property of that name.
    const said = (name) => form.getAttribute(`data-${name}`);
    const part = (name) => form.querySelector(`[data-${name}]`);
    const [list, status, drop, send] = ["list", "status", "drop", "send"].map(part);
    const input = form.elements.namedItem("files");
    const waiting = [];
    let going = 0;
    let stale = false;

    const copy = (name) => part(name).content.firstElementChild.cloneNode(true);

    function say() {
      const lines = [...list.children];
      const count = (...states) => lines.filter((line) => states.includes(line.dataset.state)).length;
      const figures = {
        total: lines.length, done: count("added", "version", "known"), refused: count("refused", "failed"),
      };
      const counted = status.dataset.say.replace(/%(\w+)%/g, (_whole, name) => figures[name]);
      status.textContent = navigator.onLine ? counted : `${counted} ${status.dataset.offline}`;
    }

    // What the form says when a file is added holds for it, whatever is chosen while it waits.
    function add(files) {
      const fields = new FormData(form);
      fields.delete("files");
      for (const file of files) {
        const line = copy("row");
        line.querySelector("[data-name]").textContent = file.name;
        list.append(line);
        waiting.push({ file, line, fields });
      }
      list.hidden = list.children.length === 0;
      next();
    }

    function next() {
      while (going < AT_ONCE && waiting.length) begin(waiting.shift());
      say();
      if (going === 0 && stale) refresh();
    }

    function fail(upload, sentence, again = true) {
      const line = copy("failed");
      line.querySelector("[data-name]").textContent = upload.file.name;
      line.querySelector("[data-note]").textContent = sentence;
      const button = line.querySelector("[data-retry]");
      button.addEventListener("click", () => retry(upload, line));
      button.hidden = !again;
      upload.line.replaceWith(line);
    }

    function retry(upload, failed) {
      const line = copy("row");
      line.querySelector("[data-name]").textContent = upload.file.name;
      line.tabIndex = -1;
      failed.replaceWith(line);
      line.focus();
      waiting.push({ ...upload, line, broken: null });
      next();
    }

    // The answer is a line of the list: the server says what became of the file, and why.
    function settle(upload, request) {
      const page = new DOMParser().parseFromString(`<ul>${request.responseText}</ul>`, "text/html");
      const line = page.querySelector("li.outcome");
      if (line && (request.status === 200 || request.status === 422)) {
        const name = line.querySelector("bdi");
        if (name && !name.textContent) name.textContent = upload.file.name;
        upload.line.replaceWith(document.adoptNode(line));
        stale ||= ["added", "version"].includes(line.dataset.state);
      } else if (request.status === 403 || request.status === 404) fail(upload, said("out"));
      else fail(upload, `${said("down")} (${request.status})`);
    }

    // A sign-in page lies on another host: its redirect looks like a lost connection.
    async function lost(upload) {
      let sentence = said("lost");
      try {
        const answer = await fetch(location.pathname, { method: "HEAD", redirect: "manual" });
        if (answer.type === "opaqueredirect") sentence = said("out");
      } catch {
        // There is no connection: that is the sentence.
      }
      fail(upload, sentence);
    }

    function begin(upload) {
      const { file, line, fields } = upload;
      if (file.size > Number(said("most"))) {
        fail(upload, said("too-large"), false);
        return;
      }
      going += 1;
      line.dataset.state = "sending";
      const body = new FormData();
      for (const [name, value] of fields) body.append(name, value);
      body.append("files", file, file.name);
      const request = new XMLHttpRequest();
      const bar = line.querySelector("progress");
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
      });
      request.upload.addEventListener("load", () => {
        bar.removeAttribute("value");
        line.querySelector("[data-note]").textContent = part("reading").content.textContent;
      });
      request.addEventListener("load", () => settle(upload, request));
      request.addEventListener("error", () => { upload.broken = lost(upload); });
      request.addEventListener("abort", () => fail(upload, said("lost")));
      request.addEventListener("loadend", async () => {
        await upload.broken;
        going -= 1;
        next();
      });
      request.open("POST", said("outcome"));
      request.send(body);
    }

    async function refresh() {
      stale = false;
      if (form.hasAttribute("data-reload")) location.assign(location.pathname);
      const shown = document.getElementById("document-list");
      if (!said("refresh") || !shown) return;
      const answer = await fetch(said("refresh")).catch(() => null);
      if (!answer?.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("document-list");
      if (fresh) shown.replaceWith(document.adoptNode(fresh));
    }

    function takeDropped(transfer) {
      const entries = [...transfer.items].map((entry) => entry.webkitGetAsEntry?.());
      const files = [...transfer.files].filter((_file, place) => !entries[place]?.isDirectory);
      add(input.multiple ? files : files.slice(0, 1));
      if (files.length < transfer.files.length) status.textContent = said("empty");
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const files = [...input.files];
      add(files);
      input.value = "";
    });
    input.addEventListener("change", () => form.requestSubmit(send));
    send.hidden = true;
    for (const name of ["dragenter", "dragover"]) {
      drop.addEventListener(name, (event) => {
        if (![...event.dataTransfer.types].includes("Files")) return;
        event.preventDefault();
        drop.classList.add("over");
      });
    }
    drop.addEventListener("dragleave", (event) => {
      if (!drop.contains(event.relatedTarget)) drop.classList.remove("over");
    });
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      takeDropped(event.dataTransfer);
    });
    for (const name of ["online", "offline"]) addEventListener(name, () => { if (list.children.length) say(); });
    addEventListener("beforeunload", (event) => { if (going || waiting.length) event.preventDefault(); });
  }

  for (const form of document.querySelectorAll("form[data-upload]")) setUp(form);
})();
