// Passkeys: a form with data-passkey asks the browser for a key and sends what it gives.
// create: make one; get: prove one of this person's; login: prove any, with options asked for first.
(() => {
  "use strict";
  const { create, get } = window.webauthnJSON;

  async function ask(form) {
    const kind = form.dataset.passkey;
    if (kind === "login") {
      const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(`options: ${answer.status}`);
      return get((await answer.json()).request_options);
    }
    const options = JSON.parse(document.getElementById(form.dataset.options).textContent);
    if (kind === "get") return get(options.request_options);
    const wanted = options.creation_options;
    Object.assign(wanted.publicKey.authenticatorSelection, {
      residentKey: "required", requireResidentKey: true, userVerification: "required",
    });
    return create(wanted);
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const problem = document.querySelector("[data-passkey-problem]");
      if (problem) problem.hidden = true;
      try {
        form.elements.credential.value = JSON.stringify(await ask(form));
      } catch {
        if (problem) problem.hidden = false;
        return;
      }
      form.submit();
    });
  }
})();
