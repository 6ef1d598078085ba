// Microphone and loudspeaker: one audio context for both, in which a worklet each records and plays.

import { GONE } from "./api.js";

const SILENT = 0.001;
const WISHES = { echoCancellation: true, noiseSuppression: true, autoGainControl: false, channelCount: 1 };

export class Audio {
  constructor() {
    this.context = null;
    this.stream = null;
    this.onblock = () => {};
    this.onplayed = () => {};
    this.onlost = () => {};
    this.onlevel = () => {};
    this.onstate = () => {};
    this.peak = 0;
    this.silentSince = null;
    this.recording = 0;
    this.first = 0;
    this.turn = 0;
  }

  get running() {
    return this.context !== null && this.context.state === "running";
  }

  get hasMicrophone() {
    return this.stream !== null;
  }

  // To be called in a click: browsers let nothing sound before.
  async open() {
    if (!this.context) {
      const context = new AudioContext({ latencyHint: "interactive" });
      try {
        await Promise.all(["capture", "player"].map((name) => context.audioWorklet.addModule(`/static/${name}-worklet.js`)));
      } catch {
        context.close();
        throw new Error(GONE);
      }
      this.context = context;
      context.addEventListener("statechange", () => this.context === context && this.onstate());
      this.player = new AudioWorkletNode(context, "player", { numberOfInputs: 0, outputChannelCount: [1] });
      this.player.port.onmessage = ({ data }) => this.onplayed(data);
      this.player.connect(context.destination);
      this.capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 1 });
      this.capture.port.onmessage = ({ data }) => this.recorded(data);
      // A node that leads nowhere may be put to sleep; it gives silence.
      this.capture.connect(context.destination);
    }
    // Never awaited: without a click it stays pending for ever.
    this.context.resume().catch(() => {});
    await Promise.race([this.context.resume(), new Promise((done) => setTimeout(done, 400))]);
    return this.running;
  }

  // Throws what getUserMedia throws; explained() has the words for it.
  async useMicrophone(device) {
    const mine = ++this.turn;
    const asked = (wishes) => navigator.mediaDevices.getUserMedia({ audio: wishes });
    let stream;
    try {
      stream = await asked(device ? { ...WISHES, deviceId: { exact: device } } : WISHES);
    } catch (error) {
      if (error.name !== "OverconstrainedError") throw error;
      stream = await asked(WISHES);
    }
    if (mine !== this.turn) return stop(stream);
    this.releaseMicrophone();
    this.stream = stream;
    this.source = this.context.createMediaStreamSource(stream);
    this.source.connect(this.capture);
    this.anew();
    const [track] = stream.getAudioTracks();
    track.addEventListener("ended", () => this.stream === stream && (this.releaseMicrophone(), this.onlost()));
  }

  // What comes now is a recording of its own: what was left out before is no hole in it.
  anew() {
    this.recording = crypto.getRandomValues(new Uint32Array(1))[0];
    this.first = 0;
    this.silentSince = null;
  }

  releaseMicrophone() {
    if (this.source) this.source.disconnect();
    if (this.stream) stop(this.stream);
    this.stream = this.source = null;
    this.peak = 0;
  }

  async close() {
    this.turn++;
    this.releaseMicrophone();
    const context = this.context;
    this.context = null;
    if (context) await context.close();
  }

  async useSpeaker(device) {
    // The default is the empty name; naming it would switch echo cancellation off in some browsers.
    if (this.context && this.context.setSinkId) await this.context.setSinkId(device === "default" ? "" : device);
  }

  recorded({ block, peak }) {
    if (!this.stream) return;
    this.peak = peak;
    this.silentSince = peak > SILENT ? null : this.silentSince ?? performance.now();
    this.onlevel(peak);
    this.onblock({ recording: this.recording, rate: this.context.sampleRate, first: this.first, block });
    this.first += block.byteLength / 2;
  }

  get silentSeconds() {
    return this.stream && this.silentSince !== null ? (performance.now() - this.silentSince) / 1000 : 0;
  }

  get muted() {
    return this.stream !== null && this.stream.getAudioTracks().some((track) => track.muted);
  }

  play(clip, last, pcm) {
    const samples = Float32Array.from(pcm, (value) => value / 32767);
    const tail = Math.round((this.context.outputLatency || 0) * this.context.sampleRate);
    this.player.port.postMessage({ clip, last, samples, tail }, [samples.buffer]);
  }

  stopPlaying(clip) {
    if (this.context) this.player.port.postMessage({ stop: clip });
  }

  // Plays a file once, outside of any interview.
  async playFile(data) {
    const source = this.context.createBufferSource();
    source.buffer = await this.context.decodeAudioData(data);
    source.connect(this.context.destination);
    source.start();
    return new Promise((done) => source.addEventListener("ended", done));
  }
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}

export async function devices() {
  const found = await navigator.mediaDevices.enumerateDevices();
  return {
    microphones: found.filter((device) => device.kind === "audioinput"),
    speakers: found.filter((device) => device.kind === "audiooutput"),
  };
}

export function canRecord() {
  return window.isSecureContext && Boolean(navigator.mediaDevices) && "AudioWorkletNode" in window;
}

function howToAllow() {
  const agent = navigator.userAgent;
  if (agent.includes("Firefox"))
    return "In Firefox: press the crossed-out microphone in the address bar, remove \u201cBlocked\u201d, and press the button again.";
  if (agent.includes("Safari") && !agent.includes("Chrome"))
    return "In Safari: choose Safari > Settings for this Website, set Microphone to Allow, and press the button again.";
  return "In this browser: press the icon at the left end of the address bar, allow the microphone, and press the button again.";
}

// What went wrong with a microphone and what to do, in plain words.
export function explained(error) {
  switch (error.name) {
    case "NotAllowedError":
      return `This page may not use the microphone. ${howToAllow()} If that does not help, allow the browser to use the microphone in the system's privacy settings. Or type your answers.`;
    case "NotFoundError":
      return "There is no microphone. Plug one in and press the button again, or type your answers.";
    case "NotReadableError":
      return "The microphone is busy or does not start. Close other programs that use it, and press the button again.";
    case "TypeError":
      return "This browser gives this page no microphone, because the address is not secure. Open the address that the program printed.";
    default:
      return `The microphone cannot be used (${error.name}). Choose another one, or type your answers.`;
  }
}
