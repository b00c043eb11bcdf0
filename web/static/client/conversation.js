// One conversation with the server: made, resumed, sent to, listened to, and left.

import { remember, stored } from "../design/memory.js";
import { newId } from "../design/ids.js";
import { backoff } from "../design/sse.js";
import * as api from "./api.js";
import { locale, t } from "./i18n.js";
import { Transcript } from "./transcript.js";

/** The customer's side of one conversation; `channel` is "page" or "widget". */
export class Conversation {
  constructor(channel) {
    this.channel = channel;
    this.said = new Transcript();
    this.session = stored(`conversation.${channel}`);
    this.customer = "";
    this.opening = Promise.resolve();
    this.mine = new Set();
    this.visit = {};
    this.online = () => {};
    this.welcomed = () => {};
  }

  /** The greeting and suggestions in the language in force, or null before the server gave them. */
  get welcome() {
    return this.session?.welcome?.[locale()] ?? null;
  }

  /** Resume what the browser remembers, else make a conversation; `customer` is the host's token, or a promise of it. */
  async start(customer = "") {
    await (this.opening = this.begin(customer));
  }

  /** The host's site vouches for somebody else from now on; "" for nobody. */
  async identify(customer) {
    await this.opening;
    if (subject(customer) === (this.session?.customer ?? "")) return void (this.customer = customer);
    this.leave();
    await this.start(customer);
  }

  /** Nothing of this conversation is shown from now on, not even what is still being answered. */
  leave() {
    this.visit = {};
    this.listening?.abort();
    this.said.clear();
  }

  async begin(customer) {
    this.customer = await customer;
    if ((this.session?.customer ?? "") !== subject(this.customer)) this.keep(null); // another's, on the same device
    if (!this.session || !(await this.resume())) await this.make();
  }

  /** Greet in the language in force while nothing has been said yet. */
  async greet() {
    await this.opening;
    if (this.said.entries.size > 0 || this.welcome) return;
    await (this.opening = this.make());
  }

  /** Send one turn: {text, voice?, pictures, speak}. Resolves when its answer has ended. */
  async send(words) {
    const turn = { kind: "turn", id: newId(), state: "sending", pictures: [], ...words };
    turn.at = new Date().toISOString();
    this.mine.add(turn.id);
    this.said.add(turn);
    await this.post(turn);
  }

  /** Send a turn that failed once more, under the same turn_id. */
  async retry(turn) {
    Object.assign(turn, { state: "sending", problem: "" });
    this.said.tell({ entry: turn, event: "sending", live: true });
    await this.post(turn);
  }

  /** Ask for a person. */
  async human() {
    await this.attempt(async () => {
      await this.opening;
      if (!this.session) await this.make();
      await api.human(this.session);
    });
  }

  /** Rate the conversation; false when it did not reach the server. */
  async rate(score, text) {
    const sent = await this.attempt(() => api.rate(this.session, score, text));
    if (sent) this.keep({ ...this.session, rated: true });
    return sent;
  }

  /** Where it stands in the queue, or null while the server cannot be asked. */
  place() {
    return this.session ? api.place(this.session).catch(() => null) : null;
  }

  /** Ask to be called back; rejects with a sentence. */
  callback(wish) {
    return api.callback(this.session, wish);
  }

  /** Leave this conversation and make a new one, in place. */
  async restart() {
    this.leave();
    this.keep(null);
    await (this.opening = this.make(true));
  }

  /** The bytes behind an address of this conversation. */
  media(url) {
    return api.media(this.session, url);
  }

  async make(fresh = false) {
    await this.attempt(async () => {
      const made = await this.open(fresh);
      const welcome = { ...this.session?.welcome, [locale()]: { greeting: made.greeting, suggestions: made.suggestions ?? [] } };
      this.listening?.abort();
      this.said.rewind();
      this.keep({ id: made.conversation_id, token: made.token, welcome, customer: subject(this.customer) });
      if (made.continued) await this.load();
      this.listen();
    });
    this.welcomed();
  }

  async open(fresh) {
    try {
      return await api.open(this.channel, this.customer, fresh);
    } catch (error) {
      if (!this.customer || !error.code?.startsWith("identity_")) throw error;
      console.warn(`Lingxi: ${error.message}`); // served like anybody: orders need number and phone
      this.customer = "";
      return api.open(this.channel, "", fresh);
    }
  }

  async load() {
    const { visit } = this;
    const { events, owner } = await api.history(this.session, 0);
    if (visit !== this.visit) return;
    for (const event of events) this.said.apply(event, { live: false });
    if (owner) this.said.owner = { ...this.said.owner, owner };
  }

  async resume() {
    try {
      await this.load();
      this.listen();
      this.welcomed();
      return true;
    } catch (error) {
      return this.lost(error);
    }
  }

  lost(error) {
    if (gone(error)) {
      this.keep(null);
      this.said.notice(t("expired"));
      return false;
    }
    this.listen();
    this.welcomed();
    return true;
  }

  async post(turn) {
    const { visit } = this;
    await this.opening; // words written while the page was still opening its conversation
    if (visit !== this.visit) return;
    let problem = "";
    try {
      for await (const event of api.say(this.session, turn, this.customer)) {
        if (visit !== this.visit) return;
        this.read(event);
      }
    } catch (error) {
      if (error instanceof api.Refusal && error.status < 500) problem = error.message;
    }
    if (visit === this.visit && turn.state === "sending") this.said.fail(turn, problem);
  }

  read(event) {
    if (event.event !== "conversation") return this.said.apply(event, { whole: false });
    this.keep({ id: event.data.conversation_id, token: event.data.token, welcome: {}, customer: subject(this.customer) });
    this.listen();
  }

  async listen() {
    this.listening?.abort();
    const { signal } = (this.listening = new AbortController());
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        for await (const event of api.stream(this.session, this.said.cursor, signal)) {
          if (signal.aborted) return;
          failures = 0;
          this.said.apply(event);
        }
        failures = 0;
      } catch (error) {
        // Erased, or ended long ago: what is on screen stays, the next words begin anew.
        if (!signal.aborted && gone(error)) return this.lost(error) || (this.opening = this.make());
      }
      if (signal.aborted) return;
      if (failures > 0 || !navigator.onLine) this.online(false);
      await backoff(failures);
    }
  }

  async attempt(work) {
    try {
      await work();
      return true;
    } catch (error) {
      this.said.notice(error instanceof api.Refusal ? error.message : t("error.start"), "problem");
      return false;
    }
  }

  keep(session) {
    this.session = session;
    remember(`conversation.${this.channel}`, session);
  }
}

/** Whom a host's token speaks of, unchecked: it only tells whose conversation the browser remembers. */
function subject(token) {
  try {
    return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).sub ?? "";
  } catch {
    return "";
  }
}

function gone({ status }) {
  return status === 401 || status === 404;
}
