// The customer's chat: puts conversation, player and views together. The page and the frame run this.

import { part } from "../design/dom.js";
import { drawIcons } from "../design/icons.js";
import { remember, stored } from "../design/memory.js";
import { setAccent, setTheme, startTheme } from "../design/theme.js";
import { announce, announceChange } from "./announce.js";
import { Conversation } from "./conversation.js";
import { note } from "./device.js";
import { hear, tell, wishes } from "./host.js";
import { locale, setLocale, startLocale, t } from "./i18n.js";
import { keepCard } from "./keep.js";
import { clip, Player } from "./player.js";
import { Unread } from "./unread.js";
import { Waiting } from "./waiting.js";
import { Composer } from "./view/composer.js";
import { askCallback, askRating, enlarge } from "./view/dialogs.js";
import { drawOwner, drawPlaying, startMenu, startSwitch, startThemeButton, Typing } from "./view/frame.js";
import { Log } from "./view/log.js";
import { Microphone } from "./view/microphone.js";
import { Talk } from "./view/talk.js";

const framed = document.documentElement.dataset.mode === "frame";
const sound = { on: stored("sound") ?? true, always: stored("speak") ?? false };
let reader = stored("reader") ?? false;
let signIn = null;
const customer = framed && wishes.signed ? new Promise((resolve) => (signIn = resolve)) : "";

startTheme(wishes.theme);
setAccent(wishes.colour);
startLocale(wishes.locale);
drawIcons();
if (wishes.title) name(wishes.title);

const conversation = new Conversation(framed ? "widget" : "page");
const player = new Player();
const unread = new Unread();
const waiting = new Waiting(conversation, () => drawOwner(conversation.said.owner, waiting.place, callBack));
const typing = new Typing(announce);
const bytes = (url) => conversation.media(url);
const log = new Log(conversation, {
  retry: (turn) => conversation.retry(turn),
  say: (text) => send({ text, pictures: [] }),
  clip: (key, audio) => clip(key, audio, bytes),
  toggle: (clips) => (clips.some(({ key }) => key === player.current?.key) ? player.stop() : player.play(clips)),
  greeting: () => wishes.greeting,
  media: bytes,
  rate: () => rate(),
  rated: () => Boolean(conversation.session?.rated),
  enlarge,
  keep: (turn, shown) => keepCard(conversation, turn, shown).catch(() => composer.problem(t("card.notKept"))),
  show,
});
const composer = new Composer(send);
const drawTheme = startThemeButton();
new Microphone({ began: quiet, send: (voice) => send({ text: "", voice, pictures: composer.tray.empty() }), problem: (s) => composer.problem(s), announce });
const talk = new Talk({
  ready: () => conversation.opening,
  session: () => conversation.session,
  cursor: () => conversation.said.cursor,
  event: (event) => conversation.said.apply(event, { whole: false }),
  began: quiet,
  problem: (s) => composer.problem(s),
  announce,
});

conversation.said.watch(changed);
conversation.said.watch(announceChange);
conversation.welcomed = () => log.welcome();
conversation.online = (on) => composer.problem(on ? "" : t("offline"));
player.watch(drawPlaying);
wireHeader();
wireHost();
redraw();
conversation.start(customer).then(redraw);
composer.focus();

/** Call the shop by the name its own page gave it, in every language. */
function name(title) {
  delete part("title").dataset.t;
  part("title").textContent = title;
}

function changed({ entry, event, live, data }) {
  if (event === "cleared") return redraw();
  if (entry) log.draw(entry, event === "sending");
  if (event === "owner") drawOwnership();
  if (event === "part" && live) speak(entry, data);
  if (live && (event === "message" || (event === "part" && data.number === 0))) unread.add();
  typing.for(conversation.said.awaited);
}

function send({ text, voice, pictures }) {
  player.stop();
  player.unlock();
  const speaks = sound.on && (sound.always || (Boolean(voice) && !reader));
  return conversation.send({ text, voice, pictures, speak: speaks });
}

function speak(reply, { number, audio }) {
  if (!audio || !sound.on || !conversation.mine.has(reply.turn)) return;
  player.add(clip(`${reply.id} ${number}`, audio, bytes));
}

/** Before the microphone opens: nothing of ours may sound, and the tap unlocks the player. */
function quiet() {
  player.stop();
  player.unlock();
}

async function show(image, picture) {
  if (!picture.local) picture.local = URL.createObjectURL(await bytes(picture.url).catch(() => new Blob()));
  image.src = picture.local;
}

function drawOwnership() {
  const { owner } = conversation.said;
  if (owner.owner === "operator") player.stop();
  waiting.follow(owner.owner);
  drawOwner(owner, waiting.place, callBack);
  composer.address(owner);
}

function redraw() {
  drawTheme();
  unread.draw();
  talk.redraw();
  drawOwnership();
  log.redraw();
  typing.for(conversation.said.awaited);
}

function changeLocale(name, keep = true) {
  setLocale(name, keep);
  redraw();
  conversation.greet().then(() => log.welcome());
}

async function rate() {
  if (!conversation.session) return;
  const rating = await askRating();
  if (!rating || !(await conversation.rate(rating.score, rating.text))) return;
  conversation.said.notice(t("rating.thanks"));
  log.redraw(); // the question goes with its answer
}

async function callBack() {
  if (!conversation.session || !(await askCallback((wish) => conversation.callback(wish)))) return;
  announce(t("callback.left"));
  await waiting.ask();
}

async function restart() {
  player.stop();
  talk.end();
  const talked = conversation.said.entries.size > 1;
  if (talked && !conversation.session?.rated) await rate();
  await conversation.restart();
  announce(t("new.started"));
  composer.focus();
}

async function identify(token) {
  player.stop();
  talk.end();
  await conversation.identify(token);
  redraw();
}

function wireHeader() {
  // iOS grants sound when a finger lifts, not when it lands: any first tap or key will do.
  for (const event of ["pointerup", "keydown"]) addEventListener(event, () => player.unlock(), { capture: true });
  startMenu();
  startSwitch("sound", sound.on, (on) => {
    sound.on = on;
    remember("sound", on);
    note("muted", !on);
    if (!on) player.stop();
  });
  startSwitch("speak", sound.always, (on) => {
    sound.always = on;
    remember("speak", on);
    player.unlock();
  });
  startSwitch("reader", reader, (on) => {
    reader = on;
    remember("reader", on);
    note("screen_reader", on);
  });
  part("language").addEventListener("click", () => changeLocale(locale() === "zh" ? "en" : "zh"));
  part("human").addEventListener("click", () => conversation.human());
  part("speaking").addEventListener("click", () => player.stop());
  part("rate").addEventListener("click", rate);
  part("restart").addEventListener("click", restart);
  part("new")?.addEventListener("click", restart);
}

function wireHost() {
  part("close").hidden = !wishes.host;
  part("close").addEventListener("click", () => tell("close"));
  addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]") && tell("close"));
  hear({
    open: () => (unread.setOpen(true), composer.focus()),
    close: () => (unread.setOpen(false), player.stop(), talk.end()),
    locale: ({ locale: name }) => changeLocale(name),
    theme: ({ theme: name }) => (setTheme(name), drawTheme()),
    customer: ({ token }) => (signIn ? (signIn(token), (signIn = null)) : identify(token)),
  });
  tell("ready");
}
