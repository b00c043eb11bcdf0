// The call's strip in the composer: who speaks, what is heard, the level, mute, stop and hang up.

import { part } from "../../design/dom.js";
import { device } from "../device.js";
import { label, locale, t } from "../i18n.js";
import { Call } from "../live/call.js";
import { Meter } from "./meter.js";

/** True where this browser can hold a call. */
export function canTalk() {
  return Boolean(navigator.mediaDevices?.getUserMedia && window.AudioWorkletNode && window.WebSocket);
}

/**
 * Wires the talk button; `acts` are {ready(): Promise, session(), cursor(), event(event), began(),
 * problem(sentence), announce(sentence)}.
 */
export class Talk {
  constructor(acts) {
    Object.assign(this, { acts, call: null, phase: "", frame: 0, meter: new Meter(part("call-meter")) });
    part("talk").hidden = !canTalk();
    // The second click of a double click on "send" lands here: the buttons share a place.
    part("talk").addEventListener("click", (event) => event.detail > 1 || this.start());
    part("call-mute").addEventListener("click", () => this.mute(part("call-mute").getAttribute("aria-pressed") !== "true"));
    part("call-quiet").addEventListener("click", () => this.call?.quiet());
    part("call-end").addEventListener("click", () => this.call?.end());
    document.addEventListener("keydown", (event) => this.key(event));
    addEventListener("pagehide", () => this.call?.end());
  }

  /** Whether a call is under way: then replies sound through it. */
  get on() {
    return Boolean(this.call);
  }

  /** Hang up. */
  end() {
    this.call?.end();
  }

  /** Write everything again in the language in force. */
  redraw() {
    if (this.call) this.show(this.phase);
  }

  async start() {
    if (this.call) return;
    this.acts.began();
    this.call = new Call({
      ready: () => this.acts.ready(),
      session: () => this.acts.session(),
      cursor: () => this.acts.cursor(),
      locale,
      // Who calls wants to hear, whatever the switch for replies to messages says.
      device: () => device().filter((name) => name !== "muted"),
      event: (event) => this.event(event),
      phase: (name) => this.show(name),
      caption: (text) => this.caption(text),
      level: (level) => this.level(level),
      refused: (sentence) => this.acts.problem(sentence),
      ended: (why) => this.ended(why),
    });
    this.open(true);
    await this.call.start();
    if (this.call) this.acts.announce(t("talk.began"));
  }

  event(event) {
    this.acts.event(event);
    if (event.event === "heard") this.caption(event.data.text);
    if (event.event === "part" && event.data.text) this.caption(event.data.text);
    if (event.event === "message") this.caption(event.data.text);
  }

  show(phase) {
    this.phase = phase;
    part("call").dataset.phase = phase;
    part("call-phase").textContent = t(`talk.${phase}`);
    part("call-quiet").hidden = phase !== "speaking";
    if (phase === "hearing") this.caption("");
  }

  caption(text) {
    part("call-caption").textContent = text;
  }

  level(level) {
    this.frame += 1;
    if (this.frame % 3 === 0) this.meter.add(level);
  }

  mute(on) {
    this.call?.mute(on);
    const button = part("call-mute");
    button.setAttribute("aria-pressed", String(on));
    label(button, t(on ? "talk.unmute" : "talk.mute"));
  }

  key(event) {
    if (event.key !== "Escape" || !this.call || event.defaultPrevented) return;
    event.preventDefault();
    this.call.end();
  }

  ended(why) {
    this.call = null;
    this.open(false);
    if (why === "microphone") this.acts.problem(t("record.denied"));
    if (why === "lost") this.acts.problem(t("talk.lost"));
    this.acts.announce(t("talk.ended"));
  }

  open(on) {
    part("call").hidden = !on;
    part("composer").toggleAttribute("data-calling", on);
    if (!on) return part("talk").focus({ preventScroll: true });
    this.meter.clear();
    this.caption("");
    this.mute(false);
    part("call-end").focus({ preventScroll: true });
  }
}
