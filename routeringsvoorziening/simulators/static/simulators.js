// Without this file everything works too: a button takes the place of each of these.
"use strict";

for (const form of document.querySelectorAll("form[data-auto-submit]")) {
  form.submit();
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.textContent);
    const label = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 1500);
  });
}

for (const button of document.querySelectorAll("button[data-fold]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const open = button.dataset.fold === "open";
    for (const details of document.querySelectorAll("details.message")) {
      details.open = open;
    }
  });
}
