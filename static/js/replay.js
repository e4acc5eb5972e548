// Plays the recorded steps of a run again, in eight seconds. Without it they stand there as a list.
(() => {
  "use strict";
  const SECONDS = 8;
  for (const button of document.querySelectorAll("[data-replay]")) {
    const list = document.getElementById(button.dataset.replay);
    const label = button.querySelector("span");
    const play = label.textContent;
    let timers = [];
    const stop = () => {
      timers.forEach(clearTimeout);
      timers = [];
      for (const row of list.children) row.classList.remove("later");
      label.textContent = play;
    };
    button.addEventListener("click", () => {
      if (timers.length) return stop();
      const rows = [...list.children];
      const whole = Math.max(1, ...rows.map((row) => Number(row.dataset.at)));
      for (const row of rows) row.classList.add("later");
      label.textContent = button.dataset.stop;
      timers = rows.map((row) =>
        setTimeout(() => row.classList.remove("later"), (Number(row.dataset.at) / whole) * SECONDS * 1000));
      timers.push(setTimeout(stop, SECONDS * 1000 + 600));
    });
  }
})();
