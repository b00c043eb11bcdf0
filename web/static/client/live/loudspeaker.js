// The reply's sound through a media element, so that the browser's echo cancellation hears it.

const RATE = 24000;

/** Plays PCM as it comes; `onplayed({turn_id, part}, ms)` tells how far a part has sounded. */
export class Loudspeaker {
  constructor(onplayed, onempty) {
    Object.assign(this, { onplayed, onempty, playing: false, last: null });
    this.element = new Audio();
  }

  /** Call inside the tap that opens the call: browsers let the element sound from then on. */
  unlock() {
    this.context = new AudioContext({ sampleRate: RATE });
    this.context.resume();
    const out = this.context.createMediaStreamDestination();
    this.element.srcObject = out.stream;
    this.element.play().catch(() => {});
    this.ready = this.connect(out);
  }

  /** Sound of `part` that begins `from` ms into it. */
  add(part, from, pcm) {
    const samples = Float32Array.from(new Int16Array(pcm), (x) => x / 32768);
    this.playing = true;
    this.send({ type: "add", part, from, samples });
  }

  pause() {
    this.send({ type: "pause" });
  }

  resume() {
    this.send({ type: "resume" });
  }

  /** Fall silent now and forget what was waiting. */
  stop() {
    this.playing = false;
    this.last = null;
    this.resume();
    this.send({ type: "stop" });
  }

  close() {
    this.element.pause();
    this.element.srcObject = null;
    this.context?.close();
  }

  async send(message) {
    const node = await this.ready;
    node.port.postMessage(message);
  }

  async connect(out) {
    await this.context.audioWorklet.addModule(new URL("playback.worklet.js", import.meta.url));
    const node = new AudioWorkletNode(this.context, "playback", { numberOfInputs: 0, outputChannelCount: [1] });
    node.port.onmessage = ({ data }) => this.told(data);
    node.connect(out);
    return node;
  }

  told({ part, ms, empty }) {
    if (!this.playing) return;
    if (empty) {
      this.playing = false;
      this.onempty();
      return;
    }
    this.last = { turn_id: part.turn_id, part: part.part, ms };
    this.onplayed(this.last);
  }
}
