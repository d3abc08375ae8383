// <div role="toolbar" data-marks="body" hidden>: shown, its buttons [data-mark] write Markdown into the textarea #body, and
// Ctrl+B, Ctrl+I and Ctrl+K press those of bold, italic and link. A mark that is there already is taken away.
// The arrow keys, Home and End move between the buttons: the toolbar is one stop of the Tab key.
import { onEachPart } from "./partial.js";
import { typeInto } from "./insert.js";

const AROUND = { bold: "**", italic: "*" };
const BEFORE = { heading: "## ", list: "- ", quote: "> " };
const KEYS = { b: "bold", i: "italic", k: "link" };

const areaOf = (bar) => document.getElementById(bar.dataset.marks);
const barOf = (area) => area.id && document.querySelector(`[data-marks="${CSS.escape(area.id)}"]`);

// The selection without the spaces at its ends: "** bold **" would stay as it is typed.
function chosen(area) {
  const text = area.value;
  let { selectionStart: from, selectionEnd: to } = area;
  while (from < to && /\s/.test(text[from])) from += 1;
  while (to > from && /\s/.test(text[to - 1])) to -= 1;
  return [from, to];
}

// How many stars there are at an end: one is italic, two bold, three both.
const stars = (text) => text.match(/^\*{0,3}/)[0].length;
const hasMark = (mark, count) => count === 3 || count === mark.length;

function around(area, mark) {
  const [from, to] = chosen(area);
  const [text, size] = [area.value, mark.length];
  const inside = text.slice(from, to);
  const left = stars([...text.slice(Math.max(0, from - 3), from)].reverse().join(""));
  if (left && hasMark(mark, left) && hasMark(mark, stars(text.slice(to)))) {
    typeInto(area, from - size, to + size, inside);
    area.setSelectionRange(from - size, to - size);
  } else {
    typeInto(area, from, to, mark + inside + mark);
    area.setSelectionRange(from + size, to + size);
  }
}

function before(area, mark) {
  const text = area.value;
  const from = area.selectionStart && text.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const last = Math.max(from, area.selectionEnd - (area.selectionEnd > area.selectionStart && text[area.selectionEnd - 1] === "\n" ? 1 : 0));
  const end = text.indexOf("\n", last);
  const to = end < 0 ? text.length : end;
  const lines = text.slice(from, to).split("\n");
  const written = lines.filter((line) => line.trim());
  const marked = written.length > 0 && written.every((line) => line.startsWith(mark));
  // A list or a quotation right below a paragraph would be read as a part of it.
  const gap = !marked && from > 0 && text[from - 2] !== "\n" && !text.slice(0, from - 1).split("\n").at(-1).startsWith(mark) ? "\n" : "";
  const changed = lines.map((line) => (marked ? line.slice(line.startsWith(mark) ? mark.length : 0) : line.trim() || lines.length === 1 ? mark + line : line));
  typeInto(area, from, to, gap + changed.join("\n"));
  const at = from + gap.length;
  if (lines.length > 1) area.setSelectionRange(at, at + changed.join("\n").length);
}

function link(area) {
  const [from, to] = chosen(area);
  const inside = area.value.slice(from, to);
  const isAddress = /^https?:\/\/\S+$/.test(inside);
  const [words, address] = isAddress ? ["", inside] : [inside, "https://"];
  typeInto(area, from, to, `[${words}](${address})`);
  // What is still to be typed is selected.
  const start = isAddress || !words ? from + 1 : from + words.length + 3;
  area.setSelectionRange(start, isAddress || !words ? start : start + address.length);
}

function write(area, mark) {
  if (area.readOnly || area.disabled) return;
  if (mark === "link") link(area);
  else if (mark in AROUND) around(area, AROUND[mark]);
  else before(area, BEFORE[mark]);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-mark]");
  const bar = button?.closest("[data-marks]");
  if (bar) write(areaOf(bar), button.dataset.mark);
});
document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  const bar = target.closest("[data-marks]");
  if (bar) {
    const buttons = [...bar.querySelectorAll("[data-mark]")];
    const place = buttons.indexOf(target);
    const next = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: -1 }[key];
    if (place < 0 || next === undefined) return;
    event.preventDefault();
    stop(buttons, buttons.at(next % buttons.length)).focus();
  } else if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && !event.isComposing && target.matches("textarea")) {
    const mark = KEYS[key.toLowerCase()];
    if (!mark || !barOf(target)) return;
    event.preventDefault();
    write(target, mark);
  }
});

function stop(buttons, here) {
  for (const button of buttons) button.tabIndex = button === here ? 0 : -1;
  return here;
}

onEachPart((root) => {
  for (const bar of root.querySelectorAll("[data-marks]")) {
    const buttons = [...bar.querySelectorAll("[data-mark]")];
    stop(buttons, buttons[0]);
    bar.hidden = false;
  }
});
