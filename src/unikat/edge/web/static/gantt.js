// Unikat: a Gantt chart on two canvases: bars below; hover, the chosen order's chain and the now line above.

const ROW = 26, HEAD = 44, SIDE = 128, HOUR = 3600e3, DAY = 24 * HOUR;
const STEPS = [5, 10, 15, 30, 60, 120, 240, 480, 720, 1440, 2880, 10080].map((minutes) => minutes * 60e3);
const HUES = [172, 212, 32, 262, 96, 340, 190, 52, 232, 300, 140, 12, 280, 72, 200, 320];

export class Gantt {
  /**
   * `onPick(orderId | null)` is called when an order is chosen; `describe(bar)` gives the words of its tip;
   * `onMove(bar, row, time)` is called when a bar of the chosen order was dragged to a row and a time.
   */
  constructor(box, { zone, onPick, describe, onMove }) {
    this.box = box;
    this.onPick = onPick;
    this.describe = describe;
    this.onMove = onMove;
    this.base = box.querySelector("canvas.base-layer");
    this.top = box.querySelector("canvas.top-layer");
    this.tip = box.querySelector(".tip");
    this.hours = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone });
    this.days = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: zone });
    this.rows = []; this.orders = []; this.bars = []; this.byRow = []; this.closed = [];
    this.start = 0; this.end = DAY; this.y = 0; this.now = () => Date.now();
    this.colour = "order";
    this.picked = null; this.hovered = -1; this.late = new Set(); this.ghost = null;
    this.listen();
    new ResizeObserver(() => this.resize()).observe(box);
  }

  /** Rows: [{name}]; bars: [{row, order, setup, start, finish, ...}] in ms; closed: per row [[start, finish]]. */
  setData({ rows, bars, closed }) {
    const isFirst = !this.bars.length;
    this.rows = rows; this.bars = bars; this.closed = closed;
    this.box.style.height = `${Math.min(760, HEAD + rows.length * ROW + 2)}px`;
    const count = bars.length;
    this.setups = new Float64Array(count); this.starts = new Float64Array(count);
    this.ends = new Float64Array(count); this.hue = new Uint16Array(count);
    const lists = rows.map(() => []);
    bars.forEach((bar, k) => {
      this.setups[k] = bar.setup; this.starts[k] = bar.start; this.ends[k] = bar.finish;
      lists[bar.row].push(k);
    });
    this.byRow = lists.map((list) => Int32Array.from(list.sort((a, b) => this.setups[a] - this.setups[b])));
    // The longest bar of a row bounds how far left of the window a visible bar can begin.
    this.longest = this.byRow.map((list) => list.reduce((most, k) => Math.max(most, this.ends[k] - this.setups[k]), 0));
    this.hovered = -1;
    this.paintBy(this.colour);
    if (isFirst) this.fit(); else this.draw();
  }

  /** One colour for each order, or for each setup family. */
  paintBy(colour) {
    this.colour = colour;
    const hues = new Map();
    this.bars.forEach((bar, k) => {
      const name = colour === "family" ? bar.family || "" : bar.order;
      if (!hues.has(name)) hues.set(name, colour === "family" ? hues.size % HUES.length : hash(name) % HUES.length);
      this.hue[k] = hues.get(name);
    });
    this.draw();
  }

  /** Show the bulk of the bars, not what lies far behind a gap; asked once more, show all. */
  fit() {
    const now = this.now();
    if (!this.bars.length) { this.start = now - HOUR; this.end = now + DAY; return this.draw(); }
    const sorted = Float64Array.from(this.ends).sort();
    const last = sorted[sorted.length - 1], most = Math.floor(sorted.length * 0.97);
    let far = Math.max(now, sorted[0]);
    for (let k = 0; k <= most && sorted[k] - far <= Math.max(4 * DAY, 3 * (far - now)); k += 1) far = Math.max(far, sorted[k]);
    let near = now;
    for (const time of this.setups) if (time < near) near = Math.max(time, now - 6 * HOUR);
    const start = near - HOUR, end = Math.max(far, now + 12 * HOUR) + 2 * HOUR;
    const isFit = Math.abs(this.start - start) + Math.abs(this.end - end) < HOUR;
    this.start = start; this.end = isFit ? Math.max(last + 2 * HOUR, end) : end; this.y = 0;
    return this.draw();
  }

  pick(order, { isQuiet = false } = {}) {
    this.picked = order;
    this.chain = order ? this.bars.map((bar, k) => k).filter((k) => this.bars[k].order === order).sort((a, b) => this.starts[a] - this.starts[b]) : [];
    if (!isQuiet) this.onPick(order);
    this.draw();
  }

  /** Bring the chosen order into the window. */
  reveal() {
    if (!this.chain?.length) return;
    const first = this.setups[this.chain[0]], last = this.ends[this.chain[this.chain.length - 1]];
    const span = Math.max(this.end - this.start, (last - first) * 1.2);
    if (first < this.start || last > this.end) { this.start = (first + last - span) / 2; this.end = this.start + span; }
    this.draw();
  }

  zoom(factor, at = 0.5) {
    const span = Math.min(200 * DAY, Math.max(10 * 60e3, (this.end - this.start) * factor));
    const centre = this.start + (this.end - this.start) * at;
    this.start = centre - span * at; this.end = this.start + span;
    this.draw();
  }

  pan(share) {
    const shift = (this.end - this.start) * share;
    this.start += shift; this.end += shift;
    this.draw();
  }

  toNow() {
    const span = this.end - this.start;
    this.start = this.now() - span * 0.15; this.end = this.start + span;
    this.draw();
  }

  resize() {
    const { width, height } = this.box.getBoundingClientRect();
    const scale = Math.min(2, window.devicePixelRatio || 1);
    for (const canvas of [this.base, this.top]) {
      canvas.width = Math.max(1, Math.round(width * scale));
      canvas.height = Math.max(1, Math.round(height * scale));
      canvas.getContext("2d").setTransform(scale, 0, 0, scale, 0, 0);
    }
    this.width = width; this.height = height;
    this.side = width < 520 ? 84 : SIDE;
    this.draw();
  }

  get rowHeight() { return ROW; }
  x(time) { return this.side + ((time - this.start) / (this.end - this.start)) * (this.width - this.side); }
  time(x) { return this.start + ((x - this.side) / (this.width - this.side)) * (this.end - this.start); }
  rowTop(row) { return HEAD + row * this.rowHeight - this.y; }

  draw() {
    if (this.isAsked || !this.width) return;
    this.isAsked = true;
    requestAnimationFrame(() => { this.isAsked = false; this.paint(); this.paintTop(); });
  }

  paint() {
    const pen = this.base.getContext("2d");
    const { width, height, side } = this;
    const tall = this.rowHeight;
    this.y = Math.max(0, Math.min(this.y, this.rows.length * tall - (height - HEAD)));
    pen.clearRect(0, 0, width, height);
    pen.save();
    pen.beginPath(); pen.rect(side, HEAD, width - side, height - HEAD); pen.clip();
    for (let row = 0; row < this.rows.length; row += 1) {
      const top = this.rowTop(row);
      if (top + tall < HEAD || top > height) continue;
      pen.fillStyle = row % 2 ? "#fafbfb" : "#ffffff";
      pen.fillRect(side, top, width - side, tall);
      pen.fillStyle = "#edf0f2";
      for (const [from, to] of this.closed[row] || []) {
        const left = this.x(from), right = this.x(to);
        if (right > side && left < width) pen.fillRect(left, top, right - left, tall);
      }
    }
    this.paintGrid(pen);
    this.paintBars(pen);
    pen.restore();
    this.paintNames(pen);
    this.paintAxis(pen);
  }

  get step() { return STEPS.find((step) => (step / (this.end - this.start)) * (this.width - this.side) > 58) || 4 * STEPS[STEPS.length - 1]; }

  ticks() {
    const step = this.step, list = [];
    // Ticks stand on the site's own midnight, whatever its zone.
    const parts = this.hours.format(this.start).split(":").map(Number);
    const midnight = this.start - (parts[0] * 60 + parts[1]) * 60e3 - (this.start % 60e3);
    for (let time = midnight + Math.floor((this.start - midnight) / step) * step; time < this.end; time += step) list.push(time);
    return list;
  }

  paintGrid(pen) {
    pen.fillStyle = "#dfe4e8";
    for (const time of this.ticks()) pen.fillRect(Math.round(this.x(time)), HEAD, 1, this.height);
  }

  visible(row) {
    const list = this.byRow[row];
    const first = lower(list, this.setups, this.start - this.longest[row]);
    const last = lower(list, this.setups, this.end);
    return [list, first, last];
  }

  paintBars(pen) {
    const tall = this.rowHeight, thick = tall - 8;
    const paths = new Map(), pale = new Path2D(), red = new Path2D();
    const labels = [];
    for (let row = 0; row < this.rows.length; row += 1) {
      const top = this.rowTop(row) + 4;
      if (top + tall < HEAD || top > this.height) continue;
      const [list, first, last] = this.visible(row);
      let drawn = -Infinity;
      for (let place = first; place < last; place += 1) {
        const k = list[place];
        const left = this.x(this.starts[k]), right = this.x(this.ends[k]);
        if (right < this.side || right - drawn < 0.5) continue;
        drawn = right;
        const isDim = this.picked && this.bars[k].order !== this.picked;
        const key = isDim ? this.hue[k] + 100 : this.hue[k];
        if (!paths.has(key)) paths.set(key, new Path2D());
        const wide = Math.max(1, right - left - 1);
        if (wide > 6) paths.get(key).roundRect(left, top, wide, thick, 3); else paths.get(key).rect(left, top, wide, thick);
        const setup = this.x(this.setups[k]);
        if (left - setup > 1) pale.rect(setup, top + thick * 0.3, left - setup, thick * 0.4);
        if (this.late.has(this.bars[k].order)) red.rect(left, top + thick - 3, wide, 3);
        if (wide > 46 && thick > 14) labels.push([k, left, top, wide, isDim]);
      }
    }
    pen.fillStyle = "#b9c2c9"; pen.fill(pale);
    for (const [key, path] of [...paths].sort((a, b) => b[0] - a[0])) {
      const isDim = key >= 100;
      const hue = HUES[key % 100];
      pen.fillStyle = isDim ? `hsl(${hue} 22% 88%)` : `hsl(${hue} 48% 38%)`;
      pen.fill(path);
    }
    pen.fillStyle = "#d92d20"; pen.fill(red);
    pen.font = "11px system-ui, sans-serif"; pen.textBaseline = "middle";
    for (const [k, left, top, wide, isDim] of labels) {
      pen.fillStyle = isDim ? "#5c6872" : "#ffffff";
      const from = Math.max(left, this.side);
      pen.fillText(clipped(pen, this.bars[k].label, wide - (from - left) - 9), from + 5, top + thick / 2 + 0.5);
    }
  }

  paintNames(pen) {
    pen.fillStyle = "#ffffff"; pen.fillRect(0, 0, this.side, this.height);
    pen.font = "12px system-ui, sans-serif"; pen.textBaseline = "middle"; pen.fillStyle = "#14191f";
    pen.save(); pen.beginPath(); pen.rect(0, HEAD, this.side, this.height); pen.clip();
    this.rows.forEach((row, k) => {
      const top = this.rowTop(k);
      pen.fillText(clipped(pen, row.name, this.side - 18), 12, top + this.rowHeight / 2);
      if (row.isFirst && k) { pen.fillStyle = "#cfd6dc"; pen.fillRect(0, top, this.side, 1); pen.fillStyle = "#14191f"; }
    });
    pen.restore();
    pen.fillStyle = "#cfd6dc"; pen.fillRect(this.side - 1, 0, 1, this.height);
  }

  paintAxis(pen) {
    pen.fillStyle = "#ffffff"; pen.fillRect(0, 0, this.width, HEAD);
    pen.fillStyle = "#cfd6dc"; pen.fillRect(0, HEAD - 1, this.width, 1);
    pen.font = "12px system-ui, sans-serif"; pen.textBaseline = "middle";
    const step = this.step;
    let day = "", free = this.side;
    for (const time of this.ticks()) {
      const x = this.x(time);
      const name = this.days.format(time);
      if (name !== day && Math.max(x, this.side) + 4 >= free) {
        const at = Math.max(x, this.side) + 4;
        pen.fillStyle = "#14191f"; pen.fillText(name, at, 14);
        free = at + pen.measureText(name).width + 14; day = name;
      }
      if (step < DAY && x >= this.side) { pen.fillStyle = "#4d5863"; pen.fillText(this.hours.format(time), x + 4, 32); }
    }
  }

  paintTop() {
    const pen = this.top.getContext("2d");
    pen.clearRect(0, 0, this.width, this.height);
    pen.save();
    pen.beginPath(); pen.rect(this.side, 0, this.width - this.side, this.height); pen.clip();
    const now = this.x(this.now());
    pen.fillStyle = "#d92d20"; pen.fillRect(Math.round(now) - 1, HEAD - 6, 2, this.height);
    pen.beginPath(); pen.arc(now, HEAD - 6, 4, 0, 7); pen.fill();
    pen.beginPath(); pen.rect(this.side, HEAD, this.width, this.height); pen.clip();
    if (this.picked) this.paintChain(pen);
    if (this.hovered >= 0) this.outline(pen, this.hovered, "#14191f");
    if (this.ghost) this.paintGhost(pen);
    pen.restore();
  }

  /** Where a dragged bar would go. */
  paintGhost(pen) {
    const { k, row, start } = this.ghost, left = this.x(start);
    const wide = Math.max(2, this.x(start + this.ends[k] - this.starts[k]) - left);
    pen.fillStyle = "rgb(20 25 31 / 25%)"; pen.strokeStyle = "#14191f"; pen.lineWidth = 2; pen.setLineDash([4, 3]);
    pen.beginPath(); pen.roundRect(left, this.rowTop(row) + 4, wide, this.rowHeight - 8, 3); pen.fill(); pen.stroke();
    pen.setLineDash([]);
  }

  /** Show where a step would go: {order, step, row, start}, or null for nothing. */
  showGhost(wish) {
    const k = wish ? this.bars.findIndex((bar) => bar.order === wish.order && bar.step === wish.step) : -1;
    this.ghost = k < 0 ? null : { k, row: wish.row, start: wish.start };
    this.paintTop();
  }

  paintChain(pen) {
    pen.strokeStyle = "#14191f"; pen.lineWidth = 1.5; pen.beginPath();
    let before = null;
    for (const k of this.chain) {
      const middle = this.rowTop(this.bars[k].row) + this.rowHeight / 2;
      if (before) {
        const [x, y] = before, left = this.x(this.starts[k]);
        const bend = Math.max(x + 5, Math.min(left - 5, x + 12));
        pen.moveTo(x, y); pen.lineTo(bend, y); pen.lineTo(bend, middle); pen.lineTo(left, middle);
        pen.moveTo(left - 5, middle - 3.5); pen.lineTo(left, middle); pen.lineTo(left - 5, middle + 3.5);
      }
      before = [this.x(this.ends[k]), middle];
    }
    pen.stroke();
    for (const k of this.chain) this.outline(pen, k, "#14191f");
  }

  outline(pen, k, colour) {
    pen.strokeStyle = colour; pen.lineWidth = 2;
    const left = this.x(this.starts[k]);
    pen.beginPath();
    pen.roundRect(left, this.rowTop(this.bars[k].row) + 4, Math.max(2, this.x(this.ends[k]) - left - 1), this.rowHeight - 8, 3);
    pen.stroke();
  }

  /** The bar under a point, -1 if there is none; where orders share a build, the chosen one's. */
  hit(x, y) {
    const row = Math.floor((y - HEAD + this.y) / this.rowHeight);
    if (x < this.side || y < HEAD || row < 0 || row >= this.rows.length) return -1;
    const time = this.time(x), near = (2 * (this.end - this.start)) / this.width;
    const [list, first, last] = this.visible(row);
    let found = -1;
    for (let place = last - 1; place >= first; place -= 1) {
      const k = list[place];
      if (this.setups[k] - near > time || time > this.ends[k] + near) continue;
      if (this.bars[k].order === this.picked) return k;
      if (found < 0) found = k;
    }
    return found;
  }

  hover(k, x, y) {
    if (k !== this.hovered) { this.hovered = k; this.paintTop(); }
    this.tip.hidden = k < 0;
    if (k < 0) return;
    this.tip.textContent = this.describe(this.bars[k]);
    const { offsetWidth: wide, offsetHeight: tall } = this.tip;
    this.tip.style.left = `${Math.max(4, Math.min(x + 14, this.width - wide - 6))}px`;
    this.tip.style.top = `${y + tall + 26 > this.height ? Math.max(4, y - tall - 12) : y + 16}px`;
  }

  listen() {
    const top = this.top;
    let drag = null;
    top.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey && document.activeElement !== top) return;
      event.preventDefault();
      if (event.shiftKey) return this.pan(Math.sign(event.deltaY || event.deltaX) * 0.1);
      return this.zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, Math.max(0, (event.offsetX - this.side) / (this.width - this.side)));
    }, { passive: false });
    top.addEventListener("pointerdown", (event) => {
      const k = this.hit(event.offsetX, event.offsetY);
      drag = { x: event.offsetX, y: event.offsetY, start: this.start, end: this.end, top: this.y, hasMoved: false };
      drag.bar = k >= 0 && this.bars[k].order === this.picked ? k : -1;
      top.setPointerCapture(event.pointerId);
    });
    top.addEventListener("pointermove", (event) => {
      if (!drag) return this.hover(this.hit(event.offsetX, event.offsetY), event.offsetX, event.offsetY);
      const moved = event.offsetX - drag.x;
      if (Math.abs(moved) + Math.abs(event.offsetY - drag.y) > 4) drag.hasMoved = true;
      if (!drag.hasMoved) return undefined;
      if (drag.bar >= 0) {
        const row = Math.floor((event.offsetY - HEAD + this.y) / this.rowHeight);
        const time = this.starts[drag.bar] + this.time(event.offsetX) - this.time(drag.x);
        this.ghost = { k: drag.bar, row: Math.max(0, Math.min(this.rows.length - 1, row)), start: time };
        return this.paintTop();
      }
      const shift = (-moved / (this.width - this.side)) * (drag.end - drag.start);
      this.start = drag.start + shift; this.end = drag.end + shift; this.y = drag.top - (event.offsetY - drag.y);
      return this.draw();
    });
    top.addEventListener("pointerup", (event) => {
      if (drag && !drag.hasMoved) {
        const k = this.hit(event.offsetX, event.offsetY);
        this.pick(k < 0 ? null : this.bars[k].order);
      } else if (drag?.bar >= 0 && this.ghost) {
        this.onMove(this.bars[this.ghost.k], this.ghost.row, this.ghost.start);
      }
      drag = null;
    });
    top.addEventListener("pointercancel", () => { drag = null; this.showGhost(null); });
    top.addEventListener("pointerleave", () => this.hover(-1, 0, 0));
    top.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const moves = {
      ArrowLeft: () => this.pan(-0.1), ArrowRight: () => this.pan(0.1),
      ArrowUp: () => { this.y -= this.rowHeight; this.draw(); }, ArrowDown: () => { this.y += this.rowHeight; this.draw(); },
      "+": () => this.zoom(1 / 1.25), "=": () => this.zoom(1 / 1.25), "-": () => this.zoom(1.25),
      Home: () => this.fit(), n: () => this.toNow(), Escape: () => this.pick(null),
      "]": () => this.next(1), "[": () => this.next(-1),
    };
    if (!moves[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    moves[event.key]();
  }

  /** Choose the next or previous order by its first start. */
  next(direction) {
    const firsts = new Map();
    this.bars.forEach((bar, k) => firsts.set(bar.order, Math.min(firsts.get(bar.order) ?? Infinity, this.starts[k])));
    const list = [...firsts.keys()].sort((a, b) => firsts.get(a) - firsts.get(b));
    if (!list.length) return;
    const at = list.indexOf(this.picked);
    this.pick(list[(at + direction + list.length) % list.length]);
    this.reveal();
  }
}

/** First place of a sorted list whose value is not below `wanted`. */
function lower(list, values, wanted) {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[list[middle]] < wanted) low = middle + 1; else high = middle;
  }
  return low;
}

function hash(text) {
  let value = 7;
  for (let k = 0; k < text.length; k += 1) value = (value * 31 + text.charCodeAt(k)) >>> 0;
  return value;
}

function clipped(pen, text, width) {
  if (pen.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && pen.measureText(`${text.slice(0, end)}…`).width > width) end -= 1;
  return width < 14 ? "" : `${text.slice(0, end)}…`;
}
