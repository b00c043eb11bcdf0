// Two dialogs: a picture seen large, and the rating at the end.

import { el, part } from "../../design/dom.js";
import { icon } from "../../design/icons.js";
import { label, t } from "../i18n.js";

/** Show one picture large. */
export function enlarge(address, alt) {
  const dialog = part("lightbox");
  const close = el("button", { type: "button", class: "round", onclick: () => dialog.close() }, icon("close", 22));
  label(close, t("stop"));
  dialog.replaceChildren(el("img", { src: address, alt }), close);
  dialog.onclick = ({ target }) => target === dialog && dialog.close();
  dialog.showModal();
}

/** Ask for a rating; resolves to {score, text}, or null when it was skipped. */
export function askRating() {
  const dialog = part("rating");
  const form = el("form", { method: "dialog" }, el("h2", { text: t("rating.title"), id: "rating-title" }), scoresView());
  const words = el("textarea", { class: "field", rows: 2, maxlength: 500, placeholder: t("rating.text"), "aria-label": t("rating.text"), "data-testid": "rating-text" });
  const skip = el("button", { class: "button", value: "", text: t("rating.skip"), "data-testid": "rating-skip", formnovalidate: true });
  const send = el("button", { class: "button main", value: "send", text: t("rating.send"), "data-testid": "rating-send" });
  form.append(words, el("div", { class: "buttons" }, skip, send));
  dialog.setAttribute("aria-labelledby", "rating-title");
  dialog.replaceChildren(form);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => {
      const score = Number(new FormData(form).get("score"));
      resolve(dialog.returnValue === "send" && score ? { score, text: words.value.trim() } : null);
    };
  });
}

function scoresView() {
  const set = el("fieldset", { class: "scores", "data-testid": "scores" }, el("legend", { class: "unseen", text: t("rating.title") }));
  for (const score of [5, 4, 3, 2, 1]) {
    const input = el("input", { type: "radio", name: "score", value: score, required: true, id: `score-${score}`, class: "unseen" });
    const star = el("label", { for: `score-${score}`, title: t(`rating.${score}`), "data-testid": `score-${score}` }, icon("star", 34));
    star.append(el("span", { class: "unseen", text: t(`rating.${score}`) }));
    set.append(input, star);
  }
  return set;
}
