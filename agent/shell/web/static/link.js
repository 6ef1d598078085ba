// The socket to the interview. It comes back by itself; what the microphone recorded meanwhile is sent again.

const MOST_KEPT_S = 120;
const MOST_AT_ONCE = 32000;
const STUCK = 4 << 20;
const SILENT_S = 6;
const HEADER = 16;
const MICROPHONE = 1;
export const CLOSED = { noSession: 4000, busy: 4001, moved: 4002, tooSlow: 4003, wrong: 4004 };
const FINAL = new Set([CLOSED.noSession, CLOSED.busy, CLOSED.moved, CLOSED.wrong]);

function tab() {
  if (!sessionStorage.tab) sessionStorage.tab = crypto.randomUUID();
  return sessionStorage.tab;
}

export class Link {
  // The handlers: values(changed), clip(number, sentence, last, pcm), stop(number), state(text), closed(code).
  constructor(handlers) {
    this.handlers = handlers;
    this.socket = null;
    this.wanted = false;
    this.confirmed = false;
    this.blocks = [];
    this.said = [];
    this.pressed = [];
    this.tries = 0;
    window.addEventListener("online", () => this.again());
    document.addEventListener("visibilitychange", () => !document.hidden && this.again());
  }

  open(take = false) {
    this.wanted = true;
    this.said = [];
    this.pressed = [];
    this.tries = 0;
    this.connect(take);
  }

  close() {
    this.wanted = false;
    this.blocks = [];
    if (this.socket) this.socket.close();
  }

  // Tries at once when there is a reason to.
  again() {
    if (this.wanted && !this.socket) this.connect();
  }

  connect(take = false) {
    clearTimeout(this.timer);
    if (this.socket) this.socket.close();
    this.confirmed = false;
    // While it tries again nothing else is said: a screen reader would read each change.
    this.handlers.state(this.tries ? "reconnecting" : "connecting");
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.addEventListener("open", () => this.send({ type: "hello", tab: tab(), take }));
    socket.addEventListener("message", ({ data }) => socket === this.socket && this.received(data));
    socket.addEventListener("close", ({ code }) => socket === this.socket && this.dropped(code));
  }

  dropped(code) {
    this.socket = null;
    this.confirmed = false;
    if (!this.wanted) return;
    if (FINAL.has(code)) {
      this.wanted = false;
      this.handlers.closed(code);
      return;
    }
    this.handlers.state("reconnecting");
    this.timer = setTimeout(() => this.connect(), Math.min(3000, 150 * 1.5 ** this.tries++));
  }

  // After a sleep a socket may be dead without saying so.
  check() {
    if (this.confirmed && this.blocks.length > 50 * SILENT_S) this.restart();
  }

  restart() {
    const socket = this.socket;
    this.dropped(1006);
    socket.close();
  }

  received(data) {
    if (data instanceof ArrayBuffer) {
      const view = new DataView(data);
      const pcm = new Int16Array(data, HEADER);
      this.handlers.clip(view.getUint32(4, true), view.getUint32(8, true), view.getUint8(1) === 1, pcm);
      return;
    }
    const message = JSON.parse(data);
    if (message.type === "set") this.handlers.values(message.values);
    else if (message.type === "stop") this.handlers.stop(message.clip);
    else if (message.type === "heard") this.heard(message);
    else if (message.type === "said") this.said = this.said.filter((item) => item.id !== message.id);
  }

  // Forgets what has arrived; the first of these messages tells what is to be sent again.
  heard({ stream, next }) {
    const since = this.blocks.findLastIndex((item) => item.recording === stream && item.first + item.size <= next);
    this.blocks.splice(0, since + 1);
    if (this.confirmed) return;
    this.confirmed = true;
    this.tries = 0;
    for (const group of grouped(this.blocks)) this.transmit(group);
    for (const item of [...this.said, ...this.pressed.splice(0)]) this.send(item);
    this.handlers.state("connected");
  }

  // A block of the microphone.
  record({ recording, rate, first, block }) {
    const item = { recording, rate, first, size: block.byteLength / 2, pcm: new Uint8Array(block) };
    this.blocks.push(item);
    while (this.blocks.length > MOST_KEPT_S * 50) this.blocks.shift();
    if (this.confirmed) this.transmit(item);
  }

  transmit({ recording, rate, first, pcm }) {
    if (!this.socket || this.socket.readyState !== WebSocket.OPEN) return;
    if (this.socket.bufferedAmount > STUCK) {
      // Nobody reads at the other end: what is not confirmed is sent again on a new socket.
      this.restart();
      return;
    }
    const message = new Uint8Array(HEADER + pcm.length);
    const view = new DataView(message.buffer);
    view.setUint8(0, MICROPHONE);
    view.setUint32(4, recording, true);
    view.setUint32(8, rate, true);
    view.setUint32(12, first, true);
    message.set(pcm, HEADER);
    this.socket.send(message);
  }

  // Typed words: sent again after a break until the server has them.
  say(text) {
    const item = { type: "say", text, id: crypto.randomUUID() };
    this.said.push(item);
    if (this.confirmed) this.send(item);
  }

  // A button: during a break it waits for the connection.
  press(intent) {
    const item = { type: "press", intent };
    if (this.confirmed) this.send(item);
    else this.pressed.push(item);
  }

  send(message) {
    if (this.socket && this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}

// Neighboring blocks in one message.
function* grouped(blocks) {
  let group = null;
  for (const item of blocks) {
    const follows = group && item.recording === group.recording && item.first === group.first + group.size;
    if (follows && group.size + item.size <= MOST_AT_ONCE) {
      group.parts.push(item.pcm);
      group.size += item.size;
      continue;
    }
    if (group) yield whole(group);
    group = { ...item, parts: [item.pcm] };
  }
  if (group) yield whole(group);
}

function whole({ recording, rate, first, size, parts }) {
  const pcm = new Uint8Array(2 * size);
  let at = 0;
  for (const part of parts) {
    pcm.set(part, at);
    at += part.length;
  }
  return { recording, rate, first, pcm };
}
