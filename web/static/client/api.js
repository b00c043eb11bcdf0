// The access layer as the client sees it. The token travels in a header, never in an address.

import { events } from "../design/sse.js";
import { device } from "./device.js";
import { locale, t } from "./i18n.js";

/** An answer that is not a success: its status, the code and one sentence for the customer. */
export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

/** Open a conversation: {conversation_id, token, continued, greeting, suggestions}; `customer` is the host site's token. */
export async function open(channel, customer, fresh) {
  const whom = customer ? { customer, new: fresh } : {};
  const response = await call("/v1/conversations", null, json({ locale: locale(), channel, ...whom }));
  return response.json();
}

/** Send one turn and yield the events of its answer; the same turn_id may be sent again. */
export async function* say(session, turn, customer) {
  const response = await call("/v1/chat", session, { method: "POST", body: form(session, turn, customer) });
  yield* events(response);
}

/** All events after number `after`: {events, owner}. */
export async function history(session, after) {
  return (await call(`${path(session)}/events?after=${after}`, session)).json();
}

/** The standing stream of events after number `after`. */
export async function* stream(session, after, signal) {
  yield* events(await call(`${path(session)}/stream?after=${after}`, session, { signal }));
}

/** Ask for a person. */
export function human(session) {
  return call(`${path(session)}/human`, session, json({}));
}

/** Where the conversation stands: {owner, position, ahead, staffed, hours, callback}. */
export async function place(session) {
  return (await call(`${path(session)}/place`, session)).json();
}

/** Ask to be called back: {name, contact, time}. */
export function callback(session, wish) {
  return call(`${path(session)}/callback`, session, json(wish));
}

/** Rate the conversation from 1 to 5, with a few words or none. */
export function rate(session, score, text) {
  return call(`${path(session)}/rating`, session, json(text ? { score, text } : { score }));
}

/** Sound or a picture of this conversation. */
export async function media(session, url) {
  return (await call(url, session)).blob();
}

function path(session) {
  return `/v1/conversations/${encodeURIComponent(session.id)}`;
}

function json(body) {
  return { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}

function form(session, turn, customer) {
  const body = new FormData();
  if (session) body.set("conversation_id", session.id);
  else if (customer) body.set("customer", customer);
  body.set("turn_id", turn.id);
  body.set("text", turn.text);
  body.set("locale", locale());
  body.set("speak", String(turn.speak));
  if (device().length > 0) body.set("device", device().join(","));
  if (turn.voice) body.set("audio", turn.voice.blob, turn.voice.name);
  for (const picture of turn.pictures) body.append("pictures", picture.blob, picture.name);
  return body;
}

async function call(url, session, options = {}) {
  const headers = { "Accept-Language": locale(), ...options.headers };
  if (session) headers.Authorization = `Bearer ${session.token}`;
  const response = await fetch(url, { ...options, headers, credentials: "same-origin" });
  if (response.ok) return response;
  const { error } = await response.json().catch(() => ({}));
  const fallback = response.status === 429 ? t("error.busy") : t("error.network");
  throw new Refusal(response.status, error?.code ?? "unknown", error?.message ?? fallback);
}
