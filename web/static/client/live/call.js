// A live call: microphone, loudspeaker and the socket between them. docs/live-protocol.md tells all.

import { backoff } from "../../design/sse.js";
import { Loudspeaker } from "./loudspeaker.js";
import { OpenMicrophone } from "./microphone.js";

const TRIES = 5;
const DONE = 1000;
const HELD = 4000; // ms without a word from the server after which a held reply plays on

/**
 * One call. `acts` are {ready(), session(), cursor(), locale(), device(), event(event), phase(name), caption(text),
 * level(level), refused(sentence), ended(why)}; `why` is "", "microphone", "refused" or "lost".
 */
export class Call {
  constructor(acts) {
    Object.assign(this, { acts, number: 0, seen: 0, began: false, speech: null, tries: 0, over: false });
    this.speaker = new Loudspeaker((played) => this.say({ type: "played", ...played }), () => {});
    this.microphone = new OpenMicrophone((pcm) => this.frame(pcm), (level) => acts.level(level));
  }

  /** Call inside a tap. */
  async start() {
    this.speaker.unlock();
    this.acts.phase("connecting");
    try {
      await this.microphone.open();
    } catch {
      return this.end("microphone");
    }
    await this.acts.ready();
    if (this.over) return this.microphone.close();
    if (!this.acts.session()) return this.end("lost");
    this.connect();
  }

  /** Switch the microphone off or on. */
  mute(on) {
    this.microphone.mute(on);
    if (on) this.say({ type: "mute" });
  }

  /** End the reply that sounds. */
  quiet() {
    this.silence();
    this.say({ type: "quiet" });
  }

  /** Hang up. */
  end(why = "") {
    if (this.over) return;
    this.over = true;
    this.say({ type: "end" });
    clearTimeout(this.watchdog);
    this.socket?.close(DONE);
    this.microphone.close();
    this.speaker.close();
    this.acts.ended(why);
  }

  connect() {
    const address = new URL("/v1/live", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.number = 0;
    socket.addEventListener("open", () => this.open());
    socket.addEventListener("message", ({ data }) => (typeof data === "string" ? this.obey(JSON.parse(data)) : this.sound(data)));
    socket.addEventListener("close", ({ code }) => socket === this.socket && this.lost(code));
  }

  open() {
    const { id, token } = this.acts.session();
    const broken = this.speaker.last;
    this.silence();
    const start = { type: "start", version: 1, conversation_id: id, token, locale: this.acts.locale(), rate: this.microphone.rate, device: this.acts.device() };
    const after = Math.max(this.seen, this.acts.cursor());
    this.say({ ...start, after, rejoins: this.began, ...(broken ? { played: broken } : {}) });
  }

  async lost(code) {
    this.ready = false;
    if (this.over) return;
    if (code === DONE || this.tries >= TRIES) return this.end(code === DONE ? "" : "lost");
    this.acts.phase("connecting");
    this.tries += 1;
    await backoff(this.tries);
    if (!this.over) this.connect();
  }

  obey(message) {
    const { type } = message;
    if (type === "ready") Object.assign(this, { ready: true, began: true, tries: 0 });
    if (type === "phase") this.acts.phase(message.phase);
    if (type === "caption") this.acts.caption(message.text);
    if (type === "event") this.happened(message);
    if (type === "speech") this.speech = message;
    if (type === "hold") this.hold();
    if (type === "resume") this.resume();
    if (type === "stop") this.silence();
    if (type === "refused") this.refused(message);
  }

  happened(event) {
    this.seen = Math.max(this.seen, event.id);
    this.acts.event(event);
  }

  hold() {
    clearTimeout(this.watchdog);
    this.speaker.pause();
    this.watchdog = setTimeout(() => this.resume(), HELD);
  }

  resume() {
    clearTimeout(this.watchdog);
    this.speaker.resume();
  }

  silence() {
    clearTimeout(this.watchdog); // or it would let a later reply that is held play on
    this.speaker.stop();
  }

  refused({ message, final }) {
    this.acts.refused(message);
    if (final) this.end("refused");
  }

  sound(data) {
    if (!this.speech) return;
    const { turn_id, part, from_ms } = this.speech;
    const pcm = data.slice(4);
    this.speaker.add({ turn_id, part }, from_ms, pcm);
    this.speech = { ...this.speech, from_ms: from_ms + Math.round(pcm.byteLength / 48) };
  }

  frame(pcm) {
    if (!this.ready || this.socket.readyState !== WebSocket.OPEN) return;
    const message = new Uint8Array(4 + pcm.byteLength);
    new DataView(message.buffer).setUint32(0, this.number, true);
    message.set(new Uint8Array(pcm), 4);
    this.number += 1;
    this.socket.send(message);
  }

  say(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}
