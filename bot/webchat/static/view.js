// The conversation on the screen: bubbles, buttons, and what happens to the scroll position and the focus.

import { renderMarkup } from "./markup.js";

const LONGEST_LOG = 400;
const TIME_GAP_MS = 5 * 60 * 1000;
const MARGIN = 14;
const LONG_LABEL = 18; // characters: more than one line on a phone
const OPTION_LABEL = /^\S{0,2}\s?[A-H][.．、:：\s]/; // "A. …", "✓ A. …"

export class View {
  /** `onTap(message, button, action)` is called with the message's element and the button's. */
  constructor(log, onTap) {
    this.log = log;
    this.onTap = onTap;
    this.counter = 0;
    this.lastShownAt = 0;
    this.keepEndInSight();
  }

  /** When the keyboard or a longer draft takes room away, who was reading the end still sees it. */
  keepEndInSight() {
    let wasAtEnd = true;
    this.log.addEventListener("scroll", () => {
      wasAtEnd = this.isAtEnd();
    });
    new ResizeObserver(() => wasAtEnd && this.log.scrollTo({ top: this.log.scrollHeight })).observe(this.log);
  }

  /** Show the person's own words at once; returns {done(), failed(retry)} for what becomes of them. */
  addOwn(words) {
    const bubble = element("div", "bubble", words);
    const state = element("span", "sending", "发送中…");
    const message = element("article", "message own");
    message.append(hidden("我："), bubble, state);
    this.append(message);
    this.reveal([message]);
    return {
      done: () => state.remove(),
      failed: (retry) => {
        const again = element("button", "again", "重新发送");
        again.type = "button";
        again.onclick = () => {
          message.remove();
          retry();
        };
        state.replaceChildren("未保存 ", again);
      },
    };
  }

  /** Show replies, each in place of the message it replaces or at the end; returns those to look at. */
  addReplies(replies) {
    const shown = replies.map((reply) => this.addReply(reply));
    const appended = shown.filter((one) => one.isNew);
    return (appended.length ? appended : shown).map((one) => one.message);
  }

  addReply(reply) {
    const message = this.build(reply);
    const old = reply.replaces ? document.getElementById(reply.replaces) : null;
    if (!old) {
      this.append(message);
      return { message, isNew: true };
    }
    const focused = old.contains(document.activeElement) || old.dataset.focused === "yes";
    const action = old.dataset.tapped;
    old.replaceWith(message);
    if (focused) focusButton(message, action);
    return { message, isNew: false };
  }

  build(reply) {
    const message = element("article", "message theirs");
    this.counter += 1;
    message.id = `m${this.counter}`;
    if (reply.deadline) message.dataset.deadline = reply.deadline;
    const bubble = element("div", "bubble");
    bubble.append(renderMarkup(reply.text));
    message.append(hidden("豫食学堂："), bubble);
    if (reply.buttons.length) message.append(this.buildButtons(message, reply.buttons));
    return message;
  }

  buildButtons(message, rows) {
    const group = element("div", "buttons");
    for (const row of rows) group.append(this.buildRow(message, row));
    return group;
  }

  buildRow(message, row) {
    const line = element("div", "row");
    for (const { text, action } of row) {
      const readsAsText = row.length === 1 && (text.length > LONG_LABEL || OPTION_LABEL.test(text));
      const button = element("button", readsAsText ? "choice aligned" : "choice", text);
      button.type = "button";
      button.dataset.action = action;
      button.onclick = () => this.onTap(message, button, action);
      line.append(button);
    }
    return line;
  }

  /** The row whose button was tapped becomes another; the rest of the message stays as it is. */
  replaceTappedRow(message, row) {
    const tapped = [...message.querySelectorAll(".choice")].find((button) => button.dataset.action === message.dataset.tapped);
    if (tapped) tapped.closest(".row").replaceWith(this.buildRow(message, row));
  }

  setPending(message, button) {
    message.dataset.tapped = button.dataset.action;
    message.dataset.focused = document.activeElement === button ? "yes" : "no"; // a disabled button loses the focus
    message.setAttribute("aria-busy", "true");
    for (const each of message.querySelectorAll(".choice")) each.disabled = true;
    button.classList.add("pending");
    button.append(element("span", "tap-state", "提交中…"));
  }

  release(message) {
    if (!message.isConnected) return;
    message.removeAttribute("aria-busy");
    for (const state of message.querySelectorAll(".tap-state")) state.remove();
    for (const each of message.querySelectorAll(".choice")) {
      each.disabled = false;
      each.classList.remove("pending");
    }
    const lostFocus = document.activeElement === document.body || document.activeElement === null;
    if (message.dataset.focused === "yes" && lostFocus) focusButton(message, message.dataset.tapped);
  }

  newestDeadline() {
    const dated = this.log.querySelectorAll("[data-deadline]");
    return dated.length ? dated[dated.length - 1].dataset.deadline : null;
  }

  forgetDeadlines() {
    for (const message of this.log.querySelectorAll("[data-deadline]")) delete message.dataset.deadline;
  }

  isAtEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
  }

  append(message) {
    const now = new Date();
    if (now - this.lastShownAt > TIME_GAP_MS) {
      const clock = now.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
      this.log.append(element("p", "time", clock));
    }
    this.lastShownAt = now;
    this.log.append(message);
    while (this.log.childElementCount > LONGEST_LOG) this.log.firstElementChild.remove();
  }

  /** Scroll no more than needed to see `messages`; what is taller than the screen shows its beginning. */
  reveal(messages) {
    if (!messages.length) return;
    const last = messages[messages.length - 1];
    const top = messages[0].offsetTop - MARGIN;
    const bottom = last.offsetTop + last.offsetHeight + MARGIN;
    const { scrollTop, clientHeight } = this.log;
    if (top >= scrollTop && bottom <= scrollTop + clientHeight) return;
    this.log.scrollTo({ top: Math.min(top, bottom - clientHeight) });
  }
}

function focusButton(message, action) {
  const buttons = [...message.querySelectorAll(".choice")];
  const target = buttons.find((button) => button.dataset.action === action) || buttons[0];
  if (target) target.focus({ preventScroll: true });
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function hidden(text) {
  return element("span", "visually-hidden", text);
}
