// The client's own words in the language in force; it can change at any time.

import { remember, stored } from "../design/memory.js";
import en from "./words.en.js";
import zh from "./words.zh.js";

const { shopZh, shopEn } = document.body.dataset;
const WORDS = { zh: { ...zh, shop: shopZh }, en: { ...en, shop: shopEn } };
let language = "zh";

/** The language in force: "zh" or "en". */
export function locale() {
  return language;
}

/** Start in the language remembered, asked for by the host, or preferred by the browser. */
export function startLocale(wish) {
  const browser = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
  setLocale(stored("locale") ?? (WORDS[wish] ? wish : browser), false);
}

/** Speak this language from now on, and say so to the page's labels. */
export function setLocale(name, keep = true) {
  if (!WORDS[name]) return;
  language = name;
  if (keep) remember("locale", name);
  document.documentElement.lang = name === "zh" ? "zh-Hans" : "en";
  translate();
}

/** Words of another page, in the same two languages. */
export function addWords(more) {
  for (const name of Object.keys(WORDS)) Object.assign(WORDS[name], more[name]);
}

/** The sentence called `key`, with {names} filled in. */
export function t(key, values = {}) {
  return (WORDS[language][key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Write every `data-t` text and `data-t-label` name under `root` in the language in force. */
export function translate(root = document) {
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) label(node, t(node.dataset.tLabel));
}

/** Give a control its name, for the pointer and for the screen reader. */
export function label(node, text) {
  node.setAttribute("aria-label", text);
  if (node.matches("button")) node.title = text;
}

/** A time of day or, before today, with its day. */
export function clock(iso) {
  const at = new Date(iso);
  const time = at.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hour12: false });
  const days = Math.round((midnight(new Date()) - midnight(at)) / 86400000);
  if (days === 0) return time;
  if (days === 1) return `${t("yesterday")} ${time}`;
  return `${at.toLocaleDateString(language, { month: "short", day: "numeric" })} ${time}`;
}

function midnight(at) {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}
