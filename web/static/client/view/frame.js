// Everything around the conversation: header, menu, banner, typing, what is being spoken.

import { el, part } from "../../design/dom.js";
import { icon } from "../../design/icons.js";
import { nextTheme, setTheme, theme } from "../../design/theme.js";
import { label, t } from "../i18n.js";

const PATIENCE = [6000, 18000]; // ms of waiting after which a sentence says so

/** Draw who answers now: the line under the name, the banner, the button to a person. */
export function drawOwner(owner) {
  const name = owner.name || t("operator");
  const status = part("status");
  status.dataset.owner = owner.owner;
  status.lastElementChild.textContent = owner.owner === "bot" ? t("subtitle") : t(`subtitle.${owner.owner}`, { name });
  part("human").hidden = owner.owner !== "bot";
  const banner = part("banner");
  banner.hidden = owner.owner === "bot";
  banner.dataset.owner = owner.owner;
  banner.replaceChildren(...bannerWords(owner, name));
}

function bannerWords(owner, name) {
  if (owner.owner === "operator") return [icon("person", 18), el("strong", { text: t("subtitle.operator", { name }) })];
  const place = owner.position ? t("queue.place", { position: owner.position }) : t("queue.wait");
  return [el("span", { class: "spin" }), el("span", {}, el("strong", { text: t("queue") }), el("span", { text: owner.text || place }))];
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
