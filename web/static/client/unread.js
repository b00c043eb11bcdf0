// How many messages came while nobody was looking: in the title, and on the host's launcher.

import { part } from "../design/dom.js";
import { tell } from "./host.js";

/** Counts while the page is hidden or the widget is closed. */
export class Unread {
  constructor() {
    Object.assign(this, { count: 0, open: true });
    document.addEventListener("visibilitychange", () => this.seen && this.clear());
    addEventListener("focus", () => this.seen && this.clear());
  }

  /** True while the customer can see the conversation. */
  get seen() {
    return this.open && !document.hidden;
  }

  /** One more message. */
  add() {
    if (this.seen) return;
    this.count += 1;
    this.draw();
  }

  /** The widget was opened or closed. */
  setOpen(open) {
    this.open = open;
    if (open) this.clear();
  }

  clear() {
    this.count = 0;
    this.draw();
  }

  /** Put the number before the shop's name. */
  draw() {
    const title = part("title").textContent;
    document.title = this.count > 0 ? `(${this.count}) ${title}` : title;
    tell("unread", { count: this.count });
  }
}
