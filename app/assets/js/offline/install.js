// Registers the worker that answers where no connection is; it is looked for again once an hour at most. Its address names the language, so that the page that it keeps
// is in the reader's own. Only texts of the reader who was here last are shown on that page.
try {
  localStorage.setItem("last-reader", document.body.dataset.reader ?? "");
} catch {
  // no storage: nothing is kept on this device either
}
if ("serviceWorker" in navigator) {
  addEventListener("load", () => {
    navigator.serviceWorker.register(`/worker.js?lang=${document.documentElement.lang}`, { updateViaCache: "all" }).catch(() => {});
  });
}
