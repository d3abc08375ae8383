// A button with data-copy="text", or data-copy-from="#id" for the text of another element.
import { announce, words } from "./status.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const source = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
  try {
    await navigator.clipboard.writeText(source ? (source.value ?? source.textContent) : button.dataset.copy);
    announce(words("copied"));
  } catch {
    source?.select?.();
  }
});
