// The open microphone of a call: numbered frames of 20 ms for the socket, levels for the meter.

const WISH = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
const RATE = 16000;

/** Captures until closed; `onframe(pcm)` and `onlevel(level)` are called 50 times a second. */
export class OpenMicrophone {
  constructor(onframe, onlevel) {
    Object.assign(this, { onframe, onlevel, muted: false });
  }

  /** Open; rejects when the customer or the browser refuses. `rate` is known afterwards. */
  async open() {
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: WISH });
    this.mute(this.muted);
    try {
      this.context = await this.connect(new AudioContext({ sampleRate: RATE }));
    } catch {
      // Firefox: a microphone and a context must have the same rate.
      this.context = await this.connect(new AudioContext());
    }
  }

  /** Hz of the frames. */
  get rate() {
    return this.context.sampleRate;
  }

  /** Send nothing while muted; the browser shows the microphone as off. */
  mute(on) {
    this.muted = on;
    for (const track of this.stream?.getAudioTracks() ?? []) track.enabled = !on;
  }

  /** Give the microphone back. */
  close() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.context?.close();
  }

  async connect(context) {
    try {
      await context.audioWorklet.addModule(new URL("capture.worklet.js", import.meta.url));
      const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
      capture.port.onmessage = ({ data }) => this.take(data);
      context.createMediaStreamSource(this.stream).connect(capture);
      await context.resume();
      return context;
    } catch (error) {
      context.close();
      throw error;
    }
  }

  take({ pcm, level }) {
    this.onlevel(this.muted ? 0 : level);
    if (!this.muted) this.onframe(pcm);
  }
}
