// Partial pages. Answers 409 and 422 carry a form with its errors: they are shown.
// Other failures are announced in the status region, but for those of a part that is only an extra: data-quiet. The server may also answer with HX-Trigger: {"announce": "words"}.
import htmx from "htmx.org/dist/htmx.esm.js";
import { announce, words } from "./status.js";

window.htmx = htmx;
// Here rather than in a meta tag, so that no page carries it. htmx begins once the page is parsed, which is later.
Object.assign(htmx.config, {
  includeIndicatorStyles: false,
  allowEval: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  timeout: 30000,
  refreshOnHistoryMiss: true,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "401|409|422|429", swap: true },
    { code: "[45]..", swap: false, error: true },
  ],
});

document.addEventListener("announce", (event) => announce(event.detail.value));
document.addEventListener("htmx:responseError", (event) => {
  if (!event.target.closest("[data-autosave], [data-quiet]")) announce(words("failed"));
});
document.addEventListener("htmx:sendError", (event) => {
  if (!event.target.closest("[data-autosave], [data-quiet]")) announce(words("offline"));
});
// An answer is parsed as if there were no scripts, so that what is meant for browsers without them would become real.
htmx.onLoad((part) => part.querySelectorAll("noscript").forEach((fallback) => fallback.remove()));
// If the answer has an error summary, focus it.
document.addEventListener("htmx:afterSettle", (event) => {
  // While one types, the preview follows without a word.
  if (event.target.matches?.(".preview") && event.detail.requestConfig?.elt.matches("button")) announce(words("previewed"));
  event.target.querySelector?.("[data-focus]")?.focus();
});

// Calls back for the page and for each new part of it, in scripts that may be loaded later, too.
let begun = false;
htmx.onLoad(() => (begun = true));
export function onEachPart(callback) {
  htmx.onLoad(callback);
  if (begun) callback(document.body);
}

export { htmx };
