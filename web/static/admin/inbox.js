// The list of conversations: search, filters, live refresh, what waits for a person first in sight.

import { el, part } from "../design/dom.js";
import { icon } from "../design/icons.js";
import { stored, remember } from "../design/memory.js";
import { locale, t } from "../client/i18n.js";
import { intents, intentTitle } from "./pack.js";
import * as server from "./server.js";

const CHOICES = { language: ["zh", "en"], channel: ["page", "widget", "api", "playground"], modality: ["text", "voice", "picture"] };
const OWNERS = ["", "queue", "operator", "bot"];

/** The inbox; `onopen(id)` is called when a conversation is chosen. */
export class Inbox {
  constructor(onopen) {
    Object.assign(this, { onopen, filters: {}, rows: [], chosen: null, seen: new Map(stored("seen") ?? []) });
    const search = part("search");
    search.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.filter("q", search.value.trim()), 250);
    });
    part("older").addEventListener("click", () => this.load(true));
  }

  /** Fetch and draw; `older` adds the page after what is there. */
  async load(older = false) {
    const asked = { ...this.filters, limit: 50, before: older ? this.next : "" };
    const { conversations, next } = await server.list(asked);
    this.rows = older ? [...this.rows, ...conversations] : conversations;
    this.next = next;
    this.draw();
  }

  /** Fetch soon: many changes at once make one request. */
  refresh() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.load().catch(() => {}), 300);
  }

  /** Draw everything in the language in force. */
  draw() {
    const search = part("search");
    search.placeholder = t("search");
    search.setAttribute("aria-label", t("search"));
    part("filters").replaceChildren(this.ownersView(), ...Object.entries(this.choices()).map(([name, values]) => this.choiceView(name, values)));
    part("inbox").replaceChildren(...(this.rows.length > 0 ? this.rows.map((row) => this.rowView(row)) : [emptyView()]));
    part("older").hidden = !this.next;
  }

  /** Mark `id` as the open one and as read. */
  choose(id) {
    this.chosen = id;
    const row = this.rows.find((other) => other.id === id);
    if (row) this.seen.set(id, row.updated_at);
    remember("seen", [...this.seen].slice(-500));
    this.draw();
  }

  /** Open the conversation `step` rows away. */
  move(step) {
    const at = this.rows.findIndex((row) => row.id === this.chosen);
    const row = this.rows[Math.max(0, Math.min(this.rows.length - 1, at + step))];
    if (!row) return;
    this.onopen(row.id);
    part("inbox").querySelector(".chosen")?.scrollIntoView({ block: "nearest" });
  }

  async filter(name, value) {
    this.filters = { ...this.filters, [name]: value };
    this.draw();
    await this.load().catch(() => {});
  }

  ownersView() {
    const group = el("div", { class: "segments", role: "group" });
    for (const owner of OWNERS) {
      const on = (this.filters.owner ?? "") === owner;
      const text = owner ? t(`owner.${owner}.short`) : t("all.owner");
      group.append(el("button", { type: "button", text, "aria-pressed": String(on), "data-testid": `owner-${owner || "all"}`, onclick: () => this.filter("owner", owner) }));
    }
    return group;
  }

  /** The intents on offer are the pack's, in the order of their titles. */
  choices() {
    const order = new Intl.Collator(locale());
    return { ...CHOICES, intent: [...intents].sort((a, b) => order.compare(intentTitle(a), intentTitle(b))) };
  }

  choiceView(name, values) {
    const select = el("select", { "aria-label": t(`all.${name}`), "data-testid": `filter-${name}`, onchange: ({ target }) => this.filter(name, target.value) });
    select.append(el("option", { value: "", text: t(`all.${name}`) }));
    for (const value of values) select.append(el("option", { value, text: name === "intent" ? intentTitle(value) : t(value), selected: this.filters[name] === value }));
    select.classList.toggle("set", Boolean(this.filters[name]));
    return select;
  }

  rowView(row) {
    const unread = this.seen.get(row.id) !== row.updated_at;
    const button = el("button", { type: "button", class: `row ${row.owner}${unread ? " unread" : ""}`, "data-testid": "inbox-row", "data-id": row.id, "aria-current": row.id === this.chosen ? "true" : null, onclick: () => this.onopen(row.id) });
    button.classList.toggle("chosen", row.id === this.chosen);
    const when = el("time", { datetime: row.updated_at, text: ago(row.updated_at) });
    const flag = row.flagged ? el("span", { class: "flag", title: t("flagged") }, icon("flag", 14)) : null;
    const line = el("p", { class: "last", text: row.last_text || "…" });
    const tags = el("p", { class: "tags" }, ownerTag(row), el("span", { class: "tag", text: intentTitle(row.last_intent ?? "") }), moodTag(row.mood));
    const meta = el("span", { class: "meta", text: `${t(row.language)} · ${t(row.channel)} · ${t("turns", { n: row.turns })}` });
    button.append(el("p", { class: "head" }, meta, flag, when), line, tags);
    return el("li", {}, button);
  }
}

/** Who answers, as a coloured tag. */
export function ownerTag({ owner, operator }) {
  const text = owner === "operator" && operator ? operator : t(`owner.${owner}.short`);
  return el("span", { class: `tag owner ${owner}` }, icon(owner === "bot" ? "chat" : owner === "queue" ? "clock" : "person", 13), text);
}

function moodTag(mood) {
  return mood && mood !== "neutral" ? el("span", { class: `tag mood ${mood}`, text: t(mood) }) : null;
}

function emptyView() {
  return el("li", { class: "empty" }, icon("search", 28), el("strong", { text: t("empty.inbox") }), el("p", { text: t("empty.inbox.hint") }));
}

function ago(iso) {
  const minutes = Math.floor((Date.now() - new Date(iso)) / 60000);
  if (minutes < 1) return t("now");
  if (minutes < 60) return t("minutes", { n: minutes });
  if (minutes < 1440) return t("hours", { n: Math.floor(minutes / 60) });
  if (minutes < 10080) return t("days", { n: Math.floor(minutes / 1440) });
  return new Date(iso).toLocaleDateString(locale(), { month: "short", day: "numeric" });
}
