// The level of the microphone as a row of bars that moves left.

const STEP = 5; // px from bar to bar
const BAR = 3; // px

/** Draws levels from 0 to 1 on a canvas, in the text colour in force. */
export class Meter {
  constructor(canvas) {
    Object.assign(this, { canvas, levels: [] });
  }

  /** Forget all levels. */
  clear() {
    this.levels = [];
    this.draw();
  }

  /** Add the newest level. */
  add(level) {
    this.levels.push(level);
    this.draw();
  }

  draw() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const ratio = devicePixelRatio || 1;
    Object.assign(this.canvas, { width: width * ratio, height: height * ratio });
    const pen = this.canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.fillStyle = getComputedStyle(this.canvas).color;
    const count = Math.floor(width / STEP);
    const padded = [...Array(count).fill(0), ...this.levels].slice(-count);
    for (const [i, level] of padded.entries()) bar(pen, i * STEP, height, level);
  }
}

function bar(pen, x, height, level) {
  const size = Math.max(BAR, level * height);
  pen.globalAlpha = level > 0 ? 1 : 0.3;
  pen.beginPath();
  pen.roundRect(x, (height - size) / 2, BAR, size, BAR / 2);
  pen.fill();
}
