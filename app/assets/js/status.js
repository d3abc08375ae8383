// One role=status region, present from the start: #status. Its data-text-* attributes hold the words, in the page's language.
const region = () => document.getElementById("status");
let timer;

export const words = (name) => region()?.getAttribute(`data-text-${name}`) ?? "";

// seen: false for what the page shows elsewhere: it is said only.
export function announce(text, { seen = true } = {}) {
  const status = region();
  if (!status || !text) return;
  const line = document.createElement("p");
  line.className = seen ? "status__text" : "hidden-visually";
  line.textContent = text;
  status.replaceChildren(line);
  clearTimeout(timer);
  timer = setTimeout(() => status.replaceChildren(), 9000);
}
