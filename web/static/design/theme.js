// Light, dark or as the device says, and the host's own accent colour.

import { stored, remember } from "./memory.js";

const ORDER = ["auto", "light", "dark"];
const root = document.documentElement;

/** The theme now in force: auto, light or dark. */
export function theme() {
  return root.dataset.theme ?? "auto";
}

/** Put a theme in force and remember it. */
export function setTheme(name, keep = true) {
  if (!ORDER.includes(name)) return;
  root.dataset.theme = name;
  if (keep) remember("theme", name);
}

/** The theme after this one, in the order auto, light, dark. */
export function nextTheme() {
  return ORDER[(ORDER.indexOf(theme()) + 1) % ORDER.length];
}

/** Start with what was remembered, else with what the host asked for. */
export function startTheme(wish = "auto") {
  setTheme(stored("theme") ?? wish, false);
}

/** Tint the client with the host's colour (#rrggbb) and pick a readable colour on it. */
export function setAccent(colour) {
  if (!/^#[0-9a-f]{6}$/i.test(colour ?? "")) return;
  root.style.setProperty("--accent", colour);
  root.style.setProperty("--accent-strong", `color-mix(in srgb, ${colour} 82%, var(--ink))`);
  root.style.setProperty("--accent-text", `color-mix(in srgb, ${colour} 70%, var(--ink))`);
  root.style.setProperty("--accent-soft", `color-mix(in srgb, ${colour} 14%, var(--surface))`);
  root.style.setProperty("--on-accent", luminance(colour) > 0.2 ? "#10201a" : "#ffffff");
}

function luminance(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => linear(parseInt(colour.slice(at, at + 2), 16) / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function linear(c) {
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}
