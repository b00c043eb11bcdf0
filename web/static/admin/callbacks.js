// The calls that customers asked for while nobody was there: a button with their number, and the list.

import { el, part } from "../design/dom.js";
import { icon } from "../design/icons.js";
import { clock, label, t } from "../client/i18n.js";
import * as server from "./server.js";

/** The list behind the button; `onopen(id)` opens a conversation. */
export class Callbacks {
  constructor(onopen) {
    Object.assign(this, { onopen, state: "open", open: [], shown: [] });
    part("callbacks").addEventListener("click", () => this.show());
  }

  /** Fetch and draw the number, and the list where it is open. */
  async load() {
    this.open = await server.callbacks("open");
    this.shown = this.state === "open" ? this.open : await server.callbacks(this.state);
    this.draw();
  }

  /** Fetch soon: many changes at once make one request. */
  refresh() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.load().catch(() => {}), 300);
  }

  /** Draw in the language in force. */
  draw() {
    const button = part("callbacks");
    label(button, `${t("calls")}: ${this.open.length}`);
    button.replaceChildren(icon("phone"), ...(this.open.length > 0 ? [el("b", { class: "count", text: this.open.length })] : []));
    if (part("callbacks-sheet").open) this.drawSheet();
  }

  async show() {
    const sheet = part("callbacks-sheet");
    this.drawSheet();
    sheet.showModal();
    await this.load();
  }

  drawSheet() {
    const sheet = part("callbacks-sheet");
    const states = el("div", { class: "segments", role: "group" });
    for (const state of ["open", "done"]) states.append(el("button", { type: "button", text: t(`calls.${state}`), "aria-pressed": String(this.state === state), "data-testid": `calls-${state}`, onclick: () => this.choose(state) }));
    const rows = this.shown.length > 0 ? this.shown.map((call) => this.rowView(call)) : [el("li", { class: "aside", text: t("calls.none") })];
    const close = el("button", { class: "button main", type: "button", text: "OK", onclick: () => sheet.close() });
    sheet.setAttribute("aria-labelledby", "calls-title");
    sheet.replaceChildren(el("h2", { text: t("calls"), id: "calls-title" }), states, el("ul", { class: "calls" }, ...rows), close);
  }

  rowView(call) {
    const who = el("strong", { text: call.name || t("calls.unnamed") });
    const contact = el("a", { href: `${call.contact.includes("@") ? "mailto" : "tel"}:${call.contact.replace(/\s/g, "")}`, text: call.contact });
    const when = el("span", { class: "aside", text: `${t(`calls.${call.time}`)} · ${t(call.language)} · ${clock(call.created_at)}` });
    const done = call.state === "done" ? el("span", { class: "aside", text: t("calls.by", { name: call.done_by }) }) : null;
    const go = el("button", { class: "button", type: "button", text: t("calls.read"), onclick: () => (part("callbacks-sheet").close(), this.onopen(call.conversation_id)) });
    const next = call.state === "open" ? "done" : "open";
    const settle = el("button", { class: next === "done" ? "button main" : "button", type: "button", "data-testid": `call-${next}`, text: t(`calls.make.${next}`), onclick: () => this.settle(call.id, next) });
    return el("li", { "data-testid": "call" }, el("p", { class: "who" }, who, contact), when, done, el("div", { class: "buttons" }, go, settle));
  }

  async choose(state) {
    this.state = state;
    await this.load();
  }

  async settle(id, state) {
    await server.settle(id, state);
    await this.load();
  }
}
