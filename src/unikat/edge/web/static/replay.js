// Unikat: the past of the floor on a slider: drag it, or play it faster than it was.

import { atTime, byId, call } from "./common.js";

const FRAME = 250;

export class Replay {
  /** `show(floor)` shows a past floor, `toLive()` loads the present one, `now()` is the site's time in ms. */
  constructor({ show, toLive, now }) {
    this.show = show; this.toLive = toLive; this.now = now;
    this.at = null; // the time shown in ms; null is now
    this.timer = 0; this.isAsking = false; this.wanted = null;
    this.slider = byId("moment");
    this.slider.addEventListener("input", () => { this.stop(); this.look(this.first + this.slider.valueAsNumber * 1000); });
    byId("play").addEventListener("click", () => (this.timer ? this.stop() : this.play()));
    byId("to-now").addEventListener("click", () => this.live());
    byId("replay").addEventListener("submit", (event) => event.preventDefault());
  }

  get isLive() { return this.at === null; }

  async open() {
    const { first } = await call("GET", "/floor/span");
    if (!first) return;
    this.first = Date.parse(first);
    byId("replay").hidden = false;
    this.grow();
  }

  /** The present moves on, so the slider gets longer. */
  grow() {
    if (this.first === undefined) { this.first = this.now(); byId("replay").hidden = false; }
    this.slider.max = Math.max(0, Math.floor((this.now() - this.first) / 1000));
    if (this.isLive) this.slider.value = this.slider.max;
    this.tell();
  }

  tell() {
    const words = this.isLive ? "now" : atTime(this.at);
    byId("shown").textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
    byId("to-now").disabled = this.isLive;
    byId("play").textContent = this.timer ? "Pause" : "Play";
    document.body.classList.toggle("past", !this.isLive);
  }

  /** Show a past time; while one is asked for, only the last wish counts. */
  async look(time) {
    if (time >= this.now()) { await this.live(); return; }
    this.at = time;
    this.slider.value = Math.round((time - this.first) / 1000);
    this.tell();
    this.wanted = time;
    if (this.isAsking) return;
    this.isAsking = true;
    try {
      while (this.wanted !== null && !this.isLive) {
        const asked = this.wanted;
        this.wanted = null;
        const floor = await call("GET", `/floor/past?at=${encodeURIComponent(new Date(asked).toISOString())}`);
        if (!this.isLive) this.show(floor);
      }
    } catch (error) {
      byId("shown").textContent = error.message;
    }
    this.isAsking = false;
  }

  play() {
    const from = this.isLive || this.at < this.first ? this.first : this.at;
    this.timer = setInterval(() => this.look(this.at + Number(byId("speed").value) * FRAME), FRAME);
    this.look(from);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.tell();
  }

  async live() {
    this.stop();
    this.at = null; this.wanted = null;
    this.grow();
    await this.toLive().catch(() => {});
  }
}
