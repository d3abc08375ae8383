// For pages of other applications of the organisation: shows how many answers to a person's ideas wait, as a link.
// <script src="https://…/notice.js" data-host="1" data-token="…" defer></script>
// It sends the token to the site that it came from, and nothing else: no cookie, no address of the page. It writes no
// style, so that any Content-Security-Policy with that site in script-src and connect-src allows it.
const script = document.currentScript;

async function show({ host, token }) {
  const answer = await fetch(new URL(`/hosts/${encodeURIComponent(host)}/notice`, script.src), {
    method: "POST",
    body: new URLSearchParams({ token }),
    credentials: "omit",
    cache: "no-store",
    referrerPolicy: "no-referrer",
  });
  if (answer.status !== 200) return;
  const { text, lang, url } = await answer.json();
  const link = document.createElement("a");
  link.className = "convergence-notice";
  link.textContent = text;
  link.lang = lang;
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  script.after(link);
}

// The page goes on without it, whatever happens.
if (script?.dataset.host && script.dataset.token) show(script.dataset).catch(() => {});
