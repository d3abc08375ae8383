// A button with data-insert="{{ participants }}" data-into="#body": inserts the token at the cursor.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  const area = button && document.querySelector(button.dataset.into);
  if (!area) return;
  area.focus();
  area.setRangeText(button.dataset.insert, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
});
