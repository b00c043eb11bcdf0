// What the customer has, told with every message, so that an answer takes a form that suits it.

import { stored } from "../design/memory.js";

const has = { muted: !(stored("sound") ?? true), screen_reader: stored("reader") ?? false };

/** Note that the customer has `name` (muted, screen_reader), by their own choice, or has it no more. */
export function note(name, on) {
  has[name] = on;
}

/** What is known now; a browser tells its width, and never whether a screen reader runs. */
export function device() {
  const told = Object.keys(has).filter((name) => has[name]);
  return matchMedia("(max-width: 480px)").matches ? [...told, "narrow"] : told;
}
