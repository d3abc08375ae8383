// Names after an @ in a <textarea data-mentions="address">, and in an <input data-mentions="address"> with or without an @:
// a list box below, worked with the arrow keys, Enter and Escape.
// The address answers with options. Without this script the name is typed to its end.
import { announce, words } from "./status.js";

const PAUSE = 200;
const TYPED = /(?:^|[^\p{L}\p{N}_@.])@(\p{L}[^\n@]{1,60})$/u;
const WHOLE = /^@?(\p{L}[^\n@]{1,60})$/u;
let area, box, timer, asked, taken;

const options = () => [...(box?.children ?? [])];
const chosen = () => options().find((option) => option.getAttribute("aria-selected") === "true");
const typed = () => (area.matches("input") ? WHOLE : TYPED).exec(area.value.slice(0, area.selectionStart))?.[1];

function close() {
  clearTimeout(timer);
  asked = undefined;
  box?.remove();
  box = undefined;
  for (const name of ["aria-activedescendant", "aria-controls"]) area?.removeAttribute(name);
}

function select(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  area.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function take(option) {
  const end = area.selectionStart;
  taken = option.textContent;
  area.setRangeText(`${option.textContent} `, end - typed().length, end, "end");
  close();
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

async function offer(name) {
  asked = name;
  const url = new URL(area.dataset.mentions, location.href);
  url.searchParams.set("typed", name);
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" } });
    const text = answer.ok && !answer.redirected ? await answer.text() : "";
    if (asked !== name || typed() !== name) return;
    close();
    if (!text.trim()) return;
    box = document.createElement("ul");
    box.className = "names";
    box.id = "names";
    box.setAttribute("role", "listbox");
    box.setAttribute("aria-label", words("names"));
    box.innerHTML = text;
    area.after(box);
    area.setAttribute("aria-controls", box.id);
    select(box.firstElementChild);
    announce(words("names"), { seen: false });
  } catch {
    // no answer: the name is typed to its end
  }
}

document.addEventListener("input", (event) => {
  if (!event.target.matches?.("[data-mentions]")) return;
  if (area !== event.target) close();
  area = event.target;
  clearTimeout(timer);
  const name = typed();
  // A name that was just chosen is not offered again.
  if (name === undefined || name.trim() === taken) close();
  else timer = setTimeout(offer, PAUSE, name);
});
document.addEventListener(
  "keydown",
  (event) => {
    if (!box || event.target !== area || event.isComposing) return;
    const all = options();
    const at = all.indexOf(chosen());
    if (event.key === "ArrowDown") select(all[(at + 1) % all.length]);
    else if (event.key === "ArrowUp") select(all[(at - 1 + all.length) % all.length]);
    else if (event.key === "Enter" || event.key === "Tab") take(chosen());
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
// Before the field loses the focus.
document.addEventListener("mousedown", (event) => {
  const option = box && event.target.closest?.("#names [role=option]");
  if (!option) return;
  event.preventDefault();
  take(option);
});
document.addEventListener("focusout", (event) => {
  if (event.target === area) close();
});
