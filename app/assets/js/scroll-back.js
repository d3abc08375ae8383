// After an act on an idea of a long list, scroll back to where that idea was, and keep the message in sight.
const KEY = "scroll-back";
const cards = () => [...document.querySelectorAll("[data-selection] .idea-card--choice")];

document.addEventListener("submit", (event) => {
  const list = event.target.closest("[data-selection]");
  const card = event.target.closest(".idea-card") ?? list?.querySelector(".idea-card:has([data-choose]:checked)");
  if (!list || !card || event.defaultPrevented) return;
  try {
    sessionStorage.setItem(KEY, JSON.stringify([location.pathname, cards().indexOf(card)]));
  } catch {
    // no storage: the page opens at its top
  }
});

function scrollBack() {
  const [path, index] = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  sessionStorage.removeItem(KEY);
  const card = path === location.pathname && (cards()[index] ?? cards().at(-1));
  const flashes = document.querySelector(".flashes");
  if (!card || !flashes) return;
  flashes.classList.add("flashes--near");
  const menu = card.querySelector(".menu > summary");
  menu.setAttribute("aria-describedby", flashes.id);
  menu.focus({ preventScroll: true });
  card.scrollIntoView({ block: "center" });
}
try {
  scrollBack();
} catch {
  // no storage: there is nothing to come back to
}

// A link to #chosen opens the page with an idea selected: show that idea, and focus the sticky toolbar.
window.addEventListener("load", () => {
  if (location.hash !== "#chosen") return;
  document.querySelector(".idea-card:has([data-choose]:checked)")?.scrollIntoView({ block: "center" });
  document.getElementById("to")?.focus({ preventScroll: true });
});
