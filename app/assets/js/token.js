// A form of an earlier session is refused, with the token of the new one: the next try takes it. Not where somebody else
// is signed in by now.
export function renewToken(headers) {
  const token = headers("X-CSRF-Token");
  const { reader } = document.body.dataset;
  if (!token || ![reader, ""].includes(headers("X-Reader"))) return;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = token;
}

document.addEventListener("htmx:afterRequest", (event) => renewToken((name) => event.detail.xhr.getResponseHeader(name)));
