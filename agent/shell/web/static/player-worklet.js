// Plays clips sample by sample and counts what was played. A clip that is stopped fades out within a few milliseconds.

const FADE = Math.round(sampleRate * 0.004);
const REPORT = Math.round(sampleRate * 0.05);

class Player extends AudioWorkletProcessor {
  constructor() {
    super();
    this.clips = [];
    this.fading = 0;
    this.since = 0;
    this.port.onmessage = ({ data }) => this.obey(data);
  }

  obey(order) {
    if (order.stop !== undefined) return this.stop(order.stop);
    let clip = this.clips.find((item) => item.number === order.clip);
    if (!clip) {
      clip = { number: order.clip, parts: [], part: 0, at: 0, played: 0, ended: false, tail: order.tail };
      this.clips.push(clip);
    }
    clip.parts.push(order.samples);
    clip.ended = clip.ended || order.last;
  }

  stop(number) {
    const clip = this.clips[0];
    if (clip && clip.number === number) {
      clip.stopped = true;
      this.fading = FADE;
    } else {
      this.clips = this.clips.filter((item) => item.number !== number);
    }
  }

  report(clip, state) {
    this.since = 0;
    this.port.postMessage({ clip: clip.number, frames: clip.played, state });
  }

  sample(clip) {
    while (clip.part < clip.parts.length && clip.at === clip.parts[clip.part].length) {
      clip.parts[clip.part++] = new Float32Array(0);
      clip.at = 0;
    }
    if (clip.part === clip.parts.length) return null;
    if (clip.played++ === 0) this.report(clip, "playing");
    return clip.parts[clip.part][clip.at++];
  }

  next() {
    const clip = this.clips[0];
    if (!clip) return 0;
    if (clip.stopped && this.fading-- <= 0) {
      this.report(clip, "stopped");
      this.clips.shift();
      return 0;
    }
    const sample = this.sample(clip);
    // What was handed over is audible a little later.
    if (sample === null && clip.ended && (clip.stopped || clip.tail-- <= 0)) {
      this.report(clip, clip.stopped ? "stopped" : "done");
      this.clips.shift();
    }
    return (sample ?? 0) * (clip.stopped ? Math.max(0, this.fading) / FADE : 1);
  }

  process(_inputs, [channels]) {
    const length = channels[0].length;
    for (let at = 0; at < length; at++) {
      const sample = this.next();
      for (const channel of channels) channel[at] = sample;
    }
    this.since += length;
    if (this.clips.length && this.clips[0].played && this.since >= REPORT) this.report(this.clips[0], "playing");
    return true;
  }
}

registerProcessor("player", Player);
