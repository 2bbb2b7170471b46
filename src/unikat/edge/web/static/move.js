// Unikat: move a step by hand: dragged or said in a form, shown before it is published.

import { atTime, byId, call, lasting, make } from "./common.js";

const MOST_ROWS = 30;
const step = byId("move-step"), unit = byId("move-unit"), start = byId("move-start");
const said = byId("move-said"), publish = byId("move-publish");

const delay = (seconds) => `${seconds < 0 ? "−" : "+"}${lasting(Math.abs(seconds))}`;

export class MovePanel {
  /** `onPublished()` is called when a move was published. */
  constructor(gantt, { zone, onPublished }) {
    this.gantt = gantt;
    this.onPublished = onPublished;
    this.order = null;
    this.shown = null;
    // Swedish writes a time as a datetime-local field wants it, but for the T.
    this.field = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: zone });
    step.addEventListener("change", () => { this.fill(); this.forget(); });
    for (const input of [unit, start]) input.addEventListener("change", () => this.forget());
    byId("move").addEventListener("submit", (event) => { event.preventDefault(); this.show(); });
    publish.addEventListener("click", () => this.publish());
  }

  /** Offer the steps of an order; the same order again keeps what was written. */
  offer(order) {
    const bars = this.gantt.bars.filter((bar) => bar.order === order).sort((a, b) => a.start - b.start);
    byId("move-card").hidden = !bars.length;
    const names = bars.map((bar) => bar.step);
    const isSame = order === this.order && names.join() === [...step.options].map((each) => each.value).join();
    this.order = order;
    if (isSame || !bars.length) return;
    step.replaceChildren(...names.map((value) => make("option", { value }, value.replaceAll("_", " "))));
    unit.replaceChildren(...this.gantt.rows.map(({ name }) => make("option", { value: name }, name)));
    this.fill();
    this.forget();
  }

  /** Write where the chosen step is now. */
  fill() {
    const bar = this.gantt.bars.find((each) => each.order === this.order && each.step === step.value);
    if (!bar) return;
    unit.value = bar.unit;
    start.value = this.field.format(bar.start).replace(" ", "T");
  }

  /** A step was dragged: say so in the form and show what it does. */
  ask(name, row, time) {
    step.value = name; unit.value = row;
    start.value = this.field.format(time).replace(" ", "T");
    this.show({ isDragged: true });
  }

  forget() {
    this.shown = null;
    publish.hidden = true; said.hidden = true; byId("move-region").hidden = true;
    this.gantt.showGhost(null);
  }

  say(text, kind = "") {
    said.hidden = false;
    said.className = `notice ${kind}`;
    said.textContent = text;
  }

  async show({ isDragged = false } = {}) {
    const wish = { order: this.order, step: step.value, unit: unit.value, start: start.value };
    if (!isDragged) this.forget();
    if (!start.value) { this.say("Say from when.", "bad"); start.focus(); return; }
    try {
      const told = await call("POST", "/schedule/moves", wish);
      this.shown = { ...wish, may_break: told.broken };
      this.tell(told);
    } catch (error) {
      this.forget();
      this.say(error.message, "bad");
    }
  }

  tell(told) {
    const row = this.gantt.rows.findIndex(({ name }) => name === this.shown.unit);
    this.gantt.showGhost({ order: this.order, step: this.shown.step, row, start: Date.parse(told.start) });
    const late = told.broken.length;
    this.say([
      `${this.shown.step.replaceAll("_", " ")} would run from ${atTime(told.start)} to ${atTime(told.finish)} on ${this.shown.unit}.`,
      late ? `It would break ${late} promise${late > 1 ? "s" : ""}: ${told.broken.join(", ")}.` : "It breaks no promise.",
      told.orders.length ? `${told.orders.length} order${told.orders.length > 1 ? "s" : ""} would finish at another time.` : "Every order finishes as before.",
      told.orders.length > MOST_ROWS ? `The ${MOST_ROWS} most delayed are listed.` : "",
    ].filter(Boolean).join(" "), late ? "warn" : "");
    byId("move-orders").replaceChildren(...told.orders.slice(0, MOST_ROWS).map((each) => make("tr", {},
      make("td", { className: "mono" }, each.order), make("td", {}, each.customer), make("td", {}, atTime(each.due)),
      make("td", {}, atTime(each.before)),
      make("td", {}, `${atTime(each.after)} `, each.is_broken ? make("span", { className: "pill bad" }, "late") : ""),
      make("td", { className: "num" }, delay(each.later_s)))));
    byId("move-region").hidden = !told.orders.length;
    publish.textContent = late ? `Publish, and break ${late} promise${late > 1 ? "s" : ""}` : "Publish";
    publish.hidden = false;
  }

  async publish() {
    publish.disabled = true;
    try {
      await call("POST", "/schedule/moves", { ...this.shown, publish: true });
      this.forget();
      this.say("Published.");
      await this.onPublished();
      this.fill();
    } catch (error) {
      this.forget();
      this.say(error.message, "bad");
    }
    publish.disabled = false;
  }
}
