// Where the customer writes: text, pictures, and the way into a voice note.

import { el, part } from "../../design/dom.js";
import { icon } from "../../design/icons.js";
import { label, t } from "../i18n.js";
import { picturesIn, Tray } from "../pictures.js";

/** The composer; `onsend({text, pictures})` gets what was written. */
export class Composer {
  constructor(onsend) {
    this.onsend = onsend;
    this.input = part("input");
    this.tray = new Tray((list) => this.drawTray(list), (sentence) => this.problem(sentence));
    this.listenToKeys();
    this.listenToFiles();
    this.listenToDrops();
    this.resize();
  }

  /** Say one calm sentence above the box; it goes away with the next key or by itself. */
  problem(sentence) {
    const node = part("problem");
    node.textContent = sentence;
    node.hidden = !sentence;
    clearTimeout(this.timer);
    if (sentence) this.timer = setTimeout(() => this.problem(""), 7000);
  }

  /** Name the box for whoever answers now. */
  address(owner) {
    const words = owner.owner === "operator" ? t("composer.operator", { name: owner.name || t("operator") }) : t("composer.placeholder");
    this.input.placeholder = words;
    this.input.setAttribute("aria-label", t("composer"));
    this.drawTray(this.tray.list);
  }

  /** Put the cursor where one writes, unless that would raise a phone's keyboard. */
  focus() {
    if (matchMedia("(hover: hover)").matches) this.input.focus({ preventScroll: true });
  }

  send() {
    const text = this.input.value.trim();
    if (!text && this.tray.list.length === 0) return;
    this.input.value = "";
    this.resize();
    this.problem("");
    this.onsend({ text, pictures: this.tray.empty() });
  }

  listenToKeys() {
    part("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.input.addEventListener("keydown", (event) => {
      // While an input method composes, Enter chooses a word; Safari says so only by keyCode 229.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.send();
    });
    this.input.addEventListener("input", () => this.resize());
  }

  listenToFiles() {
    const files = part("files");
    part("attach").addEventListener("click", () => files.click());
    files.addEventListener("change", async () => {
      await this.tray.add([...files.files]);
      files.value = "";
      this.focus();
    });
    document.addEventListener("paste", (event) => {
      const pictures = picturesIn(event.clipboardData);
      if (pictures.length === 0) return;
      event.preventDefault();
      this.tray.add(pictures);
    });
  }

  listenToDrops() {
    const veil = part("drop");
    addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      veil.hidden = false;
    });
    addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) veil.hidden = true;
    });
    addEventListener("drop", (event) => {
      event.preventDefault();
      veil.hidden = true;
      this.tray.add([...event.dataTransfer.files]);
    });
  }

  drawTray(list) {
    const tray = part("tray");
    tray.hidden = list.length === 0;
    tray.replaceChildren(...list.map((picture) => this.thumbnail(picture)));
    this.resize();
  }

  thumbnail(picture) {
    const image = el("img", { src: picture.local, alt: picture.name });
    const remove = el("button", { type: "button", "data-testid": "remove-picture", onclick: () => this.tray.remove(picture) }, icon("close", 14));
    label(remove, t("remove", { name: picture.name }));
    return el("li", { "data-testid": "picture-chip" }, image, remove);
  }

  resize() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 160)}px`;
    part("send").disabled = !this.input.value.trim() && this.tray.list.length === 0;
  }
}
