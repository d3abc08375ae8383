// The switch for notifications in this browser: shown where the browser can. It asks the browser for an address, and
// sends it with a plain form.
const box = document.querySelector("[data-push]");
const can = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

function written(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function bytes(text) {
  const padded = text.replaceAll("-", "+").replaceAll("_", "/") + "=".repeat((4 - (text.length % 4)) % 4);
  return Uint8Array.from(atob(padded), (sign) => sign.charCodeAt(0));
}

async function subscribe(form) {
  if ((await Notification.requestPermission()) !== "granted") {
    box.querySelector("[data-push-refused]").hidden = false;
    return;
  }
  const { pushManager } = await navigator.serviceWorker.ready;
  const found = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(box.dataset.push) });
  form.elements.endpoint.value = found.endpoint;
  form.elements.public_key.value = written(found.getKey("p256dh"));
  form.elements.secret.value = written(found.getKey("auth"));
  form.submit();
}

if (box) {
  box.querySelector(can ? "[data-push-can]" : "[data-push-cannot]").hidden = false;
  const form = box.querySelector("form[data-push-can]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    subscribe(form).catch(() => {
      box.querySelector("[data-push-cannot]").hidden = false;
    });
  });
}
