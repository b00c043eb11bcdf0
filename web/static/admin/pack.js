// What the pack calls its intents and products; the page brings the names along.

import { locale } from "../client/i18n.js";

const { intents: TITLES, products: GOODS } = JSON.parse(document.body.dataset.pack);
const OPTION = "|"; // between the products that a word fits equally well
const SHOWN = 3;

/** The names of the pack's intents. */
export const intents = Object.keys(TITLES);

/** The title of an intent in the language in force; its name where the pack has it no more. */
export function intentTitle(name) {
  return TITLES[name]?.[locale()] ?? name;
}

/** The value of a slot as people read it: products by their names, the first of many. */
export function readable(name, value) {
  if (name !== "product" && name !== "other") return value;
  const each = value.split(OPTION).map(productName);
  return each.slice(0, SHOWN).join(" / ") + (each.length > SHOWN ? ` +${each.length - SHOWN}` : "");
}

/** What a product is called in the language in force; its number where the pack has it no more. */
export function productName(id) {
  return GOODS[id]?.[locale()] ?? id;
}
