// One turn replayed: what the customer sent, what was heard, what was answered.

import { el } from "../design/dom.js";
import { icon } from "../design/icons.js";
import { cardView } from "../client/view/cards.js";
import { clock, label, t } from "../client/i18n.js";
import { evidenceView } from "./evidence.js";
import { differs } from "./heard.js";

/** The `n`th turn with its evidence; `acts` are {toggle(clips), clip(key, audio), show(image, picture), enlarge}. */
export function turnView(turn, n, acts) {
  const title = el("h3", { text: t("turn", { n }) });
  const when = el("time", { datetime: turn.received_at, text: clock(turn.received_at) });
  const status = turn.status && turn.status !== "done" ? el("span", { class: "tag outcome refused", text: turn.status }) : null;
  const head = el("header", {}, title, when, ...(turn.modalities ?? []).map((name) => el("span", { class: "tag soft", text: t(name) })), status);
  const said = el("div", { class: "said" }, customerView(turn, acts), replyView(turn, acts));
  return el("li", { class: "turn", "data-testid": "turn" }, head, said, evidenceView(turn));
}

/** What an operator wrote. */
export function messageView({ name, text, at }) {
  const words = el("p", { class: "bubble operator", text });
  return el("li", { class: "turn wrote", "data-testid": "operator-message" }, el("p", { class: "by", text: `${name || t("operator")} · ${at ? clock(at) : ""}` }), words);
}

function customerView(turn, acts) {
  const side = el("div", { class: "from customer" }, el("p", { class: "by", text: t("you.customer") }));
  if (turn.pictures?.length) side.append(picturesView(turn.pictures, acts));
  if (turn.audio) side.append(playView(`${turn.id} in`, [acts.clip(`${turn.id} in`, turn.audio)], turn.audio.seconds, acts));
  if (turn.text && (turn.modalities ?? ["text"]).includes("text")) side.append(el("p", { class: "bubble", dir: "auto", text: turn.text }));
  const heard = turn.heard?.joint_text ?? turn.transcript?.hypotheses?.[0]?.text;
  if (heard && turn.audio) side.append(...heardLines(turn, heard));
  return side;
}

/** The words that were answered and, where they differ, those that sound alone would have given. */
function heardLines({ heard: joint }, words) {
  const line = (name, text, kind) => el("p", { class: `heard ${kind}`, dir: "auto" }, el("span", { text: `${t(name)} ` }), text);
  const lines = [line(differs(joint) ? "joint" : "heard.as", words, "")];
  return differs(joint) ? [line("cascade", joint.cascade_text, "literal"), ...lines] : lines;
}

function replyView(turn, acts) {
  const parts = turn.reply ?? [];
  if (parts.length === 0) return null;
  const side = el("div", { class: "from bot" }, el("p", { class: "by", text: t("bot") }));
  const bubble = el("p", { class: "bubble", dir: "auto" });
  for (const part of parts.filter(({ text }) => text)) {
    bubble.append(el("span", { "data-clip": `${turn.id} ${part.number}`, text: part.text }), /[a-z.!?]$/i.test(part.text) ? " " : "");
  }
  side.append(bubble);
  const clips = parts.filter(({ audio }) => audio).map((part) => acts.clip(`${turn.id} ${part.number}`, part.audio));
  const seconds = parts.reduce((sum, { audio }) => sum + (audio?.seconds ?? 0), 0);
  if (clips.length > 0) side.append(playView(`${turn.id} out`, clips, seconds, acts));
  for (const { card } of parts) if (card) side.append(cardView(card, acts));
  return side;
}

function playView(name, clips, seconds, acts) {
  const keys = clips.map(({ key }) => key).join("|");
  const button = el("button", { type: "button", class: "player", "data-testid": "play", "data-keys": keys, onclick: () => acts.toggle(clips) });
  button.append(icon("play", 16), icon("stop", 16), el("span", { class: "line" }, el("i")), el("b", { text: `${(seconds ?? 0).toFixed(1)} s` }));
  label(button, `${t("play")} ${name.endsWith("in") ? t("voice", { seconds: Math.round(seconds) }) : t("speech")}`);
  return button;
}

function picturesView(pictures, acts) {
  const row = el("div", { class: "pictures" });
  for (const picture of pictures) {
    const image = el("img", { alt: t("picture"), loading: "lazy" });
    const button = el("button", { type: "button", onclick: () => acts.enlarge(image.src, t("picture")) }, image);
    label(button, t("picture.open"));
    acts.show(image, picture);
    row.append(button);
  }
  return row;
}
