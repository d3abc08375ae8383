// The page "no connection": lists the texts of the last reader that keep.js holds on this device, to be read and copied.
const PREFIX = "kept:";
const place = document.querySelector("#kept");
const list = document.querySelector("#kept-list");

function texts() {
  try {
    const mine = `${PREFIX}${localStorage.getItem("last-reader") ?? ""}:`;
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(mine))
      .map((name) => JSON.parse(localStorage.getItem(name)))
      .sort((one, other) => other.at - one.at);
  } catch {
    return []; // no storage, or what was kept can't be read
  }
}

function item({ at, written }) {
  const carried = new Set(["form_key", "version"]);
  const text = Object.entries(written)
    .filter(([name, value]) => typeof value === "string" && value.trim() && !carried.has(name))
    .map(([, value]) => value)
    .join("\n\n");
  if (!text) return null;
  const line = document.createElement("li");
  line.className = "stack stack--tight";
  const when = document.createElement("p");
  when.className = "soft small";
  const moment = new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
  when.textContent = place.dataset.textSince.replace("{when}", moment);
  const body = document.createElement("p");
  body.className = "as-written";
  body.dir = "auto";
  body.textContent = text;
  const copy = document.createElement("button");
  copy.className = "button button--small";
  copy.type = "button";
  copy.textContent = place.dataset.textCopy;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    copy.textContent = place.dataset.textCopied;
  });
  line.append(when, body, copy);
  return line;
}

const items = texts().map(item).filter(Boolean);
list.append(...items);
place.hidden = items.length === 0;
document.querySelector("[data-retry]").addEventListener("click", () => location.reload());
addEventListener("online", () => location.reload());
