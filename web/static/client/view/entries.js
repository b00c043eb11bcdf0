// One entry of the transcript as an element: a turn, a reply, an operator's words, a notice.

import { el, svg } from "../../design/dom.js";
import { icon, mark } from "../../design/icons.js";
import { clock, label, t } from "../i18n.js";
import { outlineOf } from "../recorder.js";
import { cardView } from "./cards.js";

/** A fresh element for `entry`; `acts` are the things an entry can ask for. */
export function entryView(entry, acts) {
  return { turn: turnView, reply: replyView, message: messageView, notice: noticeView }[entry.kind](entry, acts);
}

function turnView(turn, acts) {
  const stack = el("div", { class: "stack" });
  if (turn.pictures.length > 0) stack.append(picturesView(turn.pictures, acts));
  if (turn.voice) stack.append(voiceView(turn, acts));
  if (turn.text) stack.append(el("p", { class: "bubble", text: turn.text, dir: "auto" }));
  stack.append(turnFoot(turn, acts));
  return wrap("customer", t("you"), turn.state, stack);
}

function turnFoot(turn, acts) {
  if (turn.state === "sending") return el("p", { class: "foot", text: t("sending") });
  if (turn.state !== "failed") return el("p", { class: "foot", text: turn.at ? clock(turn.at) : "" });
  const again = el("button", { type: "button", "data-testid": "retry", onclick: () => acts.retry(turn) }, icon("retry", 14), t("retry"));
  const why = el("span", { text: turn.problem || t("notSent") });
  return el("p", { class: "foot bad", role: "status", "data-testid": "not-sent" }, why, again);
}

function voiceView(turn, acts) {
  const seconds = Math.max(1, Math.round(turn.voice.seconds ?? 0));
  const key = `voice ${turn.id}`;
  const button = el("button", { type: "button", class: "play", "data-testid": "voice-play", "data-clip": key, onclick: () => acts.toggle([acts.clip(key, turn.voice)]) });
  button.append(icon("play", 18), icon("stop", 18));
  label(button, t("voice.play", { seconds }));
  const note = el("div", { class: "bubble voice", "data-testid": "voice-note", "data-clip": key });
  note.append(button, waveView(turn.voice.peaks, key), el("span", { class: "seconds", text: `${seconds}″` }));
  if (!turn.voice.peaks) outlineLater(turn, note, acts);
  const words = turn.heard ? t("heard", { text: turn.heard }) : turn.settled ? "" : t("hearing");
  return el("div", { class: "stack" }, note, words && el("p", { class: "heard", "data-testid": "heard", text: words }));
}

async function outlineLater(turn, note, acts) {
  try {
    const blob = turn.voice.blob ?? (await acts.media(turn.voice.url));
    Object.assign(turn.voice, { blob, peaks: await outlineOf(blob) });
    note.querySelector(".wave").replaceWith(waveView(turn.voice.peaks, note.dataset.clip));
  } catch {
    // The flat outline stays; the note can still be played.
  }
}

function waveView(peaks = Array(30).fill(0.2), key = "") {
  const wave = svg("svg", { class: "wave", viewBox: `0 0 ${peaks.length * 4} 24`, "aria-hidden": "true", "data-wave": key });
  for (const [i, peak] of peaks.entries()) {
    const height = Math.max(3, peak * 24);
    wave.append(svg("rect", { x: i * 4, y: (24 - height) / 2, width: 2.4, height, rx: 1.2 }));
  }
  return wave;
}

function picturesView(pictures, acts) {
  const row = el("div", { class: "pictures", "data-testid": "pictures" });
  for (const picture of pictures) {
    const image = el("img", { alt: t("picture"), loading: "lazy" });
    const button = el("button", { type: "button", onclick: () => acts.enlarge(image.src, t("picture")) }, image);
    label(button, t("picture.open"));
    acts.show(image, picture);
    row.append(button);
  }
  return row;
}

function replyView(reply, acts) {
  const stack = el("div", { class: "stack" });
  const texts = reply.parts.filter((part) => part.text);
  if (texts.length > 0) stack.append(clausesView(reply, texts));
  for (const part of reply.parts) {
    if (part.card) stack.append(cardView(part.card, { ...acts, keep: () => acts.keep(reply.turn, part) }));
  }
  stack.append(replyFoot(reply, acts));
  const suggestions = reply.parts.flatMap((part) => part.suggestions ?? []);
  if (suggestions.length > 0) stack.append(chipsView(suggestions, acts));
  return wrap("bot", t("bot"), "", stack, mark(30));
}

function clausesView(reply, texts) {
  const bubble = el("p", { class: "bubble", dir: "auto" });
  for (const part of texts) {
    const said = bubble.textContent;
    if (said && /[a-z0-9.!?,;:)]$/i.test(said) && /^[\w("']/.test(part.text)) bubble.append(" ");
    bubble.append(el("span", { class: "clause", "data-clip": `${reply.id} ${part.number}`, text: part.text }));
  }
  return bubble;
}

function replyFoot(reply, acts) {
  const spoken = reply.parts.filter((part) => part.audio);
  const foot = el("p", { class: "foot" }, el("span", { text: clock(reply.at) }));
  if (spoken.length === 0) return foot;
  const clips = spoken.map((part) => acts.clip(`${reply.id} ${part.number}`, part.audio));
  const again = el("button", { type: "button", "data-testid": "replay", "data-clips": reply.id, onclick: () => acts.toggle(clips) });
  again.append(icon("sound", 15), el("span", { text: t("replay") }));
  foot.append(again);
  return foot;
}

/** Quick replies under an answer. */
export function chipsView(suggestions, acts) {
  const list = el("ul", { class: "chips", "data-testid": "chips" });
  for (const { label: words, text } of suggestions) {
    list.append(el("li", {}, el("button", { type: "button", "data-testid": "chip", text: words, onclick: () => acts.say(text) })));
  }
  return list;
}

function messageView(message) {
  const who = message.name || t("operator");
  const stack = el("div", { class: "stack" }, el("p", { class: "name", text: who }), el("p", { class: "bubble", dir: "auto", text: message.text }));
  stack.append(el("p", { class: "foot", text: message.at ? clock(message.at) : "" }));
  return wrap("operator", who, "", stack, el("span", { class: "initial", text: [...who][0] ?? "", "aria-hidden": "true" }));
}

function noticeView(notice, acts) {
  const handed = notice.owner ? t(`owner.${notice.owner}`, { name: notice.name || t("operator") }) : "";
  const words = el("span", { text: notice.text || handed });
  const rate = notice.owner === "bot" && !acts.rated() ? rateView(acts) : null;
  return el("li", { class: `notice${notice.wrong ? " wrong" : ""}`, "data-testid": "notice" }, el("p", {}, words, rate));
}

/** After a person handed back: the moment to ask how it was. */
function rateView(acts) {
  return el("button", { type: "button", class: "rate-now", "data-testid": "rate-now", onclick: () => acts.rate() }, icon("star", 15), t("rate"));
}

function wrap(from, who, state, stack, face = null) {
  const entry = el("li", { class: `entry ${from}`, "data-testid": "message", "data-from": from, "data-state": state || null });
  entry.append(el("span", { class: "unseen", text: `${who}: ` }));
  if (face) entry.append(el("span", { class: "face" }, face));
  entry.append(stack);
  return entry;
}
