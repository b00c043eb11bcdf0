// Speech, one clip after the other, through one <audio> element that a tap has unlocked.
// A media element rather than Web Audio: the browser's echo cancellation listens to it.

const SILENT = "data:audio/wav;base64,UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQgAAAAAAAAAAAAAAA==";

/** Plays clips {key, source: () => Promise<Blob>} in order; `watch` hears the key now playing, or null. */
export class Player {
  constructor() {
    this.element = new Audio();
    this.element.preload = "auto";
    this.queue = [];
    this.current = null;
    this.watchers = [];
    this.unlocked = false;
    // Without an address the element holds the silent clip that unlocked it.
    this.element.addEventListener("ended", () => this.address && this.next());
    this.element.addEventListener("error", () => this.address && this.next());
  }

  /** Call `watcher(key, fraction)` when a clip starts, moves on or stops. */
  watch(watcher) {
    this.watchers.push(watcher);
    this.element.addEventListener("timeupdate", () => this.current && watcher(this.current.key, this.fraction));
  }

  /** Share of the clip that has been played, 0 to 1. */
  get fraction() {
    const { currentTime, duration } = this.element;
    return Number.isFinite(duration) && duration > 0 ? currentTime / duration : 0;
  }

  /** Call inside a tap or key press: Safari and iOS let this element sound from then on. */
  unlock() {
    if (this.unlocked || this.current) return;
    this.unlocked = true;
    this.element.src = SILENT;
    this.element.play().catch(() => {
      this.unlocked = false;
    });
  }

  /** Play after whatever is waiting. */
  add(clip) {
    this.queue.push(prepared(clip));
    if (!this.current) this.next();
  }

  /** Play these instead of anything else. */
  play(clips) {
    this.stop();
    for (const clip of clips) this.add(clip);
  }

  /** Fall silent now and forget what was waiting. */
  stop() {
    this.queue = [];
    this.element.pause();
    this.finish();
  }

  async next() {
    this.finish();
    const clip = this.queue.shift();
    if (!clip) return;
    this.current = clip;
    const blob = await clip.bytes;
    if (this.current !== clip) return;
    if (!blob) return this.next();
    this.address = URL.createObjectURL(blob);
    this.element.src = this.address;
    this.tell(clip.key);
    this.element.play().catch(() => this.current === clip && this.stop());
  }

  finish() {
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = null;
    if (!this.current) return;
    this.current = null;
    this.tell(null);
  }

  tell(key) {
    for (const watcher of this.watchers) watcher(key, 0);
  }
}

/** The bytes of a clip, from base64 when it came along, else from its address. */
export function clip(key, audio, fetchBytes) {
  const source = () => (audio.data ? fromBase64(audio.data, audio.type) : audio.blob ?? fetchBytes(audio.url));
  return { key, source };
}

function prepared({ key, source }) {
  return { key, bytes: Promise.resolve().then(source).catch(() => null) };
}

function fromBase64(text, type) {
  return new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], { type });
}
