// A voice note: microphone to one blob, with the level while it lasts and its outline after.

const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus", "audio/webm"];
const FRAME = 60; // ms between two level readings
export const LIMIT = 60; // seconds
const SHORTEST = 0.5; // seconds

/** True where this browser can record. */
export function canRecord() {
  return Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);
}

/** Records one voice note; `onlevel(level, seconds)` is called about 16 times a second. */
export class Recorder {
  constructor(onlevel, onlimit) {
    Object.assign(this, { onlevel, onlimit, levels: [], chunks: [] });
  }

  /** Start; rejects when the customer or the browser refuses the microphone. */
  async start() {
    const wish = { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 } };
    this.stream = await navigator.mediaDevices.getUserMedia(wish);
    if (this.dropped) return this.release();
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    this.recorder = new MediaRecorder(this.stream, { mimeType, audioBitsPerSecond: 32000 });
    this.recorder.addEventListener("dataavailable", ({ data }) => this.chunks.push(data));
    this.recorder.start(250);
    this.began = performance.now();
    this.listen();
  }

  /** Stop and give {blob, name, type, seconds, peaks}, or null when it was too short to mean anything. */
  async stop() {
    const seconds = this.seconds;
    await this.end();
    if (seconds < SHORTEST) return null;
    const type = (this.recorder.mimeType || "audio/webm").split(";")[0];
    const name = `voice.${type.split("/")[1]}`;
    return { blob: new Blob(this.chunks, { type }), name, type, seconds, peaks: outline(this.levels) };
  }

  /** Stop and throw away. */
  async cancel() {
    this.dropped = true;
    if (this.recorder) await this.end();
  }

  /** Seconds recorded so far. */
  get seconds() {
    return this.began ? (performance.now() - this.began) / 1000 : 0;
  }

  listen() {
    this.context = new AudioContext();
    const analyser = new AnalyserNode(this.context, { fftSize: 1024 });
    this.context.createMediaStreamSource(this.stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.timer = setInterval(() => this.measure(analyser, samples), FRAME);
  }

  measure(analyser, samples) {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
    const level = Math.min(1, Math.sqrt(power) * 6);
    this.levels.push(level);
    this.onlevel(level, this.seconds);
    if (this.seconds >= LIMIT) this.onlimit();
  }

  async end() {
    clearInterval(this.timer);
    if (this.recorder.state !== "inactive") {
      const stopped = new Promise((resolve) => this.recorder.addEventListener("stop", resolve, { once: true }));
      this.recorder.stop();
      await stopped;
    }
    this.release();
  }

  release() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.context?.close();
  }
}

/** `count` heights from 0 to 1 that outline a row of levels. */
export function outline(levels, count = 30) {
  const size = Math.max(1, levels.length / count);
  const bars = Array.from({ length: count }, (_, i) => Math.max(0, ...levels.slice(Math.floor(i * size), Math.ceil((i + 1) * size))));
  const top = Math.max(0.05, ...bars);
  return bars.map((bar) => bar / top);
}

/** The outline of sound that was recorded elsewhere or before a reload. */
export async function outlineOf(blob) {
  const context = new OfflineAudioContext(1, 1, 16000);
  const sound = await context.decodeAudioData(await blob.arrayBuffer());
  const samples = sound.getChannelData(0);
  const size = Math.max(1, Math.floor(samples.length / 300));
  const levels = Array.from({ length: 300 }, (_, i) => Math.abs(samples[i * size] ?? 0));
  return outline(levels);
}
