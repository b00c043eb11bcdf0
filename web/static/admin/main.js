// The operators' panel: sign-in, the inbox, one conversation, keys.

import { el, part } from "../design/dom.js";
import { drawIcons } from "../design/icons.js";
import { startTheme } from "../design/theme.js";
import { addWords, locale, setLocale, startLocale, t } from "../client/i18n.js";
import { startThemeButton } from "../client/view/frame.js";
import { Callbacks } from "./callbacks.js";
import { Detail } from "./detail.js";
import { Inbox } from "./inbox.js";
import * as server from "./server.js";
import { words } from "./words.js";

const KEYS = { "J / K": "key.move", Enter: "key.open", "/": "key.search", T: "key.take", R: "key.reply", Esc: "key.back", "?": "key.help" };

addWords(words);
startTheme();
startLocale();
drawIcons();
const drawTheme = startThemeButton();
const detail = new Detail(back, () => inbox.refresh());
const inbox = new Inbox(open);
const callbacks = new Callbacks(open);

redraw();
wire();
server.me().then((who) => (who ? enter(who) : ask()));

function ask() {
  part("gate").hidden = false;
  part("desk").hidden = true;
  part("admin-name").focus();
}

async function enter({ name }) {
  part("gate").hidden = true;
  part("desk").hidden = false;
  part("me").textContent = name;
  detail.name = name;
  detail.draw();
  await inbox.load();
  await callbacks.load();
  server.follow(changed, (on) => {
    document.body.classList.toggle("offline", !on);
    part("me").textContent = on ? name : t("offline.admin");
  });
  if (location.hash) open(decodeURIComponent(location.hash.slice(1)));
}

function changed({ conversation_id: id }) {
  inbox.refresh();
  callbacks.refresh();
  if (id === detail.id) detail.open(id).catch(back); // another operator may have erased it
}

async function open(id) {
  document.body.classList.add("reading");
  history.replaceState(null, "", `#${encodeURIComponent(id)}`);
  inbox.choose(id);
  await detail.open(id).catch(back);
}

function back() {
  document.body.classList.remove("reading");
  history.replaceState(null, "", location.pathname);
  detail.close();
  inbox.choose(null);
}

function redraw() {
  setLocale(locale(), false);
  drawTheme();
  if (part("desk").hidden) return;
  inbox.draw();
  callbacks.draw();
  detail.draw();
}

function wire() {
  part("language").addEventListener("click", () => {
    setLocale(locale() === "zh" ? "en" : "zh");
    redraw();
  });
  part("admin-login").addEventListener("submit", signIn);
  part("admin-logout").addEventListener("click", () => server.logout().finally(() => location.reload()));
  part("keys").addEventListener("click", showKeys);
  addEventListener("keydown", pressed);
}

async function signIn(event) {
  event.preventDefault();
  const problem = part("admin-problem");
  problem.hidden = true;
  try {
    await enter(await server.login(part("admin-name").value.trim(), part("admin-password").value));
    part("admin-password").value = "";
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
  }
}

function pressed(event) {
  if (part("desk").hidden || event.metaKey || event.ctrlKey || event.altKey || event.isComposing) return;
  const writing = event.target.matches("input, textarea, select");
  if (event.key === "Escape" && writing) event.target.blur();
  if (writing || document.querySelector("dialog[open]")) return;
  const act = { j: () => inbox.move(1), k: () => inbox.move(-1), "/": () => part("search").focus(), t: () => detail.toggle(), r: () => part("answer")?.focus(), "?": showKeys, escape: () => detail.id && back() }[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
}

function showKeys() {
  const sheet = part("keys-sheet");
  const list = el("dl", { class: "keys" });
  for (const [key, name] of Object.entries(KEYS)) list.append(el("div", {}, el("dt", { text: t(name) }), el("dd", {}, el("kbd", { text: key }))));
  const close = el("button", { class: "button main", type: "button", text: "OK", onclick: () => sheet.close() });
  sheet.replaceChildren(el("h2", { text: t("keys") }), list, close);
  sheet.showModal();
}
