// The question before a conversation is erased: what would go, in numbers, and that it is for good.

import { el, part } from "../design/dom.js";
import { icon } from "../design/icons.js";
import { t } from "../client/i18n.js";

const SHOWN = ["turns", "sounds", "pictures", "speech", "events", "actions", "callbacks", "features", "shop_notes"];

/** Ask with the numbers of `erasure`; resolves to true only when the operator says so. */
export function askErase(erasure) {
  const sheet = part("erase-sheet");
  const numbers = el("dl", { class: "keys" });
  for (const name of SHOWN.filter((one) => erasure[one] > 0)) numbers.append(el("div", {}, el("dt", { text: t(`erase.${name}`) }), el("dd", { text: erasure[name] })));
  const keep = el("button", { class: "button", value: "", text: t("erase.keep"), "data-testid": "erase-keep", autofocus: true });
  const go = el("button", { class: "button danger", value: "erase", "data-testid": "erase-go" }, icon("trash", 18), t("erase.go"));
  const form = el("form", { method: "dialog" }, el("h2", { text: t("erase.title"), id: "erase-title" }), el("p", { class: "aside", text: t("erase.hint") }), numbers, el("div", { class: "buttons" }, keep, go));
  sheet.setAttribute("aria-labelledby", "erase-title");
  sheet.replaceChildren(form);
  sheet.returnValue = "";
  sheet.showModal();
  return new Promise((resolve) => (sheet.onclose = () => resolve(sheet.returnValue === "erase")));
}
