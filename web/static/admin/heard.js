// What was heard in one recording: by sound alone, together with meaning, and every other candidate.

import { el, style } from "../design/dom.js";
import { t } from "../client/i18n.js";

/** The words decided on beside the literal transcript, the reason where they differ, the n-best. */
export function heardView({ transcript, heard: joint }) {
  if (!transcript?.hypotheses?.length) return null;
  const view = el("div", { "data-testid": "heard-view" }, joint ? verdictView(joint) : null, nbestView(transcript, joint));
  const language = `${t(transcript.language)} ${percent(transcript.language_probability ?? 1)}`;
  view.append(el("p", { class: "aside", text: `${t("spoken.in")} ${language}` }));
  return view;
}

/** True where sound and meaning together came to other words than sound alone. */
export function differs(joint) {
  return Boolean(joint?.joint_text && joint.cascade_text && joint.cascade_text !== joint.joint_text);
}

function verdictView(joint) {
  if (!differs(joint)) return el("p", { class: "aside", text: t("agree") });
  const [before, after] = apart(joint.cascade_text, joint.joint_text);
  const rows = el("dl", { class: "verdict" }, rowView("cascade", before, "del"), rowView("joint", after, "ins"));
  const why = joint.reason ? el("p", { class: "why" }, el("b", { text: `${t("why")} ` }), joint.reason) : null;
  return el("div", { class: "differ", "data-testid": "differ" }, rows, why);
}

function rowView(name, [start, middle, end], tag) {
  return el("div", {}, el("dt", { text: t(name) }), el("dd", { dir: "auto" }, start, middle && el(tag, { text: middle }), end));
}

function nbestView(transcript, joint) {
  const texts = candidates(transcript, joint);
  const most = Math.max(...texts.map(([, chance]) => chance));
  const said = joint?.joint_text ?? transcript.hypotheses[0].text;
  const list = el("ol", { class: "nbest", title: t(joint?.weighed?.length ? "weighed.hint" : "nbest.hint") });
  for (const [text, chance] of texts) {
    const item = el("li", { class: text === said ? "chosen" : "", "aria-current": text === said ? "true" : null });
    item.append(el("span", { text, dir: "auto" }), el("b", { text: percent(chance) }));
    list.append(style(item, { "--share": percent(chance / most) }));
  }
  return list;
}

/** What competed, [text, probability]: weighed with meaning where that was done, else by sound alone. */
function candidates({ hypotheses }, joint) {
  return joint?.weighed?.length ? joint.weighed : hypotheses.map(({ text, logprob }) => [text, Math.exp(logprob)]);
}

/** Both texts as [common start, what differs, common end]; characters, since Chinese has no spaces. */
function apart(one, other) {
  const [a, b] = [[...one], [...other]];
  const least = Math.min(a.length, b.length);
  let start = 0;
  while (start < least && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < least - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const cut = (text) => [text.slice(0, start), text.slice(start, text.length - end), text.slice(text.length - end)];
  return [cut(a), cut(b)].map((pieces) => pieces.map((piece) => piece.join("")));
}

function percent(p) {
  return `${Math.round(p * 100)}%`;
}
