// Line icons on a grid of 24, drawn for this product.

import { svg } from "./dom.js";

const PATHS = {
  mic: "M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3ZM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3",
  micOff: "M9 8v3.5a3 3 0 0 0 4.6 2.5M15 10V6.5a3 3 0 0 0-5.8-1.1M5.5 11.5a6.5 6.5 0 0 0 10.2 5.3M18.5 11.5c0 1-.2 1.9-.6 2.800M12 18v3M4 4l16 16",
  wave: "M4 10.5v3M8 7v10M12 4.5v15M16 7v10M20 10.5v3",
  picture: "M5 4.5h14a1.5 1.5 0 0 1 1.5 1.5v12a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18V6A1.5 1.5 0 0 1 5 4.5ZM4 17l4.6-4.6a1.5 1.5 0 0 1 2.1 0L16 17.7M14 15.6l1.6-1.6a1.5 1.5 0 0 1 2.1 0l2.6 2.6M15.5 8.9v.1",
  send: "M12 19.5V5M5.5 11.2 12 4.7l6.5 6.5",
  close: "M6 6l12 12M18 6 6 18",
  down: "m6 9.5 6 6 6-6",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
  moon: "M20 14.2A8.3 8.3 0 0 1 9.8 4a8.3 8.3 0 1 0 10.2 10.2Z",
  auto: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM12 3.5v17M12 8l6.6-2.4M12 12.5h8.4M12 17l5.6 1.5",
  person: "M4.5 13v-1.5a7.5 7.5 0 0 1 15 0V13M4.5 13.5h2a1 1 0 0 1 1 1v3a1 1 0 0 1-1 1H6A1.5 1.5 0 0 1 4.5 17v-3.5ZM19.5 13.5h-2a1 1 0 0 0-1 1v3a1 1 0 0 0 1 1h.5a1.5 1.5 0 0 0 1.5-1.5v-3.5ZM19.5 17.5c0 2-2 3-4.5 3h-2",
  play: "M8 5.6v12.8a.6.6 0 0 0 .9.5l10.3-6.4a.6.6 0 0 0 0-1L8.9 5.1a.6.6 0 0 0-.9.5Z",
  stop: "M7.5 6.5h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1Z",
  reader: "M12 6.5C10 5 7 4.5 4 5v13c3-.5 6 0 8 1.5 2-1.5 5-2 8-1.5V5c-3-.5-6 0-8 1.5ZM12 6.5v13",
  sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4ZM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11",
  mute: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4ZM16 9.5l5 5M21 9.5l-5 5",
  check: "m5 12.5 4.5 4.5L19 7.5",
  clock: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM12 7.5V12l3 2",
  trash: "M4.5 6.5h15M9.5 6.5V4.5h5v2M6.5 6.5l.8 12a1.5 1.5 0 0 0 1.5 1.4h6.4a1.5 1.5 0 0 0 1.5-1.4l.8-12M10 10.5v5.5M14 10.5v5.5",
  back: "M14.5 5.5 8 12l6.5 6.5",
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM15.5 15.5 20 20",
  star: "m12 3.8 2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8L12 3.8Z",
  plus: "M12 5v14M5 12h14",
  keep: "M12 4v11M7 10.5l5 5 5-5M5 19.5h14",
  retry: "M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.5 4v4h-4",
  chat: "M12 4c4.9 0 8.5 3.2 8.5 7.3s-3.6 7.3-8.5 7.3c-1 0-2-.1-2.9-.4L5 20l.8-3.4C4.3 15.3 3.5 13.4 3.5 11.3 3.5 7.2 7.1 4 12 4Z",
  box: "M4 8l8-4.5L20 8v8l-8 4.5L4 16V8ZM4 8l8 4.5L20 8M12 12.5v8M8 5.8l8 4.5",
  refund: "M4.5 9.5h11a4.5 4.5 0 0 1 0 9H8M8 5.5l-4 4 4 4",
  book: "M5 5a1.5 1.5 0 0 1 1.5-1.5H19v14H6.5A1.5 1.5 0 0 0 5 19V5ZM5 19a1.5 1.5 0 0 0 1.5 1.5H19M9 8h6",
  leave: "M14 4.5H7A1.5 1.5 0 0 0 5.5 6v12A1.5 1.5 0 0 0 7 19.5h7M10.5 12h9.5M16.5 8.5 20 12l-3.5 3.5",
  hand: "M4 12h13M12.5 7.5 17 12l-4.5 4.5M20.5 5v14",
  flag: "M6 20.5v-16M6 5h11.5l-2 4 2 4H6",
  compare: "M9 4.5h-4a1 1 0 0 0-1 1v13a1 1 0 0 0 1 1h4M15 4.5h4a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1h-4M12 3v18",
  leaf: "M5.5 18.5C4 11 9 5 19.5 4.5 20 15 14 20 5.5 18.5ZM4 20.5 13 11",
  phone: "M6.5 4h3l1.5 4-2 1.5a11 11 0 0 0 5.5 5.5l1.5-2 4 1.5v3a2 2 0 0 1-2.200 2C10.5 19 5 13.5 4.5 6.200A2 2 0 0 1 6.5 4Z",
  keys: "M4.5 6.5h15A1.5 1.5 0 0 1 21 8v8a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 16V8a1.5 1.5 0 0 1 1.5-1.5ZM6.5 10h.01M10 10h.01M13.5 10h.01M17 10h.01M8.5 14h7",
};

/** An icon, hidden from screen readers: the button around it carries the name. */
export function icon(name, size = 20) {
  const path = svg("path", { d: PATHS[name] });
  const attributes = { viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true", class: "icon" };
  return svg("svg", attributes, path);
}

/** Lingxi's mark: a horn, and the one point where two minds meet. */
export function mark(size = 36) {
  const horn = svg("path", { class: "mark-horn", d: "M7.6 21.2c2.7 4.7 8.6 5.2 12.7 1.4 4-3.7 5.3-9.6 4-15.4-1.5 6-4.6 9.7-9.2 11.2-2.7.9-5 1.2-7.5 2.8Z" });
  const point = svg("circle", { class: "mark-point", cx: 12.2, cy: 11.8, r: 2.5 });
  const ground = svg("rect", { class: "mark-ground", width: 32, height: 32, rx: 10 });
  return svg("svg", { viewBox: "0 0 32 32", width: size, height: size, "aria-hidden": "true", class: "mark" }, ground, horn, point);
}

/** Draw every `data-icon` and `data-mark` placeholder under `root`. */
export function drawIcons(root = document) {
  for (const node of root.querySelectorAll("[data-icon]")) {
    node.prepend(icon(node.dataset.icon, Number(node.dataset.size ?? 20)));
  }
  for (const node of root.querySelectorAll("[data-mark]")) node.append(mark(Number(node.dataset.mark)));
}
