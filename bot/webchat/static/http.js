// The way through networks that refuse WebSockets: frames by POST one at a time, notices by long poll.

const POST_LIMIT_MS = 30000;
const POLL_LIMIT_MS = 40000;

export function backoff(failures) {
  return Math.min(10000, 500 * 2 ** failures) * (0.8 + Math.random() * 0.4);
}

export class HttpLink {
  /** `owner` is the Transport: pending frames, receive(frame), reject(id, code), httpAlive(), httpLost(). */
  constructor(owner) {
    this.owner = owner;
    this.running = false;
    this.polling = false;
    this.posting = false;
    this.failures = 0;
    this.isAlive = false;
    this.wake = () => {};
  }

  start() {
    if (this.running) return;
    this.running = true;
    this.failures = 0;
    this.isAlive = false;
    this.flush();
    this.poll();
  }

  /** The poll under way is left to end by itself, so that no notice is lost in it. */
  stop() {
    this.running = false;
    this.wake();
  }

  async flush() {
    if (this.posting) return;
    this.posting = true;
    while (this.running && this.owner.pending.size) {
      const [id, frame] = this.owner.pending.entries().next().value;
      const answer = await this.request("events", POST_LIMIT_MS, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(frame),
      });
      if (answer && answer.error) this.owner.reject(id, answer.error);
      else if (answer) this.owner.receive(answer);
      else await this.pause();
    }
    this.posting = false;
  }

  async poll() {
    if (this.polling) return;
    this.polling = true;
    while (this.running) {
      // Not waiting the first time tells soon whether this way works.
      const answer = await this.request(this.isAlive ? "notices" : "notices?wait=0", POLL_LIMIT_MS, {});
      if (answer && !answer.error) this.owner.receive(answer);
      else {
        if (answer) this.failed();
        await this.pause();
      }
    }
    this.polling = false;
  }

  /** Returns the server's JSON, {error} when it refuses for good, or null when it is worth trying again. */
  async request(path, limit, options) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), limit);
    try {
      const common = { credentials: "same-origin", cache: "no-store", signal: abort.signal };
      let response = await fetch(path, { ...common, ...options });
      if (response.status === 401) {
        await fetch("./", common); // the cookie ran out or was cleared: the page sets a new one
        response = await fetch(path, { ...common, ...options });
      }
      if (response.status >= 500 || response.status === 429) throw new Error(String(response.status));
      const answer = await response.json();
      if (response.ok) this.succeeded();
      return answer;
    } catch {
      this.failed();
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  succeeded() {
    this.failures = 0;
    this.isAlive = true;
    this.owner.httpAlive();
  }

  failed() {
    this.failures += 1;
    this.isAlive = false;
    if (this.running) this.owner.httpLost(this.failures);
  }

  pause() {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, backoff(this.failures));
      const before = this.wake;
      this.wake = () => {
        clearTimeout(timer);
        before();
        resolve();
      };
    }).finally(() => {
      this.wake = () => {};
    });
  }
}
