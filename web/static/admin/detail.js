// One open conversation: who owns it, its turns, and the box an operator answers in.

import { el, part, style } from "../design/dom.js";
import { icon, mark } from "../design/icons.js";
import { label, t } from "../client/i18n.js";
import { enlarge } from "../client/view/dialogs.js";
import { clip, Player } from "../client/player.js";
import { askErase } from "./erase.js";
import * as server from "./server.js";
import { messageView, turnView } from "./turn.js";

/** The detail pane; `name` is the operator's, `onback()` closes it, `onchange()` follows an act. */
export class Detail {
  constructor(onback, onchange) {
    Object.assign(this, { onback, onchange, pane: part("detail"), name: "", player: new Player(), pictures: new Map() });
    this.player.watch((key, fraction) => drawPlaying(key, fraction));
    this.acts = {
      enlarge,
      clip: (key, audio) => clip(key, audio, server.media),
      toggle: (clips) => (clips.some(({ key }) => key === this.player.current?.key) ? this.player.stop() : this.player.play(clips)),
      show: (image, picture) => this.show(image, picture),
    };
  }

  /** Fetch and draw conversation `id`, its newest entry in sight; the place read and the words half written are kept on refresh. */
  async open(id) {
    const again = this.record?.conversation.id === id;
    if (!again) this.player.stop();
    this.id = id;
    const record = await server.read(id);
    if (this.id !== id) return;
    this.record = record;
    this.draw(again);
  }

  /** Nothing is open. */
  close() {
    Object.assign(this, { id: null, record: null });
    this.player.stop();
    this.draw(false);
  }

  /** Draw in the language in force. */
  draw(again = true) {
    const read = this.pane.querySelector(".turns");
    const [top, near] = [read?.scrollTop ?? 0, !read || newestInSight(read)];
    const draft = part("answer", this.pane)?.value ?? "";
    const focused = document.activeElement === part("answer", this.pane);
    if (!this.record) return this.pane.replaceChildren(emptyView());
    const turns = el("ol", { class: "turns", "data-testid": "turns", tabindex: 0 }, ...this.entries());
    this.pane.replaceChildren(this.headView(), this.bandView(), turns, this.answerView());
    turns.scrollTop = top;
    const grown = turns.childElementCount > (read?.childElementCount ?? 0);
    if (!again || (near && grown)) showNewest(turns);
    const box = part("answer", this.pane);
    if (again && box) box.value = draft;
    if (focused) box?.focus();
  }

  /** Take over, or hand back what is mine. */
  async toggle() {
    if (!this.record) return;
    await this.do(() => server.act(this.id, this.mine ? "release" : "take"));
    part("answer", this.pane)?.focus();
  }

  get mine() {
    const { owner, operator } = this.record.conversation;
    return owner === "operator" && (!operator || operator === this.name);
  }

  entries() {
    const { turns, messages = [] } = this.record;
    const all = [...turns.map((turn, i) => ({ at: turn.received_at, node: () => turnView(turn, i + 1, this.acts) })), ...messages.map((message) => ({ at: message.at, node: () => messageView(message) }))];
    return all.sort((a, b) => new Date(a.at) - new Date(b.at)).map(({ node }) => node());
  }

  headView() {
    const { id, language, channel, turns, experiments, identity, customer } = this.record.conversation;
    const back = el("button", { type: "button", class: "round back", "data-testid": "back", onclick: () => this.onback() }, icon("back"));
    label(back, t("back"));
    const words = [t(language), t(channel), t("turns", { n: turns ?? this.record.turns.length }), t(`identity.${identity}`)].join(" · ");
    const erase = el("button", { type: "button", class: "round", "data-testid": "erase", onclick: () => this.erase() }, icon("trash"));
    label(erase, t("erase"));
    return el("header", { class: "head" }, back, el("div", { class: "about" }, el("h2", { text: words }), el("code", { text: customer ? `${id} · ${customer}` : id }), ...armsView(experiments)), ratingView(this.record.conversation), erase);
  }

