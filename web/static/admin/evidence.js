// Why the bot did what it did in one turn: every piece of evidence, most telling first.

import { el, style } from "../design/dom.js";
import { t } from "../client/i18n.js";
import { heardView } from "./heard.js";
import { intentTitle, productName, readable } from "./pack.js";
import { waterfallView } from "./waterfall.js";

/** The panel beside a turn; folded on narrow screens. */
export function evidenceView(turn) {
  const panel = el("details", { class: "evidence", "data-testid": "evidence", open: !matchMedia("(max-width: 900px)").matches });
  panel.append(el("summary", { text: t("evidence") }));
  const sections = { heard: heardView, meaning, slots, feeling, weights, sight, decision, actions, reply, time };
  for (const [name, view] of Object.entries(sections)) {
    const content = view(turn);
    if (content) panel.append(el("section", { class: "ev", "data-testid": `ev-${name}` }, el("h4", { text: t(`ev.${name}`) }), content));
  }
  return panel;
}

function meaning({ intents }) {
  return pairs(intents).length > 0 ? bars(pairs(intents).slice(0, 5).map(([name, p]) => [intentTitle(name), p])) : null;
}

function slots({ slots: values }) {
  if (!values?.length) return null;
  const list = el("ul", { class: "slots" });
  for (const { name, value, source, confidence } of values) {
    list.append(el("li", {}, el("span", { text: name }), el("b", { text: readable(name, value) }), el("i", { text: `${t(source ?? "")} ${percent(confidence ?? 1)}` })));
  }
  return list;
}

function feeling({ sentiment, emotion, urgency, unfelt, evidence }) {
  const named = (kind, given, n) => pairs(given).slice(0, n).map(([name, p]) => {
    const told = t(kind, { name: t(name) });
    return [unfelt?.includes(kind) ? t("unsure", { told }) : told, p];
  });
  const rows = [...named("sentiment", sentiment, 1), ...named("emotion", emotion, 2)];
  if (typeof urgency === "number") rows.push([t("urgency"), urgency]);
  return rows.length > 0 ? el("div", {}, bars(rows, "soft"), alone(evidence)) : null;
}

/** What words and voice say of the feeling, each alone. */
function alone(evidence) {
  const said = pairs(evidence).filter(([, told]) => pairs(told).length > 0);
  if (said.length === 0) return null;
  const names = said.map(([modality, told]) => {
    const [name, p] = pairs(told)[0];
    return el("span", { class: `key ${modality}`, text: t("alone", { modality: t(modality), told: t(name), share: percent(p) }) });
  });
  return el("p", { class: "aside" }, ...names);
}

function weights({ modality_weights: given, cross_modal: crossed, quality }) {
  const known = pairs(given);
  if (known.length === 0) return null;
  const bar = el("div", { class: "stacked", "aria-hidden": "true" });
  const names = el("p", { class: "aside" });
  for (const [name, weight] of known) {
    bar.append(style(el("i", { class: name }), { "flex-grow": weight }));
    const good = quality?.[name] === undefined ? "" : ` · ${t("quality")} ${percent(quality[name])}`;
    names.append(el("span", { class: `key ${name}`, text: `${t(name)} ${percent(weight)}${good}` }));
  }
  if (known.length > 1 && crossed > 0) names.append(el("span", { text: t("crossed", { share: percent(crossed) }) }));
  return el("div", {}, bar, names);
}

function sight({ sightings }) {
  if (!sightings?.length) return null;
  const all = el("div", {});
  for (const { products, lines, fault } of sightings) {
    if (fault) all.append(el("p", { class: "aside", text: t(`fault.${fault}`) }));
    if (pairs(products).length > 0) all.append(bars(pairs(products).slice(0, 3).map(([id, p]) => [productName(id), p])));
    if (lines?.length) all.append(el("p", { class: "read", text: lines.join("\n") }));
  }
  return all;
}

function decision({ decision: made, actions: ran }) {
  if (!made) return null;
  const facts = new Set((ran ?? []).flatMap((action) => Object.keys(action.facts ?? {}))); // shown below
  const rows = el("dl", { class: "facts" });
  const plain = pairs(made.arguments).filter(([name, value]) => !facts.has(name) && typeof value !== "object" && value !== "");
  for (const [name, value] of plain) rows.append(pair(name, readable(name, String(value))));
  const words = el("p", { class: "decided" }, el("b", { text: made.act }), made.topic ? ` ${made.topic}` : "", made.flow ? el("span", { class: "tag", text: intentTitle(made.flow) }) : null);
  return el("div", {}, words, made.reason ? el("p", { class: "aside", text: made.reason }) : null, rows);
}

function actions({ actions: ran }) {
  if (!ran?.length) return null;
  return el("div", {}, ...ran.map(({ action, outcome, code, facts }) => {
    const line = el("p", { class: "ran" }, el("b", { text: action }), el("span", { class: `tag outcome ${outcome}`, text: t(outcome) }), el("code", { text: code ?? "" }));
    if (!facts || Object.keys(facts).length === 0) return line;
    const more = el("details", { class: "json" }, el("summary", { text: t("facts") }), el("pre", { text: JSON.stringify(facts, null, 2), tabindex: 0 }));
    return el("div", {}, line, more);
  }));
}

function reply({ forms, form_reason: reason, tone }) {
  if (!forms?.length) return null;
  const tags = forms.map((form) => el("span", { class: "tag", text: t(form) }));
  return el("div", {}, el("p", { class: "tags" }, ...tags, tone ? el("span", { class: "tag soft", text: tone }) : null), reason ? el("p", { class: "aside", text: reason }) : null);
}

function time({ trace, first_audio_ms: first }) {
  return trace?.length ? waterfallView(trace, first) : null;
}

function bars(rows, look = "") {
  const list = el("ul", { class: `bars ${look}` });
  for (const [name, p] of rows) {
    const fill = style(el("i", { "aria-hidden": "true" }), { "--share": percent(p) });
    list.append(el("li", {}, el("span", { text: name }), fill, el("b", { text: percent(p) })));
  }
  return list;
}

/** Pairs, whether they came as [[name, value]] or as {name: value}. */
function pairs(given) {
  if (!given) return [];
  return Array.isArray(given) ? given : Object.entries(given);
}

function pair(name, value) {
  return el("div", {}, el("dt", { text: name }), el("dd", { text: value }));
}

function percent(p) {
  return `${Math.round(p * 100)}%`;
}
