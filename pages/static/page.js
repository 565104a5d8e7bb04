"use strict";
/* What pages do beside htmx: a finding leads to its line of a text, and an answer that did not come says so. */
(() => {
  const select = (text, line) => {
    const lines = text.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[line - 1] || "").length);
    text.scrollTop = Math.max(0, (line - 5) * (text.scrollHeight / lines.length));
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-line]");
    if (!link) return;
    event.preventDefault();
    select(document.querySelector(link.hash), Number(link.dataset.line));
  });

  const say = (isStale) => { document.getElementById("stale").hidden = !isStale; };
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, () => say(true));
  document.addEventListener("htmx:afterSwap", () => say(false));
})();
