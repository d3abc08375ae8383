// A button with data-confirm="question" opens a dialog first; if the person agrees, the click is repeated.
import { words } from "./status.js";

function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function ask(question, yesLabel, danger) {
  const dialog = document.createElement("dialog");
  dialog.className = "confirm";
  const text = make("p", "", question);
  text.id = "confirm-question";
  dialog.setAttribute("aria-labelledby", text.id);
  const row = make("div", "actions", "");
  const no = make("button", "button", words("cancel"));
  const yes = make("button", `button button--${danger ? "danger" : "primary"}`, yesLabel);
  no.addEventListener("click", () => dialog.close(""));
  yes.addEventListener("click", () => dialog.close("yes"));
  row.append(no, yes);
  dialog.append(text, row);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

document.addEventListener(
  "click",
  async (event) => {
    const button = event.target.closest("[data-confirm]");
    if (!button || !event.isTrusted) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const danger = button.matches(".button--danger, .menu__item--danger");
    const agreed = await ask(button.dataset.confirm, button.dataset.confirmYes ?? button.textContent.trim(), danger);
    button.focus();
    if (agreed) button.click();
  },
  true,
);
