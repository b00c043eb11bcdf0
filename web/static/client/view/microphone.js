// The microphone button: tap to start and send, or press and hold, slide left to cancel.

import { part } from "../../design/dom.js";
import { t } from "../i18n.js";
import { canRecord, LIMIT, Recorder } from "../recorder.js";
import { Meter } from "./meter.js";

const HOLD = 350; // ms of pressing that make it press-and-hold
const AWAY = 90; // px to the left that cancel

/** Wires the button; `acts` are {began(), send(voice), problem(sentence), announce(sentence)}. */
export class Microphone {
  constructor(acts) {
    Object.assign(this, { acts, button: part("mic"), bar: part("recording"), meter: new Meter(part("meter")) });
    this.button.addEventListener("pointerdown", (event) => this.press(event));
    this.button.addEventListener("pointermove", (event) => this.slide(event));
    this.button.addEventListener("pointerup", () => this.letGo());
    this.button.addEventListener("pointercancel", () => this.held && this.cancel());
    this.button.addEventListener("contextmenu", (event) => event.preventDefault());
    this.button.addEventListener("click", (event) => event.detail === 0 && this.start());
    part("record-cancel").addEventListener("click", () => this.cancel());
    part("record-send").addEventListener("click", () => this.finish());
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.recorder && this.cancel(event));
  }

  press(event) {
    if (event.button !== 0 || this.recorder) return;
    this.button.setPointerCapture(event.pointerId);
    Object.assign(this, { pressed: performance.now(), from: event.clientX, held: true, away: false });
    this.start();
    this.holding = setTimeout(() => this.held && this.bar.classList.add("held"), HOLD);
  }

  slide(event) {
    if (!this.held || performance.now() - this.pressed < HOLD) return;
    this.away = this.from - event.clientX > AWAY;
    this.bar.classList.toggle("away", this.away);
    part("record-hint").textContent = t(this.away ? "record.cancelHint" : "record.hold");
  }

  letGo() {
    if (!this.held) return;
    this.held = false;
    clearTimeout(this.holding);
    this.bar.classList.remove("held");
    if (performance.now() - this.pressed < HOLD) return part("record-send").focus();
    if (this.away) this.cancel();
    else this.finish();
  }

  async start() {
    if (!canRecord()) return this.acts.problem(t("record.none"));
    this.acts.began();
    this.show(true);
    const recorder = new Recorder((level, seconds) => this.tick(level, seconds), () => this.full());
    this.recorder = recorder;
    try {
      await recorder.start();
      this.acts.announce(t("record.now"));
    } catch {
      this.close();
      this.acts.problem(t("record.denied"));
    }
  }

  async finish() {
    const recorder = this.recorder;
    if (!recorder) return;
    if (!recorder.recorder) return this.tooShort();
    this.close();
    const voice = await recorder.stop();
    if (!voice) return this.acts.problem(t("record.short"));
    this.acts.announce(t("record.sent"));
    this.acts.send(voice);
  }

  /** Let go before the browser had even opened the microphone. */
  tooShort() {
    this.cancel();
    this.acts.problem(t("record.short"));
  }

  cancel(event) {
    event?.preventDefault();
    this.recorder?.cancel();
    this.close();
    this.acts.announce(t("record.cancelled"));
  }

  full() {
    this.acts.problem(t("record.limit"));
    this.finish();
  }

  tick(level, seconds) {
    this.meter.add(level);
    const time = part("record-time");
    time.textContent = `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
    time.classList.toggle("ending", seconds > LIMIT - 10);
  }

  close() {
    this.recorder = null;
    this.held = false;
    this.show(false);
    this.button.focus({ preventScroll: true });
  }

  show(on) {
    this.bar.hidden = !on;
    this.bar.classList.remove("held", "away");
    this.button.parentElement.toggleAttribute("data-covered", on);
    part("record-hint").textContent = t("record.hold");
    part("record-time").textContent = "0:00";
    if (on) this.meter.clear();
  }
}
