// Copies examples. Everything else of the pages works without a script.
"use strict";

if (navigator.clipboard) {
  const said = document.getElementById("said");
  for (const button of document.querySelectorAll(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      said.textContent = "";
      try {
        await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not copied";
      }
      said.textContent = button.textContent;
    });
    button.addEventListener("blur", () => { button.textContent = "Copy"; });
  }
}
