// The running clock over the chat: the newest message's deadline, told by the server's clock and not by the phone's.

export class Countdown {
  constructor(element) {
    this.element = element;
    this.ahead = 0; // milliseconds that the server's clock is ahead of this one
    this.deadline = null;
    this.timer = 0;
  }

  /** `now` is the server's instant (ISO) that came with a frame. */
  correct(now) {
    const moment = Date.parse(now);
    if (!Number.isNaN(moment)) this.ahead = moment - Date.now();
  }

  show(deadline) {
    this.deadline = deadline ? Date.parse(deadline) : null;
    clearInterval(this.timer);
    this.element.hidden = this.deadline === null;
    if (this.deadline === null) return;
    this.timer = setInterval(() => this.tick(), 250);
    this.tick();
  }

  get expired() {
    return this.deadline !== null && this.secondsLeft() <= 0;
  }

  secondsLeft() {
    return Math.max(0, Math.ceil((this.deadline - Date.now() - this.ahead) / 1000));
  }

  tick() {
    const seconds = this.secondsLeft();
    const words = seconds > 0 ? `剩余 ${inWords(seconds)}` : "已到时";
    if (this.element.textContent !== words) this.element.textContent = words;
    this.element.dataset.state = seconds <= 0 ? "over" : seconds <= 60 ? "soon" : "running";
    if (seconds <= 0) clearInterval(this.timer);
  }
}

function inWords(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const clock = `${two(minutes % 60)}:${two(seconds % 60)}`;
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${clock}` : clock;
}
