// What a screen reader is told: whole sentences, once each.

import { part } from "../design/dom.js";
import { t } from "./i18n.js";

/** Say one sentence politely. */
export function announce(sentence) {
  const region = part("announcer");
  region.append(Object.assign(document.createElement("p"), { textContent: sentence }));
  while (region.children.length > 3) region.firstChild.remove();
}

/** Announce a change of the transcript that somebody should hear about. */
export function announceChange({ entry, event, live, data }) {
  if (!live || !entry) return;
  if (event === "part" && data.text) announce(`${t("bot")}: ${data.text}`);
  if (event === "message") announce(`${entry.name || t("operator")}: ${entry.text}`);
  if (event === "failed") announce(entry.problem || t("notSent"));
  if (entry.kind === "notice") announce(entry.text || t(`owner.${entry.owner}`, { name: entry.name || t("operator") }));
}
