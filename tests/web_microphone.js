// A microphone that plays what a test gives it, when it says so, and a copy of all that the page plays.
// Also a network that can fail. Installed before the page's own scripts.
(() => {
  const rig = (window.rig = { played: [], rate: 0, opened: 0, tracks: [], block: 2048 });
  // rig.down: no connection comes about; rig.drop() ends the ones there are, as a network does.
  rig.sockets = [];
  window.WebSocket = class extends WebSocket {
    constructor(url) {
      // An address that the page's security policy blocks would not do: Chromium reports no close of such a socket.
      super(rig.down ? `${url}-unreachable` : url);
      rig.sockets.push(this);
    }
  };
  rig.drop = () => rig.sockets.splice(0).forEach((socket) => socket.close());
  const media = navigator.mediaDevices;
  if (!media) return;
  const context = new AudioContext();
  const mix = new GainNode(context);

  media.getUserMedia = async () => {
    rig.opened++;
    context.resume();
    const out = context.createMediaStreamDestination();
    mix.connect(out);
    // The noise of a quiet room. Without any source the track would give no samples at all.
    const room = context.createBuffer(1, context.sampleRate, context.sampleRate);
    room.getChannelData(0).forEach((_, at, samples) => (samples[at] = 0.004 * (Math.random() - 0.5)));
    const noise = new AudioBufferSourceNode(context, { buffer: room, loop: true });
    noise.connect(out);
    noise.start();
    rig.tracks.push(...out.stream.getAudioTracks());
    return out.stream;
  };

  rig.say = async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const source = context.createBufferSource();
    source.buffer = await context.decodeAudioData(bytes.buffer);
    source.connect(mix);
    rig.saidAt = performance.now();
    source.start();
    await new Promise((done) => source.addEventListener("ended", done));
  };

  // All of it as base64, in pieces: a call has room for so many arguments only.
  rig.take = () => {
    const letters = [];
    for (const block of rig.played.splice(0)) letters.push(String.fromCharCode(...new Uint8Array(block.buffer)));
    return btoa(letters.join(""));
  };

  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...more) {
    if (target instanceof AudioDestinationNode && this instanceof AudioWorkletNode && this.numberOfInputs === 0) copy(this);
    return connect.call(this, target, ...more);
  };

  function copy(player) {
    const tap = player.context.createScriptProcessor(rig.block, 1, 1);
    rig.rate = player.context.sampleRate;
    tap.onaudioprocess = ({ inputBuffer }) => {
      const samples = inputBuffer.getChannelData(0);
      const loud = samples.some((sample) => Math.abs(sample) > 0.003);
      if (loud) rig.loudAt = performance.now();
      if (loud && !rig.soundSince) rig.soundSince = performance.now();
      if (rig.keep) rig.played.push(Int16Array.from(samples, (sample) => Math.round(sample * 32767)));
    };
    connect.call(player, tap);
    connect.call(tap, player.context.destination);
  }
})();
