// After something was done to an idea of a long list, one goes on where one was, with what was done in sight.
const KEY = "place";
const cards = () => [...document.querySelectorAll("[data-selection] .idea-card--choice")];

document.addEventListener("submit", (event) => {
  const list = event.target.closest("[data-selection]");
  const card = event.target.closest(".idea-card") ?? list?.querySelector(".idea-card:has([data-choose]:checked)");
  if (!list || !card || event.defaultPrevented) return;
  try {
    sessionStorage.setItem(KEY, JSON.stringify([location.pathname, cards().indexOf(card)]));
  } catch {
    // storage refused: the page opens at its top
  }
});

function comeBack() {
  const [path, index] = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  sessionStorage.removeItem(KEY);
  const card = path === location.pathname && (cards()[index] ?? cards().at(-1));
  const told = document.querySelector(".flashes");
  if (!card || !told) return;
  told.classList.add("flashes--near");
  const way = card.querySelector(".menu > summary");
  way.setAttribute("aria-describedby", told.id);
  way.focus({ preventScroll: true });
  card.scrollIntoView({ block: "center" });
}
try {
  comeBack();
} catch {
  // storage refused: nothing was kept
}

// A link that leads to the bar with an idea already chosen: the idea comes into view, and the bar, which sticks, has the focus.
window.addEventListener("load", () => {
  if (location.hash !== "#chosen") return;
  document.querySelector(".idea-card:has([data-choose]:checked)")?.scrollIntoView({ block: "center" });
  document.getElementById("to")?.focus({ preventScroll: true });
});
