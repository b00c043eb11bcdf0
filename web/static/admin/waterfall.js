// Where the time of one turn went: a bar per stage, and the line of the budget.

import { el, svg } from "../design/dom.js";
import { t } from "../client/i18n.js";

const BUDGET = 800; // ms from the last voiced sample to the first audible one
const ROW = 22; // px
const [LEFT, WIDTH, RIGHT] = [132, 320, 64]; // px: names, bars, figures

/** The trace [{stage, start_ms, ms}] as a drawing, with the first sound and the budget at 800 ms. */
export function waterfallView(trace, firstAudio) {
  const end = Math.max(0, ...trace.map((span) => span.start_ms + span.ms), firstAudio ?? 0);
  const scale = WIDTH / Math.max(BUDGET * 1.08, end * 1.02);
  const height = trace.length * ROW + 26;
  const drawing = svg("svg", { class: "waterfall", viewBox: `0 0 ${LEFT + WIDTH + RIGHT} ${height}`, role: "img", "data-testid": "waterfall" });
  drawing.append(svg("title", { text: trace.map((span) => `${span.stage} ${figure(span.ms)} ms`).join(", ") }));
  const sorted = [...trace].sort((a, b) => a.start_ms - b.start_ms);
  for (const [i, span] of sorted.entries()) drawing.append(...row(span, i, scale));
  drawing.append(...rule("budget", BUDGET, scale, height));
  if (firstAudio) drawing.append(...rule(firstAudio > BUDGET ? "first late" : "first", firstAudio, scale, height));
  return el("div", {}, drawing, legend(end, firstAudio));
}

function row(span, i, scale) {
  const y = i * ROW + 4;
  const x = LEFT + span.start_ms * scale;
  const width = Math.max(2, span.ms * scale);
  const name = svg("text", { x: LEFT - 10, y: y + 12, class: "stage", text: span.stage });
  const track = svg("rect", { x: LEFT, y: y + 1, width: WIDTH, height: 14, rx: 4, class: "track" });
  const bar = svg("rect", { x, y: y + 1, width, height: 14, rx: Math.min(4, width / 2), class: `span ${family(span.stage)}` });
  const ms = svg("text", { x: LEFT + WIDTH + 10, y: y + 12, class: "ms", text: `${figure(span.ms)} ms` });
  return [track, bar, name, ms];
}

function rule(kind, ms, scale, height) {
  const x = LEFT + ms * scale;
  return [svg("line", { x1: x, x2: x, y1: 0, y2: height - 18, class: kind }), svg("text", { x, y: height - 5, class: `${kind} at`, text: Math.round(ms) })];
}

function legend(end, firstAudio) {
  const first = firstAudio ? el("span", { class: firstAudio > BUDGET ? "first late" : "first", text: t("first", { ms: Math.round(firstAudio) }) }) : null;
  return el("p", { class: "legend" }, first, el("span", { class: "budget", text: t("budget") }), el("span", { text: t("total", { ms: Math.round(end) }) }));
}

function family(stage) {
  if (/tts|speak|speech/.test(stage)) return "speaking";
  if (/asr|vad|decode|intake|joint/.test(stage)) return "hearing";
  return /action|retriev|knowledge/.test(stage) ? "doing" : "thinking";
}

function figure(ms) {
  return ms < 10 ? ms.toFixed(1) : String(Math.round(ms));
}
