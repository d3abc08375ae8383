// What sticks to the bottom of the window must not cover what has the focus: the page scrolls as far as the bar is high.
import { htmx } from "./partial.js";

const SELECTOR = "[data-toolbar], .sticky-submit";

function measure() {
  let height = 0;
  for (const bar of document.querySelectorAll(SELECTOR)) {
    if (!bar.hidden && getComputedStyle(bar).position === "sticky") height = Math.max(height, bar.offsetHeight + 24);
  }
  document.documentElement.style.scrollPaddingBottom = height ? `${height}px` : "";
}

const observer = new ResizeObserver(measure);
htmx.onLoad((root) => {
  const bars = [...root.querySelectorAll(SELECTOR), ...(root.matches?.(SELECTOR) ? [root] : [])];
  bars.forEach((bar) => observer.observe(bar));
  measure();
});
window.addEventListener("resize", measure);

// A browser scrolls to the caret, but not always past what covers it.
document.addEventListener("input", (event) => {
  const area = event.target;
  const bar = area.matches?.("textarea") && document.querySelector(".sticky-submit");
  if (!bar || getComputedStyle(bar).position !== "sticky" || area.selectionEnd !== area.value.length) return;
  const hidden = area.getBoundingClientRect().bottom - bar.getBoundingClientRect().top;
  if (hidden > 0) window.scrollBy(0, hidden);
});
