"use strict";
/* Checks a draft while somebody writes: the same form as the button 检查, a moment after the last key. */
(() => {
  const form = document.getElementById("draft");
  const text = document.getElementById("text");
  const pause = 700; // milliseconds without a key
  let timer = 0;
  let asked = 0;

  const check = async () => {
    const number = ++asked;
    const answer = await fetch(form.dataset.check, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!answer.ok || answer.redirected || number !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("checked");
    if (found) document.getElementById("checked").replaceChildren(...found.childNodes);
  };

  const select = (line) => {
    const lines = text.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[line - 1] || "").length);
    text.scrollTop = Math.max(0, (line - 5) * (text.scrollHeight / lines.length));
  };

  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => check().catch(() => {}), pause);
  });
  document.addEventListener("click", (event) => {
    const line = event.target.closest("[data-line]");
    if (!line) return;
    event.preventDefault();
    select(Number(line.dataset.line));
  });
})();
