// A button with data-insert="{{ participants }}" data-into="#body": inserts the text at the cursor. One that sends its
// form without a script does not send it.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  const area = button && document.querySelector(button.dataset.into);
  if (!area) return;
  event.preventDefault();
  area.focus();
  area.setRangeText(button.dataset.insert, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
});
