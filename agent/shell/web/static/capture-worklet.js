// The microphone as 16-bit mono blocks of 20 ms. In the audio thread, so that a hidden tab records on.

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.size = Math.round(sampleRate / 50);
    this.block = new Int16Array(this.size);
    this.filled = 0;
    this.peak = 0;
  }

  process([channels]) {
    if (!channels.length) return true;
    const length = channels[0].length;
    for (let at = 0; at < length; at++) {
      let sum = 0;
      for (const channel of channels) sum += channel[at];
      const sample = Math.max(-1, Math.min(1, sum / channels.length));
      this.peak = Math.max(this.peak, Math.abs(sample));
      this.block[this.filled++] = Math.round(sample * 32767);
      if (this.filled === this.size) this.give();
    }
    return true;
  }

  give() {
    const block = this.block.buffer;
    this.port.postMessage({ block, peak: this.peak }, [block]);
    this.block = new Int16Array(this.size);
    this.filled = 0;
    this.peak = 0;
  }
}

registerProcessor("capture", Capture);
