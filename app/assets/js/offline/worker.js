// A page that can't be loaded is answered with the page "no connection". Nothing else is kept: no page of a person is
// stored on the device, and every request goes to the server first. FILES is put before this script by the server.
const NAME = `offline:${self.location.search}:${self.FILES.join()}`;

self.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(NAME);
    await cache.addAll(self.FILES.map((address) => new Request(address, { cache: "reload" })));
    await self.skipWaiting();
  };
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  const renew = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("offline:") && name !== NAME);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(renew());
});

async function load(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const page = await caches.match(self.FILES[0]);
    if (page) return page;
    throw error;
  }
}

async function file(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request);
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(load(request));
  else if (self.FILES.includes(new URL(request.url).pathname)) event.respondWith(file(request));
});

// A notification that the server sent to this browser: only its title and its page, which only this browser can read.
self.addEventListener("push", (event) => {
  const { title, url } = event.data?.json() ?? {};
  if (title) event.waitUntil(self.registration.showNotification(title, { data: url, icon: "/icon-192.png" }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { data } = event.notification;
  if (typeof data === "string" && new URL(data).origin === self.location.origin) event.waitUntil(self.clients.openWindow(data));
});
