// Keeps a running round current: fetches the page's changing part every few seconds while somebody looks at it.
// The new part says itself whether there is more to come: without data-live it is over, and the asking stops.

const PAUSE_MS = 3000;
const SLOWER_MS = 10000;

let tag = null;
let timer = 0;
let isAsking = false;

const region = () => document.querySelector("[data-live]");

function say(words) {
  const note = document.querySelector("[data-live-note]");
  if (!note) return;
  note.dataset.calm ??= note.textContent;
  const text = words || note.dataset.calm;
  if (note.textContent !== text) note.textContent = text;
  note.closest(".live-line")?.classList.toggle("is-lost", Boolean(words));
}

function replace(html) {
  const focused = document.activeElement?.id;
  const holder = document.createElement("template");
  holder.innerHTML = html;
  region().replaceWith(holder.content);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function ask() {
  const current = region();
  if (!current || document.hidden || isAsking) return;
  isAsking = true;
  let pause = PAUSE_MS;
  try {
    const headers = tag ? { "If-None-Match": tag } : {};
    const response = await fetch(current.dataset.live, { headers, cache: "no-store", redirect: "manual" });
    if (response.type === "opaqueredirect" || [401, 403, 404].includes(response.status)) {
      say(current.dataset.expired);
      return;
    }
    if (response.status === 200) {
      const html = await response.text();
      tag = response.headers.get("ETag");
      replace(html);
    } else if (response.status !== 304) {
      throw new Error(String(response.status));
    }
    say("");
  } catch {
    say(current.dataset.lost);
    pause = SLOWER_MS;
  } finally {
    isAsking = false;
  }
  schedule(pause);
}

function schedule(pause) {
  clearTimeout(timer);
  if (region() && !document.hidden) timer = setTimeout(ask, pause);
}

document.addEventListener("visibilitychange", () => schedule(0));
schedule(PAUSE_MS);
