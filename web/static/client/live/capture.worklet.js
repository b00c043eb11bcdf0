// The microphone on the audio thread: mono sound in frames of 20 ms, 16-bit, posted as they fill.

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.frame = new Int16Array(Math.round(sampleRate / 50));
    this.filled = 0;
    this.power = 0;
  }

  process([[samples]]) {
    for (const sample of samples ?? []) this.take(sample);
    return true;
  }

  take(sample) {
    this.frame[this.filled] = Math.max(-1, Math.min(1, sample)) * 32767;
    this.power += sample * sample;
    this.filled += 1;
    if (this.filled < this.frame.length) return;
    const level = Math.min(1, Math.sqrt(this.power / this.filled) * 6);
    this.port.postMessage({ pcm: this.frame.slice().buffer, level });
    this.filled = 0;
    this.power = 0;
  }
}

registerProcessor("capture", Capture);
