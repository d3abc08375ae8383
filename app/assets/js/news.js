// New comments on the page of an idea or a debrief: #comment-news asks for them while the tab is seen, at first every 20 seconds, then less often.
import { htmx } from "./partial.js";

const FIRST = 20_000;
const LONGEST = 120_000;
let timer;
let pause = FIRST;
let last = "";
const region = () => document.getElementById("comment-news");

function wait() {
  clearTimeout(timer);
  if (region() && !document.hidden) timer = setTimeout(look, pause);
}

function look() {
  pause = Math.min(pause * 1.5, LONGEST);
  htmx.trigger(region(), "look");
  wait();
}

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target !== region()) return;
  // The same words again would be read aloud again.
  if (event.detail.serverResponse === last && region().hasChildNodes()) event.detail.shouldSwap = false;
  last = event.detail.serverResponse;
});
// Signed out, or no longer let in: asking again would change nothing.
document.addEventListener("htmx:responseError", (event) => {
  if (event.target !== region() || event.detail.xhr.status >= 500) return;
  clearTimeout(timer);
  region().removeAttribute("id");
});
document.addEventListener("visibilitychange", () => {
  pause = FIRST;
  if (document.hidden) clearTimeout(timer);
  else if (region()) look();
});
htmx.onLoad(wait);
