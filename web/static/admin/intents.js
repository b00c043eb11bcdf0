// What the pack calls the intents; the page brings the titles along.

import { locale } from "../client/i18n.js";

const TITLES = JSON.parse(document.body.dataset.intents);

/** The names of the pack's intents. */
export const intents = Object.keys(TITLES);

/** The title of an intent in the language in force; its name where the pack has it no more. */
export function intentTitle(name) {
  return TITLES[name]?.[locale()] ?? name;
}
