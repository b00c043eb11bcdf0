// The operators' side of the access layer: cookie session, CSRF header on everything unsafe.

import { backoff, events } from "../design/sse.js";
import { remember, stored } from "../design/memory.js";
import { locale, t } from "../client/i18n.js";

let csrf = "";

/** Who is signed in ({name}), or null; the server is asked only where somebody had signed in. */
export async function me() {
  if (!stored("operator")) return null;
  try {
    return await remembered(await call("/v1/admin/me"));
  } catch (error) {
    if (error.status === 401) remember("operator", null);
    return null;
  }
}

/** Sign in: {name}; rejects with one sentence. */
export async function login(name, password) {
  return remembered(await post("/v1/admin/login", { name, password }));
}

/** Sign out. */
export function logout() {
  remember("operator", null);
  return post("/v1/admin/logout", {});
}

/** Conversations that match `filters`, newest first: {conversations, next}. */
export async function list(filters) {
  const chosen = Object.entries(filters).filter(([, value]) => value);
  return (await call(`/v1/admin/conversations?${new URLSearchParams(chosen)}`)).json();
}

/** One conversation with all its turns: {conversation, turns, messages}. */
export async function read(id) {
  return (await call(address(id))).json();
}

/** Take over, hand back (`take`, `release`). */
export function act(id, what) {
  return post(`${address(id)}/${what}`, {});
}

/** Say something to the customer. */
export function say(id, text) {
  return post(`${address(id)}/say`, { text });
}

/** The calls that were asked for, `state` open or done. */
export async function callbacks(state) {
  return (await (await call(`/v1/admin/callbacks?state=${state}`)).json()).callbacks;
}

/** Say that a call was made (done), or is open again. */
export function settle(id, state) {
  return post(`/v1/admin/callbacks/${id}`, { state });
}

/** What erasing a conversation would take away, in numbers. */
export async function erasure(id) {
  return (await call(`${address(id)}/erasure`)).json();
}

/** Erase a conversation for good. */
export function erase(id) {
  return call(address(id), { method: "DELETE", headers: { "X-CSRF-Token": csrf } });
}

/** Sound or a picture of any conversation. */
export async function media(url) {
  return (await call(url)).blob();
}

/** Call `onevent({conversation_id, event})` for every change anywhere, for ever; `online(bool)` says how it goes. */
export async function follow(onevent, online) {
  for (let failures = 0; ; failures += 1) {
    try {
      const response = await call("/v1/admin/stream");
      online(true);
      failures = 0;
      for await (const { data } of events(response)) onevent(data);
    } catch (error) {
      if (error.status === 401) return;
      online(false);
    }
    await backoff(failures);
  }
}

async function remembered(response) {
  const who = await response.json();
  csrf = who.csrf;
  remember("operator", who.name);
  return who;
}

function address(id) {
  return `/v1/admin/conversations/${encodeURIComponent(id)}`;
}

function post(url, body) {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
  return call(url, { method: "POST", headers, body: JSON.stringify(body) });
}

async function call(url, options = {}) {
  const headers = { "Accept-Language": locale(), ...options.headers };
  const response = await fetch(url, { ...options, headers, credentials: "same-origin" });
  if (response.ok) return response;
  const { error } = await response.json().catch(() => ({}));
  throw Object.assign(new Error(error?.message ?? t("error.network")), { status: response.status });
}
