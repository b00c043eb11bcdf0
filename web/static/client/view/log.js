// The conversation on screen: entries in order, kept at the bottom while the customer is there.

import { el, part } from "../../design/dom.js";
import { icon, mark } from "../../design/icons.js";
import { t } from "../i18n.js";
import { entryView } from "./entries.js";

const NEAR = 120; // px from the bottom that still count as "at the end"

/** Draws `conversation.said`; `acts` is what entries may ask for. */
export class Log {
  constructor(conversation, acts) {
    Object.assign(this, { conversation, acts, nodes: new Map(), stuck: true, top: 0 });
    this.list = part("log");
    this.scroller = part("scroll");
    this.jump = part("jump");
    this.jump.addEventListener("click", () => this.toEnd());
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    const resized = new ResizeObserver(() => this.stuck && this.started && this.toEnd(false));
    resized.observe(this.list.parentElement);
    resized.observe(this.scroller);
  }

  /** Stay at the end until the customer scrolls up: our own way down never goes up. */
  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    const near = scrollHeight - scrollTop - clientHeight < NEAR;
    if (near) this.jump.hidden = true;
    if (near || scrollTop < this.top) this.stuck = near;
    this.top = scrollTop;
  }

  /** Draw one changed entry. */
  draw(entry, mine) {
    const follow = this.stuck || mine;
    const node = entryView(entry, this.acts);
    const known = this.nodes.get(entry.id);
    if (known) keepWords(known, node);
    else this.list.append(node);
    this.nodes.set(entry.id, node);
    this.welcome();
    if (follow) this.toEnd();
    else if (entry.kind !== "turn") this.jump.hidden = false;
  }

  /** Draw everything again, after a change of language or of conversation. */
  redraw() {
    this.nodes.clear();
    this.list.replaceChildren();
    for (const entry of this.conversation.said.entries.values()) this.draw(entry, true);
    this.welcome();
    if (this.started) this.toEnd(false);
  }

  /** True once anything was said: before that the greeting is read from its beginning. */
  get started() {
    return this.conversation.said.entries.size > 0;
  }

  /** The greeting: large while nothing was said, an ordinary message after that. */
  welcome() {
    const node = part("welcome");
    const { welcome } = this.conversation;
    const { started } = this;
    const words = this.acts.greeting() ?? welcome?.greeting ?? t("greeting");
    const drawn = `${started} ${words} ${welcome?.suggestions?.length}`;
    node.hidden = started && !welcome;
    if (node.dataset.drawn === drawn) return;
    node.dataset.drawn = drawn;
    node.classList.toggle("small", started);
    node.replaceChildren(...(started ? small(words) : large(words, welcome?.suggestions ?? [], this.acts)));
  }

  /** Go to the newest words. */
  toEnd(smooth = true) {
    this.stuck = true;
    this.jump.hidden = true;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
  }
}

function keepWords(known, node) {
  known.replaceWith(node);
  node.classList.add("known");
  const before = known.querySelectorAll(".clause").length;
  node.querySelectorAll(".clause").forEach((clause, i) => clause.classList.toggle("known", i < before));
}

function small(words) {
  return [el("span", { class: "face" }, mark(30)), el("div", { class: "stack" }, el("p", { class: "bubble", text: words }))];
}

function large(words, suggestions, acts) {
  const list = el("ul", { class: "starters", "data-testid": "suggestions" });
  for (const { label, text } of suggestions) {
    const button = el("button", { type: "button", "data-testid": "suggestion", onclick: () => acts.say(text) });
    button.append(el("span", { text: label }), icon("send", 16));
    list.append(el("li", {}, button));
  }
  const title = el("h2", { text: words, "data-testid": "greeting" });
  const heading = suggestions.length > 0 ? el("p", { class: "can", text: t("canDo") }) : "";
  return [mark(52), title, heading, list];
}