  /** Erase the conversation, once the operator has seen what goes and agreed. */
  async erase() {
    const { id } = this;
    await this.do(async () => {
      if (!(await askErase(await server.erasure(id)))) return;
      this.id = null; // what changes from here on is not looked at any more
      await server.erase(id).catch((error) => {
        this.id = id;
        throw error;
      });
      this.onback();
    });
  }

  bandView() {
    const { owner, operator } = this.record.conversation;
    const other = owner === "operator" && !this.mine;
    const words = owner === "operator" ? (other ? t("band.other", { name: operator }) : t("band.me")) : t(`band.${owner}`);
    const button = el("button", { type: "button", class: this.mine ? "button" : "button main", "data-testid": this.mine ? "release" : "take", onclick: () => this.toggle() });
    button.append(icon(this.mine ? "hand" : "person", 18), t(this.mine ? "release" : "take"));
    return el("div", { class: `band ${owner}${this.mine ? " mine" : ""}`, role: "status", "data-testid": "band" }, icon(owner === "bot" ? "chat" : "person", 18), el("strong", { text: words }), button);
  }

  answerView() {
    if (!this.mine) return "";
    const box = el("textarea", { class: "field", rows: 2, maxlength: 2000, placeholder: t("say"), "aria-label": t("say"), "data-testid": "answer" });
    const send = el("button", { class: "button main", "data-testid": "say" }, icon("send", 18), t("send.say"));
    const form = el("form", { class: "answer" }, box, send);
    form.addEventListener("submit", (event) => (event.preventDefault(), this.say(box)));
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) (event.preventDefault(), this.say(box));
    });
    return form;
  }

  async say(box) {
    const text = box.value.trim();
    if (!text) return;
    box.value = "";
    const sent = await this.do(() => server.say(this.id, text));
    if (!sent) part("answer", this.pane).value = text;
    showNewest(this.pane.querySelector(".turns"));
  }

  async do(work) {
    try {
      await work();
      if (this.id) await this.open(this.id);
      this.onchange();
      return true;
    } catch (error) {
      part("band", this.pane).querySelector("strong").textContent = error.message;
      return false;
    }
  }

  async show(image, { url }) {
    if (!this.pictures.has(url)) this.pictures.set(url, server.media(url).then(URL.createObjectURL, () => ""));
    image.src = await this.pictures.get(url);
  }
}

/** How far the newest entry's top is below the top of the list. */
function below(turns) {
  const newest = turns.lastElementChild;
  return newest ? newest.getBoundingClientRect().top - turns.getBoundingClientRect().top : 0;
}

function newestInSight(turns) {
  return below(turns) < turns.clientHeight;
}

function showNewest(turns) {
  turns.scrollTop += below(turns) - parseFloat(getComputedStyle(turns).paddingTop);
}

function drawPlaying(key, fraction) {
  for (const node of document.querySelectorAll("[data-clip]")) node.classList.toggle("playing", node.dataset.clip === key);
  for (const node of document.querySelectorAll("[data-keys]")) {
    const keys = node.dataset.keys.split("|");
    const at = keys.indexOf(key);
    node.classList.toggle("playing", at >= 0);
    style(node, { "--played": at < 0 ? "0%" : `${((at + fraction) / keys.length) * 100}%` });
  }
}

/** What the customer thought of it, where they said so. */
function ratingView({ rating, rating_text: words }) {
  if (!rating) return null;
  const stars = el("span", { class: "stars", role: "img" }, ...Array.from({ length: 5 }, (_, i) => el("i", { class: i < rating ? "on" : "" }, icon("star", 15))));
  label(stars, t("rated", { n: rating }));
  return el("p", { class: "rated", "data-testid": "rated" }, stars, words ? el("q", { text: words }) : null);
}

/** The arms of experiments that this conversation is in. */
function armsView(arms) {
  return (arms ?? []).map(([name, arm]) => el("span", { class: "tag soft", "data-testid": "arm", text: `${t("experiment")} ${name}: ${arm}` }));
}

function emptyView() {
  return el("div", { class: "empty" }, mark(44), el("strong", { text: t("empty.detail") }), el("p", { text: t("empty.detail.hint") }));
}
