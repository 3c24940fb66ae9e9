// Formulas by KaTeX, buttons that copy, and nothing else.
"use strict";

const katexOptions = {
  throwOnError: false,
  strict: "ignore",
  // The one command that sets a class, for the parts in which two formulas differ.
  trust: (context) => context.command === "\\htmlClass",
};

function renderFormulas(root) {
  for (const element of root.querySelectorAll(".math")) {
    if (element.dataset.tex === undefined) {
      element.dataset.tex = element.textContent;
      katex.render(element.dataset.tex, element, { ...katexOptions, displayMode: element.tagName === "DIV" });
    }
  }
}

// A region that doesn't scroll need not be reached by the Tab key.
function tabStops() {
  for (const element of document.querySelectorAll(".s2n-scroll")) {
    if (element.scrollWidth <= element.clientWidth) element.removeAttribute("tabindex");
    else element.setAttribute("tabindex", "0");
  }
}

async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // refused: the old way works without a permission
    }
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.(".s2n-copy");
  if (!button) return;
  const label = button.textContent;
  if (button.dataset.busy) return;
  button.dataset.busy = "1";
  const done = await copyText(button.dataset.copy ?? document.getElementById(button.dataset.from).textContent);
  button.textContent = done ? "copied" : "not copied";
  button.setAttribute("aria-live", "polite");
  setTimeout(() => {
    button.textContent = label;
    delete button.dataset.busy;
  }, 1200);
});

document.addEventListener("DOMContentLoaded", () => {
  renderFormulas(document);
  tabStops();
  window.addEventListener("resize", tabStops);
});
