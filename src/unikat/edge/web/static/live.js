// Unikat: the live stream: deltas over SSE, a fresh start when we fell behind, and where it stands.

import { root } from "./common.js";

/**
 * Follow the site. `onDelta(delta)` gets each change, `onResync()` must load everything anew,
 * `onState(text, isLive)` tells how the connection is. EventSource sends Last-Event-ID by itself.
 */
export function follow(after, { onDelta, onResync, onState }) {
  const source = new EventSource(`${root}/api/v1/live?after=${after}`);
  source.addEventListener("open", () => onState("live", true));
  source.addEventListener("delta", (event) => onDelta(JSON.parse(event.data)));
  source.addEventListener("resync", () => onResync());
  source.addEventListener("error", () => {
    const gone = source.readyState === EventSource.CLOSED;
    onState(gone ? "disconnected: reload the page" : "reconnecting", false);
  });
  window.addEventListener("pagehide", () => source.close());
  return source;
}

/** Plant time between two deltas: the site's clock may run faster than ours. */
export class SiteClock {
  constructor(now, speed) { this.set(now); this.speed = speed || 1; }
  set(now) { this.at = Date.parse(now); this.seen = performance.now(); }
  update(now) {
    const [at, seen] = [Date.parse(now), performance.now()];
    const passed = seen - this.seen;
    if (passed > 500) {
      const measured = Math.max(0, (at - this.at) / passed);
      this.speed = this.speed * 0.7 + measured * 0.3;
      [this.at, this.seen] = [at, seen];
    } else if (at > this.now()) {
      [this.at, this.seen] = [at, seen];
    }
  }
  now() { return this.at + (performance.now() - this.seen) * this.speed; }
}
