// A button with data-insert="{{ participants }}" data-into="#body": inserts the text at the cursor. One that sends its
// form without a script does not send it.

// Puts a text where another was, as if a person had typed it: the browser can undo it. The event "input" follows.
export function typeInto(area, from, to, text) {
  area.focus();
  area.setSelectionRange(from, to);
  if (text ? document.execCommand("insertText", false, text) : from === to || document.execCommand("delete")) return;
  area.setRangeText(text, from, to, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  const area = button && document.querySelector(button.dataset.into);
  if (!area) return;
  event.preventDefault();
  typeInto(area, area.selectionStart, area.selectionEnd, button.dataset.insert);
});
