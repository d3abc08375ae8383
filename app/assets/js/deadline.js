// <… data-deadline="2026-12-04T17:00:00+00:00" data-over="Closed">: "in 3 days", refreshed; counted in seconds at the end.
// The closest .deadline gets is-soon in the last day, is-last in the last hour, is-over after.
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function inWords(seconds) {
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
  if (seconds >= 2 * DAY) return format.format(Math.floor(seconds / DAY), "day");
  if (seconds >= 2 * HOUR) return format.format(Math.floor(seconds / HOUR), "hour");
  if (seconds >= 2 * MINUTE) return format.format(Math.floor(seconds / MINUTE), "minute");
  return format.format(Math.ceil(seconds), "second");
}

function show(element) {
  const seconds = (Date.parse(element.dataset.deadline) - Date.now()) / 1000;
  const frame = element.closest(".deadline");
  frame?.classList.toggle("is-soon", seconds > HOUR && seconds <= DAY);
  frame?.classList.toggle("is-last", seconds > 0 && seconds <= HOUR);
  frame?.classList.toggle("is-over", seconds <= 0);
  const text = seconds > 0 ? inWords(seconds) : (element.dataset.over ?? "");
  if (element.textContent !== text) element.textContent = text;
  return seconds > 0 && seconds <= 2 * HOUR;
}

function refresh() {
  const close = [...document.querySelectorAll("[data-deadline]")].map(show).some(Boolean);
  setTimeout(refresh, close ? 1000 : 20_000);
}
refresh();
