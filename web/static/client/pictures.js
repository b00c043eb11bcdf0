// Pictures the customer adds: chosen, pasted or dropped; made small enough before they are sent.

import { t } from "./i18n.js";

export const MOST = 4;
const SIDE = 2048; // px, longest
const HEAVY = 1.5e6; // bytes; a lighter picture that fits is sent as it is
const LIMIT = 10e6; // bytes

/** The pictures waiting to be sent; `onchange(list)` and `onproblem(sentence)` report. */
export class Tray {
  constructor(onchange, onproblem) {
    Object.assign(this, { onchange, onproblem, list: [] });
  }

  /** Add files one by one, as far as they are pictures and there is room. */
  async add(files) {
    for (const file of files) {
      const problem = this.refuse(file);
      if (problem) this.onproblem(problem);
      else await this.take(file);
    }
  }

  /** Take one out. */
  remove(picture) {
    this.list = this.list.filter((other) => other !== picture);
    this.onchange(this.list);
  }

  /** Hand over everything and be empty. */
  empty() {
    const pictures = this.list;
    this.list = [];
    this.onchange(this.list);
    return pictures;
  }

  refuse(file) {
    if (!file.type.startsWith("image/") && !/\.(heic|heif)$/i.test(file.name)) return t("picture.notImage");
    return this.list.length >= MOST ? t("picture.tooMany") : "";
  }

  async take(file) {
    const blob = await smaller(file);
    if (blob.size > LIMIT) return this.onproblem(t("picture.tooBig"));
    if (this.list.length >= MOST) return this.onproblem(t("picture.tooMany"));
    this.list = [...this.list, { blob, name: file.name || "picture.jpg", local: URL.createObjectURL(blob) }];
    this.onchange(this.list);
  }
}

/** The pictures in a paste or a drop. */
export function picturesIn(transfer) {
  return [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/"));
}

async function smaller(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (!bitmap) return file; // a format this browser cannot draw, HEIC say: the server can
  const scale = SIDE / Math.max(bitmap.width, bitmap.height);
  if (scale >= 1 && file.size <= HEAVY) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * Math.min(1, scale));
  canvas.height = Math.round(bitmap.height * Math.min(1, scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? file), "image/jpeg", 0.88));
}
