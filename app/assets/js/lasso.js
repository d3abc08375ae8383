// <figure data-map> with a button [data-draw]: once it is pressed, one draws around ideas with the mouse, a pen or a finger.
// The corners of the area go into the field that the button names, which announces a change; Escape stops the drawing.
// A field that has an area shows it. The server reads x and y in two characters each, to the base 36.
import { announce } from "./status.js";

const MOST = 48; // corners
const [WIDTH, HEIGHT] = [1000, 700];
const between = (value, most) => Math.min(most, Math.max(0, Math.round(value)));
const code = (number) => number.toString(36).padStart(2, "0");
const read = (text) => (text.match(/.{4}/g) ?? []).map((pair) => [pair.slice(0, 2), pair.slice(2)].map((part) => parseInt(part, 36)));

function drawing(figure, button) {
  const sea = figure.querySelector(".map__sea");
  const view = sea.querySelector(".map__view");
  const field = document.getElementById(button.dataset.draw);
  const line = view.appendChild(document.createElementNS(sea.namespaceURI, "path"));
  let corners = [];
  let pointer;

  const show = () => line.setAttribute("d", corners.length ? `M${corners.map((corner) => corner.join(" ")).join("L")}Z` : "");
  function draw(on) {
    button.setAttribute("aria-pressed", on);
    sea.classList.toggle("map__sea--drawing", on);
    pointer = undefined;
  }
  function reset() {
    corners = read(field.value);
    show();
  }
  function place(event) {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(view.getScreenCTM().inverse());
    return [between(x, WIDTH), between(y, HEIGHT)];
  }

  button.addEventListener("click", () => {
    draw(!sea.matches(".map__sea--drawing"));
    if (sea.matches(".map__sea--drawing")) announce(button.dataset.hint, { seen: false });
  });
  sea.addEventListener("pointerdown", (event) => {
    if (event.button || !sea.matches(".map__sea--drawing") || pointer !== undefined) return;
    event.preventDefault();
    sea.setPointerCapture(event.pointerId);
    pointer = event.pointerId;
    corners = [place(event)];
    show();
  });
  sea.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    corners.push(place(event));
    show();
  });
  sea.addEventListener("pointerup", (event) => {
    if (event.pointerId !== pointer) return;
    setTimeout(() => draw(false)); // after the click that follows, which opens no theme
    if (corners.length < 3) return reset();
    const step = Math.max(1, corners.length / MOST);
    corners = Array.from({ length: Math.min(MOST, corners.length) }, (_, place) => corners[Math.floor(place * step)]);
    show();
    field.value = corners.flat().map(code).join("");
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  sea.addEventListener("pointercancel", () => {
    draw(false);
    reset();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !sea.matches(".map__sea--drawing")) return;
    draw(false);
    reset();
  });
  line.setAttribute("class", "map__area");
  reset();
}

for (const figure of document.querySelectorAll("[data-map]")) {
  const button = figure.querySelector("[data-draw]");
  if (button) drawing(figure, button);
}
