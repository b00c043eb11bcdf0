// Everything around the conversation: header, menu, banner, typing, what is being spoken.

import { el, part } from "../../design/dom.js";
import { icon } from "../../design/icons.js";
import { nextTheme, setTheme, theme } from "../../design/theme.js";
import { label, t } from "../i18n.js";

const PATIENCE = [6000, 18000]; // ms of waiting after which a sentence says so

/** Draw who answers now: the line under the name, the banner, the button to a person; `oncall()` asks for a call. */
export function drawOwner(owner, place, oncall) {
  const name = owner.name || t("operator");
  const status = part("status");
  status.dataset.owner = owner.owner;
  status.lastElementChild.textContent = owner.owner === "bot" ? t("subtitle") : t(closed(owner, place) ? "subtitle.closed" : `subtitle.${owner.owner}`, { name });
  part("human").hidden = owner.owner !== "bot";
  const banner = part("banner");
  banner.hidden = owner.owner === "bot";
  banner.dataset.owner = owner.owner;
  banner.replaceChildren(...bannerWords(owner, name, place, oncall));
}

function closed(owner, place) {
  return owner.owner === "queue" && place && !place.staffed;
}

function bannerWords(owner, name, place, oncall) {
  if (owner.owner === "operator") return [icon("person", 18), el("strong", { text: t("subtitle.operator", { name }) })];
  if (!place) return [el("span", {}, el("strong", { text: t("queue.asked") }))]; // it is not known yet whether anybody is there
  const call = el("button", { type: "button", class: "call-back", "data-testid": "ask-callback", text: t(place.callback ? "callback.again" : "callback.ask"), onclick: oncall });
  const left = place.callback ? el("span", { text: t("callback.left") }) : null;
  if (!place.staffed) return [icon("clock", 18), el("span", {}, el("strong", { text: t("queue.closed") }), left ?? el("span", { text: t("queue.hours", hours(place.hours)) })), call];
  const words = place.ahead > 0 ? t("queue.ahead", { n: place.ahead }) : t("queue.first");
  return [el("span", { class: "spin" }), el("span", {}, el("strong", { text: t("queue") }), left ?? el("span", { text: words })), call];
}

/** The opening hours, with their zone where the reader's clock shows another. */
function hours({ opens, closes, zone }) {
  const minutes = -new Date().getTimezoneOffset();
  const [whole, rest] = zone.slice(1).split(":").map(Number);
  const theirs = (zone[0] === "-" ? -1 : 1) * (whole * 60 + rest);
  return { opens, closes, zone: theirs === minutes ? "" : ` (UTC${zone})` };
}

/** The theme button: shows what is in force, a tap goes on to the next. */
export function startThemeButton() {
  const button = part("theme");
  const draw = () => {
    button.replaceChildren(icon({ auto: "auto", light: "sun", dark: "moon" }[theme()]));
    label(button, t(`theme.${theme()}`));
    button.dataset.theme = theme();
  };
  button.addEventListener("click", () => {
    setTheme(nextTheme());
    draw();
  });
  return draw;
}

/** The menu: opens with a tap or arrow down, moves with arrows, closes with Escape or a tap elsewhere. */
export function startMenu() {
  const [button, menu] = [part("menu"), part("menu-list")];
  const show = (on) => {
    menu.hidden = !on;
    button.setAttribute("aria-expanded", String(on));
    if (on) menu.querySelector("button").focus();
  };
  button.addEventListener("click", () => show(menu.hidden));
  document.addEventListener("pointerdown", ({ target }) => menu.contains(target) || button.contains(target) || show(false));
  menu.addEventListener("click", ({ target }) => target.closest('[role="menuitem"]') && show(false));
  menu.addEventListener("keydown", (event) => {
    const items = [...menu.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
    if (event.key === "Escape") (event.stopPropagation(), show(false), button.focus());
    if (step) event.preventDefault();
  });
}

/** A box in the menu that is ticked or not; `onchange(on)`. */
export function startSwitch(name, on, onchange) {
  const item = part(name);
  item.setAttribute("aria-checked", String(on));
  item.addEventListener("click", () => {
    const next = item.getAttribute("aria-checked") !== "true";
    item.setAttribute("aria-checked", String(next));
    onchange(next);
  });
}

/** The three dots, while the bot owes an answer, and after a while a word of patience. */
export class Typing {
  constructor(announce) {
    Object.assign(this, { announce, node: part("typing"), turn: null });
  }

  /** Show it for this turn; null hides it. */
  for(turn) {
    this.node.hidden = turn === null;
    if (turn?.id === this.turn?.id) return;
    this.turn = turn;
    this.timers?.forEach(clearTimeout);
    this.hint("");
    if (!turn) return;
    this.node.setAttribute("aria-label", t("typing"));
    const sentences = [t("wait.long"), t("wait.longer")];
    this.timers = PATIENCE.map((ms, i) => setTimeout(() => this.hint(sentences[i]), ms));
  }

  hint(sentence) {
    part("wait-hint").textContent = sentence;
    if (sentence) this.announce(sentence);
  }
}

/** Light up the clause, note and button that belong to the clip being played. */
export function drawPlaying(key, fraction) {
  part("speaking").hidden = !key?.startsWith("reply");
  for (const node of document.querySelectorAll("[data-clip]")) node.classList.toggle("playing", node.dataset.clip === key);
  for (const node of document.querySelectorAll("[data-clips]")) node.classList.toggle("playing", Boolean(key?.startsWith(`${node.dataset.clips} `)));
  const wave = key && document.querySelector(`[data-wave="${CSS.escape(key)}"]`);
  if (!wave) return;
  [...wave.children].forEach((bar, i, bars) => bar.classList.toggle("played", i / bars.length < fraction));
}
