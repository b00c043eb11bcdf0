// What the browser remembers for us; in a frame without storage it lasts as long as the page.

const PREFIX = "lingxi.";
const fallback = new Map();

/** The value remembered under `name`, or null. */
export function stored(name) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name));
  } catch {
    return fallback.get(name) ?? null;
  }
}

/** Remember `value` under `name`; null forgets it. */
export function remember(name, value) {
  fallback.set(name, value);
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // A browser that refuses storage still gets its conversation, until the page is left.
  }
}
