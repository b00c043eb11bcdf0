// Pictures with text: a product, an order's timeline, a refund's progress, an article.

import { el } from "../../design/dom.js";
import { icon } from "../../design/icons.js";
import { t } from "../i18n.js";

const ICONS = { order: "box", refund: "refund", article: "book", comparison: "compare", advice: "leaf" };
const LONG = 160; // characters of an article shown before "read more"

/** A card; `acts.enlarge(address, alt)` opens its picture, `acts.keep()` saves the card as one. */
export function cardView(card, acts) {
  const node = el("article", { class: `card ${card.kind}`, "data-testid": "card", "data-kind": card.kind });
  if (card.image) node.append(imageView(card, acts));
  const text = el("div", { class: "card-text" }, titleView(card, acts));
  if (card.body) text.append(...bodyView(card));
  if (card.steps?.length) text.append(card.kind === "advice" ? adviceView(card.steps) : stepsView(card.steps));
  if (card.columns?.length) text.append(comparisonView(card));
  if (card.rows?.length) text.append(rowsView(card.rows));
  node.append(text);
  return node;
}

function titleView(card, acts) {
  const title = el("h3", { text: card.title });
  if (!ICONS[card.kind]) return title;
  const head = el("div", { class: "card-title" }, icon(ICONS[card.kind], 18), title);
  if (acts.keep && card.kind !== "article") head.append(keepView(acts));
  return head;
}

function keepView(acts) {
  const label = t("card.keep");
  const keep = el("button", { type: "button", class: "keep", title: label, "aria-label": label, "data-testid": "keep" }, icon("keep", 17));
  keep.addEventListener("click", async () => {
    keep.disabled = true;
    await acts.keep().finally(() => (keep.disabled = false));
  });
  return keep;
}

function imageView(card, acts) {
  const image = el("img", { src: card.image, alt: card.alt || card.title, loading: "lazy" });
  image.addEventListener("error", () => image.closest("button")?.remove());
  const open = () => acts.enlarge(card.image, card.alt || card.title);
  return el("button", { type: "button", class: "card-image", onclick: open }, image);
}

function bodyView(card) {
  const body = el("p", { class: "card-body", text: card.body });
  if (card.kind !== "article" || card.body.length <= LONG) return [body];
  body.classList.add("clipped");
  const more = el("button", { type: "button", class: "more", text: t("article.more"), "aria-expanded": "false" });
  more.addEventListener("click", () => {
    const open = !body.classList.toggle("clipped");
    more.textContent = t(open ? "article.less" : "article.more");
    more.setAttribute("aria-expanded", String(open));
  });
  return [body, more];
}

function stepsView(steps) {
  const now = steps.findLastIndex((step) => step.done);
  const list = el("ol", { class: "steps" });
  for (const [i, step] of steps.entries()) {
    const state = step.done ? (i === now && i < steps.length - 1 ? "now" : "done") : "next";
    const dot = el("span", { class: "dot" }, step.done && state !== "now" ? icon("check", 11) : null);
    const unseen = el("span", { class: "unseen", text: ` (${t(step.done ? "step.done" : "step.next")})` });
    const words = el("span", { class: "step-label", text: step.label }, unseen);
    list.append(el("li", { class: state, "aria-current": state === "now" ? "step" : null }, dot, words, el("time", { text: step.time })));
  }
  return list;
}

/** What to do, numbered: no station of it is done or ahead. */
function adviceView(steps) {
  return el("ol", { class: "todo" }, ...steps.map(({ label }) => el("li", { text: label })));
}

/** Things side by side; every label spans them, so that it stays readable on a narrow screen. */
function comparisonView({ title, columns, cells }) {
  const head = el("tr", {}, ...columns.map((column) => el("th", { scope: "col" }, column.image ? el("img", { src: column.image, alt: "", loading: "lazy", onerror: (event) => event.target.remove() }) : null, column.title)));
  const rows = cells.map(([label, ...values]) => [
    el("tr", { class: "label" }, el("th", { scope: "colgroup", colspan: columns.length, text: label })),
    el("tr", {}, ...values.map((value) => el("td", { text: value || "–" }))),
  ]);
  return el("table", { class: "sides", "aria-label": title }, el("thead", {}, head), el("tbody", {}, ...rows.flat()));
}

function rowsView(rows) {
  const list = el("dl", { class: "rows" });
  for (const [name, value] of rows) list.append(el("div", {}, el("dt", { text: name }), el("dd", { text: value })));
  return list;
}
