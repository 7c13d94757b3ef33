// Brings frames to the server and back: a socket while it works, HTTP when it does not. A frame stays pending, and is
// sent again after every reconnect, until its answer has come; the server knows it by its id.

import { HttpLink, backoff } from "./http.js";

const OPEN_LIMIT_MS = 8000;
const ANSWER_LIMIT_MS = 15000;
const STABLE_MS = 3000;
const SOCKET_AGAIN_MS = 60000;
const FAILURES_BEFORE_HTTP = 2;
const FAILURES_BEFORE_OFFLINE = 3;

export class Transport {
  /** `page` has response(frame), notice(frame), rejected(id, code) and state("connected" | "reconnecting" | "offline"). */
  constructor(page) {
    this.page = page;
    this.pending = new Map();
    this.http = new HttpLink(this);
    this.socket = null;
    this.failures = 0;
    this.retryTimer = 0;
    this.quietSince = 0;
    this.seenNotices = [];
  }

  start() {
    addEventListener("online", () => this.renew());
    addEventListener("offline", () => this.page.state("offline"));
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    setInterval(() => this.checkAnswers(), 5000);
    this.connect();
  }

  send(frame) {
    this.pending.set(frame.id, frame);
    if (this.isOpen()) this.transmit(frame);
    else if (this.http.running) this.http.flush();
  }

  isOpen() {
    return this.socket !== null && this.socket.readyState === WebSocket.OPEN;
  }

  transmit(frame) {
    if (this.pending.size === 1) this.quietSince = Date.now();
    this.socket.send(JSON.stringify(frame));
  }

  connect() {
    clearTimeout(this.retryTimer);
    if (this.socket) return;
    const address = new URL("socket", document.baseURI);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    address.hash = "";
    let socket;
    try {
      socket = new WebSocket(address.href);
    } catch {
      this.lost(false); // an old WebKit whose content policy does not count sockets as 'self'
      return;
    }
    this.socket = socket;
    let openedAt = 0;
    let heard = false;
    const limit = setTimeout(() => this.socket === socket && this.drop(), OPEN_LIMIT_MS);
    socket.onopen = () => {
      clearTimeout(limit);
      openedAt = Date.now();
      this.http.stop();
      this.quietSince = openedAt;
      this.page.state("connected");
      for (const frame of this.pending.values()) socket.send(JSON.stringify(frame));
    };
    socket.onmessage = (message) => {
      heard = true;
      this.failures = 0;
      this.quietSince = Date.now();
      this.receive(JSON.parse(message.data));
    };
    socket.onclose = () => {
      clearTimeout(limit);
      this.lost(heard || (openedAt > 0 && Date.now() - openedAt > STABLE_MS));
    };
  }

  /** Back on a network, perhaps another one: a socket of the old one may look open for minutes. */
  renew() {
    this.page.state("reconnecting");
    this.abandon();
    this.hurry();
  }

  /** Give the socket up without waiting for a network that may never say that it closed. */
  drop() {
    this.abandon();
    this.lost(false);
  }

  abandon() {
    const socket = this.socket;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.socket = null;
  }

  lost(worked) {
    this.socket = null;
    this.failures = worked ? 0 : this.failures + 1;
    if (this.failures >= FAILURES_BEFORE_HTTP) this.http.start();
    else this.page.state(navigator.onLine === false ? "offline" : "reconnecting");
    this.retry(this.http.running ? SOCKET_AGAIN_MS : backoff(this.failures));
  }

  retry(delay) {
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.connect(), delay);
  }

  hurry() {
    this.http.wake();
    if (!this.socket) this.connect();
  }

  /** A phone that changed networks can hold a socket that looks open and carries nothing. */
  checkAnswers() {
    if (this.isOpen() && this.pending.size && Date.now() - this.quietSince > ANSWER_LIMIT_MS) this.drop();
  }

  httpAlive() {
    if (!this.http.running) return;
    this.page.state("connected");
    if (this.outage) this.retry(2000); // the network is back: perhaps sockets work again
    this.outage = false;
  }

  httpLost(failures) {
    this.outage = true;
    this.page.state(navigator.onLine === false || failures >= FAILURES_BEFORE_OFFLINE ? "offline" : "reconnecting");
  }

  receive(frame) {
    if (frame.type === "response") {
      if (this.pending.delete(frame.id)) this.page.response(frame);
    } else if (frame.type === "notice") {
      if (frame.replies.length && !this.isRepeated(frame.id)) this.page.notice(frame);
    } else if (frame.type === "error" && this.pending.has(frame.id)) {
      if (frame.error === "busy") setTimeout(() => this.isOpen() && this.transmit(this.pending.get(frame.id)), 1000);
      else this.reject(frame.id, frame.error);
    }
  }

  /** While the way changes, a notice can come by the socket and by the last long poll. */
  isRepeated(id) {
    const repeated = this.seenNotices.includes(id);
    this.seenNotices = [...this.seenNotices.slice(-20), id];
    return repeated;
  }

  reject(id, code) {
    if (this.pending.delete(id)) this.page.rejected(id, code);
  }
}
