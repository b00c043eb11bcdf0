// The loudspeaker on the audio thread: parts of a reply one after the other, without a gap.
// It pauses and falls silent within 10 ms, and tells how far each part has sounded.

const FADE = 240; // samples at 24 kHz: 10 ms
const REPORT = 4800; // samples between two reports: 0.2 s

class Playback extends AudioWorkletProcessor {
  constructor() {
    super();
    this.queue = []; // {part, samples, at, from}
    this.leaving = null; // what still fades out
    this.gain = 0;
    this.paused = false;
    this.since = 0;
    this.port.onmessage = ({ data }) => this[data.type](data);
  }

  add({ part, from, samples }) {
    this.queue.push({ part, samples, at: 0, from });
  }

  pause() {
    this.paused = true;
  }

  resume() {
    this.paused = false;
  }

  stop() {
    // What still sounds fades out; the rest is forgotten. What is added meanwhile begins after it.
    const [now] = this.queue;
    if (now && this.gain > 0) this.leaving = { samples: now.samples.subarray(0, now.at + FADE), at: now.at };
    this.queue = [];
  }

  process(_inputs, [[out]]) {
    for (let i = 0; i < out.length; i += 1) out[i] = this.next();
    return true;
  }

  next() {
    const target = this.paused || this.leaving || this.queue.length === 0 ? 0 : 1;
    this.gain += Math.max(-1 / FADE, Math.min(1 / FADE, target - this.gain));
    if (this.leaving) return this.fade();
    const [now] = this.queue;
    if (!now || this.gain <= 0) return 0;
    const sample = now.samples[now.at] * this.gain;
    now.at += 1;
    this.since += 1;
    if (now.at >= now.samples.length) this.end(now);
    else if (this.since >= REPORT) this.tell(now);
    return sample;
  }

  fade() {
    const { samples, at } = this.leaving;
    this.leaving.at += 1;
    if (this.gain <= 0 || at + 1 >= samples.length) Object.assign(this, { leaving: null, gain: 0, since: 0 });
    return (samples[at] ?? 0) * this.gain;
  }

  end(now) {
    this.queue.shift();
    this.tell(now);
    if (this.queue.length === 0) this.port.postMessage({ empty: true });
  }

  tell({ part, at, from }) {
    this.since = 0;
    this.port.postMessage({ part, ms: from + Math.round((1000 * at) / sampleRate) });
  }
}

registerProcessor("playback", Playback);
