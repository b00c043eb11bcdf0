// Waiting for a person: the place in the queue, asked for again and again while it may change.

const EVERY = 15_000; // ms

/** Follows the place of `conversation`; `draw(place)` is called with each that was learnt. */
export class Waiting {
  constructor(conversation, draw) {
    Object.assign(this, { conversation, draw, place: null, timer: 0 });
  }

  /** Ask now and from time to time while `owner` is the queue; forget the place otherwise. */
  follow(owner) {
    if (owner !== "queue") return this.stop();
    if (!this.timer) this.ask();
  }

  /** Ask now. */
  async ask() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), EVERY);
    const place = await this.conversation.place();
    if (!this.timer || !place) return;
    this.place = place;
    this.draw(place);
  }

  stop() {
    clearTimeout(this.timer);
    Object.assign(this, { timer: 0, place: null });
  }
}
