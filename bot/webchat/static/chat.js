// The page: what the person does becomes frames, what the server says becomes messages.

import { Countdown } from "./countdown.js";
import { Transport } from "./transport.js";
import { View } from "./view.js";

const TOAST_MS = 4000;
const FRESH_START_AFTER_MS = 10 * 60 * 1000;
const STATES = {
  connecting: "正在连接…",
  connected: "已连接",
  reconnecting: "正在重新连接…",
  offline: "离线，答案未提交前请勿关闭",
};

const NO_COOKIE = { text: "浏览器没有保存本页的 Cookie，无法识别您的会话。请在设置中允许 Cookie，然后刷新页面。", buttons: [] };

const byId = (id) => document.getElementById(id);
const field = byId("text");
const view = new View(byId("log"), tap);
const countdown = new Countdown(byId("countdown"));
const transport = new Transport({ response, notice, rejected, state });

const page = [...crypto.getRandomValues(new Uint8Array(9))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const waiting = new Map(); // frame id -> {message} of a tap or {own, retry} of the person's words
let frames = 0;
let toastTimer = 0;
let aliveAt = Date.now();
let wasAway = false;

function send(frame, context = {}) {
  frames += 1;
  const id = `${page}-${frames}`;
  waiting.set(id, context);
  showToast(""); // a remark on the step before
  transport.send({ id, ...frame });
}

function say(words, frame) {
  send(frame, { own: view.addOwn(words), retry: () => say(words, frame) });
}

function open() {
  const code = takeCode();
  send(code ? { type: "open", code } : { type: "open" });
}

/** The code of an invitation link stays out of the history, of bookmarks and of screenshots. */
function takeCode() {
  let code = location.hash.slice(1);
  try {
    code = decodeURIComponent(code);
  } catch {
    // not encoded: taken as it is
  }
  if (code) history.replaceState(null, "", location.pathname + location.search);
  return code.trim().slice(0, 256);
}

function tap(message, button, action) {
  view.setPending(message, button);
  send({ type: "tap", action, message: message.id }, { message });
}

function response(frame) {
  const { message, own, retry } = waiting.get(frame.id) || {};
  waiting.delete(frame.id);
  const hadDeadline = Boolean(message && message.dataset.deadline);
  if (own && frame.failed) own.failed(retry);
  else if (own) own.done();
  const shown = view.addReplies(frame.replies);
  if (message && frame.row) view.replaceTappedRow(message, frame.row);
  if (message) view.release(message);
  if (frame.toast) showToast(frame.toast);
  followDeadline(frame, hadDeadline && !frame.failed);
  view.reveal(shown); // last: the clock's line takes room
}

function notice(frame) {
  const atEnd = view.isAtEnd();
  const shown = view.addReplies(frame.replies);
  followDeadline(frame, false);
  if (atEnd) view.reveal(shown);
  else showToast("下方有新消息");
}

/** The clock stops when what followed a tap on a timed message, or came after the end, has no deadline any more. */
function followDeadline(frame, afterTimedTap) {
  countdown.correct(frame.now);
  const isUntimed = frame.replies.length > 0 && !frame.replies.some((reply) => reply.deadline);
  if (isUntimed && (afterTimedTap || countdown.expired)) view.forgetDeadlines();
  countdown.show(view.newestDeadline());
}

function rejected(id, code) {
  const { message, own, retry } = waiting.get(id) || {};
  waiting.delete(id);
  if (message) view.release(message);
  if (own) own.failed(retry);
  if (code === "no_session") view.reveal(view.addReplies([NO_COOKIE]));
  else showToast("这一步没有送达，请再试一次");
}

function state(name) {
  const label = byId("connection");
  if (label.textContent !== STATES[name]) label.textContent = STATES[name];
  label.dataset.state = name;
  if (name !== "connected") return;
  const isBackAfterLong = wasAway || Date.now() - aliveAt > FRESH_START_AFTER_MS;
  if (isBackAfterLong && !transport.pending.size) open();
  aliveAt = Date.now();
  wasAway = false;
}

/** A phone stops the page in the background; the gap between two beats tells how long. */
function beat() {
  if (Date.now() - aliveAt > FRESH_START_AFTER_MS) wasAway = true;
  else if (byId("connection").dataset.state === "connected") aliveAt = Date.now();
}

function showToast(words) {
  const toast = byId("toast");
  toast.textContent = words;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    toast.textContent = "";
  }, TOAST_MS);
}

function fitField() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
  byId("send").disabled = !field.value.trim();
}

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  fitField();
  say(text, { type: "text", text });
});

field.addEventListener("input", fitField);
field.addEventListener("keydown", (event) => {
  const isComposing = event.isComposing || event.keyCode === 229; // Enter that picks a word in the input method
  if (event.key !== "Enter" || event.shiftKey || isComposing) return;
  event.preventDefault();
  byId("composer").requestSubmit();
});

for (const button of document.querySelectorAll("[data-command]")) {
  button.onclick = () => say(button.textContent, { type: "command", name: button.dataset.command });
}

addEventListener("hashchange", () => location.hash.length > 1 && open());
addEventListener("beforeunload", (event) => {
  if (transport.pending.size) event.preventDefault();
});

byId("bottom").hidden = false;
state("connecting");
setInterval(beat, 5000);
open();
transport.start();
