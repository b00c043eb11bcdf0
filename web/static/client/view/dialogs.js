// Dialogs: a picture seen large, the rating at the end, and how to call back.

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

const TIMES = ["any", "morning", "afternoon", "evening"];

/** Ask how to call back; `send({name, contact, time})` rejects with a sentence, which is shown. Resolves to whether it was sent. */
export function askCallback(send) {
  const dialog = part("callback");
  const field = (name, kind, more) => el("label", { class: "asked" }, el("span", { text: t(`callback.${name}`) }), el("input", { class: "field", name, "data-testid": `callback-${name}`, ...kind, ...more }));
  const contact = field("contact", { required: true, maxlength: 254, autocomplete: "tel" });
  const times = el("select", { class: "field", name: "time", "data-testid": "callback-time" }, ...TIMES.map((time) => el("option", { value: time, text: t(`callback.${time}`) })));
  const problem = el("p", { class: "problem", role: "alert", "data-testid": "callback-problem", hidden: true });
  const skip = el("button", { class: "button", type: "button", text: t("callback.skip"), "data-testid": "callback-skip", onclick: () => dialog.close() });
  const go = el("button", { class: "button main", type: "submit", text: t("callback.send"), "data-testid": "callback-send" });
  const form = el("form", {}, el("h2", { text: t("callback.title"), id: "callback-title" }), field("name", { maxlength: 64, autocomplete: "name" }), contact);
  form.append(el("label", { class: "asked" }, el("span", { text: t("callback.time") }), times), problem, el("p", { class: "aside", text: t("callback.use") }), el("div", { class: "buttons" }, skip, go));
  dialog.setAttribute("aria-labelledby", "callback-title");
  dialog.replaceChildren(form);
  dialog.showModal();
  return new Promise((resolve) => {
    let sent = false;
    dialog.onclose = () => resolve(sent);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      go.disabled = true;
      problem.hidden = true;
      try {
        await send(Object.fromEntries(new FormData(form)));
        sent = true;
        dialog.close();
      } catch (error) {
        problem.textContent = error.message;
        problem.hidden = false;
        contact.querySelector("input").focus();
      } finally {
        go.disabled = false;
      }
    });
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
