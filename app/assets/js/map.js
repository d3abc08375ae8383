// <figure data-map>: its picture is zoomed and moved with buttons, keys, Ctrl and the wheel, the mouse and two fingers.
// A search marks the islands whose names have all the words, counts them, and leaves their rows in the table.
// Islands [data-out] are not searched: the page has filtered them out. Those [data-theme] that are selected in a list beside the
// map are marked: see selection.js.
import { announce } from "./status.js";

const MOST = 8;
const CLOSE = 3; // from here on every island has its name
const STEP = 1.5;
const language = document.documentElement.lang;
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("’", "'").toLowerCase();

function zooming(figure, sea) {
  const view = sea.querySelector(".map__view");
  const { x, y, width, height } = sea.viewBox.baseVal;
  const middle = { x: x + width / 2, y: y + height / 2 };
  const fingers = new Map();
  let [scale, left, top, dragged] = [1, 0, 0, false];

  function move(across, down, smooth) {
    left = Math.min(x * (1 - scale), Math.max((x + width) * (1 - scale), left + across));
    top = Math.min(y * (1 - scale), Math.max((y + height) * (1 - scale), top + down));
    view.classList.toggle("map__view--smooth", !!smooth);
    view.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
    view.style.setProperty("--names", 1 / Math.sqrt(scale)); // names grow less than islands, and find room
    sea.classList.toggle("map__sea--zoomed", scale > 1);
    sea.classList.toggle("map__sea--close", scale >= CLOSE);
  }
  function zoom(by, at = middle, smooth = false) {
    const next = Math.min(MOST, Math.max(1, scale * by));
    [left, top] = [at.x - ((at.x - left) * next) / scale, at.y - ((at.y - top) * next) / scale];
    scale = next;
    move(0, 0, smooth);
  }
  const all = () => zoom(1 / MOST);
  const acts = { in: () => zoom(STEP, middle, true), out: () => zoom(1 / STEP, middle, true), all };
  const keys = { "+": acts.in, "=": acts.in, "-": acts.out, "−": acts.out, 0: all };
  const arrows = { ArrowLeft: [90, 0], ArrowRight: [-90, 0], ArrowUp: [0, 90], ArrowDown: [0, -90] };
  const say = () => announce(scale.toLocaleString(language, { style: "percent" }), { seen: false });
  const place = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(sea.getScreenCTM().inverse());

  figure.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    if (!button) return;
    acts[button.dataset.zoom]();
    say();
  });
  figure.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !event.target.closest(".map__sea, .map__zoom")) return;
    if (keys[event.key]) {
      keys[event.key]();
      say();
    } else if (arrows[event.key] && scale > 1) move(...arrows[event.key], true);
    else return;
    event.preventDefault();
  });
  sea.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(Math.exp((event.deltaY * (event.deltaMode ? 30 : 1)) / -300), place(event));
  }, { passive: false });
  sea.addEventListener("pointerdown", (event) => {
    if (event.button || sea.matches(".map__sea--drawing")) return;
    if (!fingers.size) dragged = false;
    fingers.set(event.pointerId, place(event));
  });
  sea.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    if (!event.buttons) return void fingers.delete(event.pointerId);
    const now = place(event);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    const far = (one) => Math.hypot(one.x - other.x, one.y - other.y) || 1;
    if (other) zoom(far(now) / far(before), other);
    else if (scale > 1 && (dragged || Math.hypot(now.x - before.x, now.y - before.y) > 6)) {
      sea.setPointerCapture(event.pointerId);
      move(now.x - before.x, now.y - before.y);
    } else return;
    dragged = true;
    fingers.set(event.pointerId, now);
  });
  for (const end of ["pointerup", "pointercancel"]) sea.addEventListener(end, (event) => fingers.delete(event.pointerId));
  // The end of a drag opens no theme, and a drag takes no link along.
  sea.addEventListener("click", (event) => dragged && event.detail && event.preventDefault(), true);
  sea.addEventListener("dragstart", (event) => scale > 1 && event.preventDefault());
  // An island that is reached by the keyboard comes into view.
  sea.addEventListener("focusin", ({ target }) => {
    if (scale === 1 || !target.matches("a:focus-visible")) return;
    const { e, f } = target.transform.baseVal[0].matrix; // the middle of the island
    move(middle.x - scale * e - left, middle.y - scale * f - top, true);
  });
  window.addEventListener("beforeprint", all);
  sea.classList.add("map__sea--live");
  return all;
}

function searching(figure, sea, all) {
  const [find, said] = [figure.querySelector("#map-find"), figure.querySelector("output")];
  const links = [...sea.querySelectorAll("a.island")];
  const [grounds, rows] = [sea.querySelectorAll("g.island"), figure.querySelectorAll("tbody tr")]; // in the order of the links
  const plural = new Intl.PluralRules(language);
  let timer;

  function mark() {
    const wanted = plain(find.value).split(/\s+/).filter(Boolean);
    let count = 0;
    links.forEach((link, n) => {
      const found = !("out" in link.dataset) && wanted.every((word) => plain(link.dataset.name).includes(word));
      link.classList.toggle("island--found", found && wanted.length > 0);
      for (const one of [link, grounds[n]]) one.classList.toggle("island--faint", !found);
      rows[n].hidden = !found;
      count += found;
    });
    if (wanted.length) all();
    const words = said.dataset[count ? plural.select(count) : "none"] ?? said.dataset.other;
    clearTimeout(timer);
    timer = setTimeout(() => (said.textContent = wanted.length ? words.replace("{n}", count.toLocaleString(language)) : ""), 400);
  }
  find.addEventListener("input", mark);
  if (find.value) mark();
}

function marking(sea) {
  const links = [...sea.querySelectorAll("a.island[data-theme]")];
  document.addEventListener("chosen", ({ detail }) => {
    for (const link of links) link.classList.toggle("island--chosen", detail.has(link.dataset.theme));
  });
}

for (const figure of document.querySelectorAll("[data-map]")) {
  const sea = figure.querySelector(".map__sea");
  figure.querySelector(".map__tools").hidden = false;
  searching(figure, sea, zooming(figure, sea));
  marking(sea);
}
