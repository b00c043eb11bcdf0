// What was said so far: events go in, one change at a time comes out to whoever watches.

import { newId } from "../design/ids.js";

/** A conversation's entries (turn, reply, message, notice), its owner and the cursor to resume from. */
export class Transcript {
  constructor() {
    this.entries = new Map();
    this.owner = { owner: "bot" };
    this.cursor = 0;
    this.seen = new Set();
    this.watchers = [];
  }

  /** Call `watcher({entry, event, live})` after every change; entry is null for the owner's. */
  watch(watcher) {
    this.watchers.push(watcher);
  }

  /**
   * Put in one event of the server's log; an event seen before changes nothing. Only a `whole`
   * source (history, the standing stream) proves that nothing before it was missed.
   */
  apply({ id, event, data }, { live = true, whole = true } = {}) {
    if (!(event in READERS) || this.seen.has(id)) return;
    this.seen.add(id);
    if (whole) this.cursor = Math.max(this.cursor, id);
    this.tell({ entry: READERS[event](this, data, id), event, live, data });
  }

  /** Show a turn before the server has it. */
  add(turn) {
    this.tell({ entry: this.put(turn), event: "sending", live: true });
  }

  /** Mark a turn as not received, with the reason when sending it again would not help. */
  fail(turn, problem = "") {
    if (turn.state === "sent") return;
    Object.assign(turn, { state: "failed", problem });
    this.tell({ entry: turn, event: "failed", live: true });
  }

  /** One calm sentence between the messages. */
  notice(text, key = newId()) {
    const entry = this.put({ kind: "notice", id: `notice ${key}`, text });
    this.tell({ entry, event: "notice", live: true });
  }

  /** The newest turn that the bot still owes an answer, or null. */
  get awaited() {
    if (this.owner.owner !== "bot") return null;
    const open = [...this.entries.values()].filter((entry) => entry.kind === "turn" && waiting(entry));
    return open.at(-1) ?? null;
  }

  /** Begin at the start of another log; what is shown stays. */
  rewind() {
    this.seen.clear();
    Object.assign(this, { cursor: 0, owner: { owner: "bot" } });
  }

  /** Forget everything; watchers hear the event "cleared". */
  clear() {
    this.entries.clear();
    this.rewind();
    this.tell({ entry: null, event: "cleared", live: false });
  }

  put(entry) {
    this.entries.set(entry.id, entry);
    return entry;
  }

  tell(change) {
    for (const watcher of this.watchers) watcher(change);
  }
}

const READERS = { turn, heard, part, interrupted, message, owner, done, error };

function turn(said, data) {
  const known = said.entries.get(data.turn_id) ?? { kind: "turn", id: data.turn_id, pictures: [] };
  Object.assign(known, { text: data.text ?? known.text ?? "", at: data.at, state: "sent" });
  if (data.audio) known.voice = { ...data.audio, ...known.voice };
  if (known.pictures.length === 0) known.pictures = data.pictures ?? [];
  return said.put(known);
}

function heard(said, data) {
  const known = said.entries.get(data.turn_id) ?? null;
  if (known) known.heard = data.text;
  return known;
}

function part(said, data) {
  const id = `reply ${data.turn_id}`;
  const fresh = { kind: "reply", id, turn: data.turn_id, parts: [], at: new Date().toISOString() };
  const reply = said.entries.get(id) ?? fresh;
  if (!reply.parts.some((known) => known.number === data.number)) reply.parts.push(data);
  reply.parts.sort((a, b) => a.number - b.number);
  if (data.last) settle(said, data.turn_id);
  return said.put(reply);
}

/** A spoken reply that was broken off: only what was heard of it was said. */
function interrupted(said, data) {
  const reply = said.entries.get(`reply ${data.turn_id}`);
  if (!reply) return null;
  const heard = new Map(data.parts.map(({ number, text }) => [number, text]));
  const kept = reply.parts.filter(({ number }) => heard.has(number)).map((part) => ({ ...part, text: heard.get(part.number) }));
  reply.parts = kept.length > 0 ? kept : [{ number: 0, text: "…" }];
  return reply;
}

function message(said, data, id) {
  return said.put({ kind: "message", id: `message ${id}`, ...data });
}

function owner(said, data, id) {
  const before = said.owner.owner;
  said.owner = data;
  if (before === data.owner || data.owner === "queue") return null;
  return said.put({ ...data, kind: "notice", id: `notice ${id}` });
}

function done(said, data) {
  return settle(said, data.turn_id);
}

function error(said, data, id) {
  for (const entry of said.entries.values()) if (entry.kind === "turn" && entry.state === "sent") entry.settled = true;
  return said.put({ kind: "notice", id: `notice ${id}`, text: data.message, wrong: true });
}

function settle(said, id) {
  const known = said.entries.get(id) ?? null;
  if (known) known.settled = true;
  return known;
}

function waiting(turn) {
  const fresh = !turn.at || Date.now() - new Date(turn.at) < 90000;
  return !turn.settled && turn.state !== "failed" && fresh;
}
