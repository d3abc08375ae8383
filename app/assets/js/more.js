// A quotation is cut after some lines. Where it is, a button below shows the rest.
import { htmx } from "./partial.js";
import { words } from "./status.js";

const isCut = (text) => text.scrollHeight > text.clientHeight + 2;

function offer(text) {
  const shown = text.nextElementSibling?.matches(".more");
  if (text.classList.contains("is-whole") || isCut(text) === Boolean(shown)) return;
  if (shown) {
    text.nextElementSibling.remove();
    return;
  }
  const button = document.createElement("button");
  button.type = "button";
  button.className = "more";
  const about = document.createElement("span");
  about.className = "hidden-visually";
  about.textContent = ` ${text.textContent.trim().slice(0, 60)}`;
  button.append(words("more"), about);
  button.addEventListener("click", () => {
    text.classList.add("is-whole");
    button.remove();
    const target = text.querySelector("a") ?? text;
    if (target === text) text.tabIndex = -1;
    target.focus({ preventScroll: true });
  });
  text.after(button);
}

const observer = new ResizeObserver((entries) => entries.forEach((entry) => offer(entry.target)));
htmx.onLoad((root) => root.querySelectorAll(".verbatim > p").forEach((text) => observer.observe(text)));
