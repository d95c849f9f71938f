// A toy operating system, in the style of richards: short methods of several classes, called where
// the class of the receiver is not known.

function setup() {
  const READY = 0;
  const WAITING = 1;
  const HELD = 2;

  class Packet {
    constructor(target, kind) {
      this.next = null;
      this.target = target;
      this.kind = kind;
      this.cursor = 0;
      this.bytes = [0, 0, 0, 0];
    }
  }

  class Queue {
    constructor() {
      this.head = null;
      this.tail = null;
    }
    push(packet) {
      packet.next = null;
      if (this.tail === null) this.head = packet;
      else this.tail.next = packet;
      this.tail = packet;
    }
    shift() {
      const packet = this.head;
      if (packet === null) return null;
      this.head = packet.next;
      if (this.head === null) this.tail = null;
      return packet;
    }
  }

  class Process {
    constructor(system, priority) {
      this.system = system;
      this.priority = priority;
      this.state = WAITING;
      this.inbox = new Queue();
      this.runs = 0;
    }
    receive(packet) {
      this.inbox.push(packet);
      if (this.state === WAITING) this.state = READY;
    }
    step() {
      this.runs++;
      const packet = this.inbox.shift();
      if (packet === null) this.state = WAITING;
      else this.handle(packet);
    }
    handle(packet) {
      throw new Error(`nobody handles packet ${packet.kind}`);
    }
  }

  class Producer extends Process {
    constructor(system, priority, targets) {
      super(system, priority);
      this.targets = targets;
      this.turn = 0;
      this.letter = 0;
    }
    handle(packet) {
      this.turn = (this.turn + 1) % this.targets.length;
      packet.target = this.targets[this.turn];
      packet.cursor = 0;
      for (let i = 0; i < packet.bytes.length; i++) {
        this.letter = (this.letter + 1) % 26;
        packet.bytes[i] = 65 + this.letter;
      }
      this.system.send(packet);
    }
  }

  class Handler extends Process {
    constructor(system, priority, device, origin) {
      super(system, priority);
      this.device = device;
      this.origin = origin;
    }
    handle(packet) {
      if (packet.cursor === packet.bytes.length) {
        packet.target = this.origin;
        this.system.send(packet);
        return;
      }
      this.system.hash = (Math.imul(this.system.hash, 33) + packet.bytes[packet.cursor++]) | 0;
      packet.target = this.device;
      packet.kind = this.priority;
      this.system.send(packet);
    }
  }

  class Device extends Process {
    constructor(system, priority) {
      super(system, priority);
      this.pending = null;
      this.handlers = new Map();
    }
    handle(packet) {
      this.pending = packet;
      this.state = HELD;
    }
    complete() {
      const packet = this.pending;
      this.pending = null;
      this.state = this.inbox.head === null ? WAITING : READY;
      packet.target = this.handlers.get(packet.kind);
      this.system.send(packet);
    }
  }

  class Clock extends Process {
    constructor(system, devices, ticks) {
      super(system, 0);
      this.state = READY;
      this.devices = devices;
      this.ticks = ticks;
      this.random = 1;
    }
    step() {
      this.runs++;
      if (this.ticks-- === 0) {
        this.system.stopped = true;
        return;
      }
      this.random = this.random & 1 ? (this.random >> 1) ^ 0xd008 : this.random >> 1;
      const first = this.random & 1;
      for (let i = 0; i < this.devices.length; i++) {
        const device = this.devices[(i + first) % this.devices.length];
        if (device.state === HELD) device.complete();
      }
    }
  }

  class System {
    constructor() {
      this.processes = [];
      this.stopped = false;
      this.hash = 0;
      this.sent = 0;
    }
    add(process) {
      this.processes.push(process);
      this.processes.sort((a, b) => b.priority - a.priority);
      return process;
    }
    send(packet) {
      this.sent++;
      packet.target.receive(packet);
    }
    run() {
      while (!this.stopped) {
        for (const process of this.processes) {
          if (process.state === READY) {
            process.step();
            break;
          }
        }
      }
    }
  }

  return { Packet, Producer, Handler, Device, Clock, System };
}

function kernel(n, { Packet, Producer, Handler, Device, Clock, System }) {
  const system = new System();
  const disk = system.add(new Device(system, 50));
  const line = system.add(new Device(system, 40));
  const targets = [];
  const producer = system.add(new Producer(system, 10, targets));
  for (const [priority, device] of [
    [30, disk],
    [29, line],
    [28, disk],
    [27, line],
  ]) {
    const handler = system.add(new Handler(system, priority, device, producer));
    device.handlers.set(priority, handler);
    targets.push(handler);
  }
  system.add(new Clock(system, [disk, line], n));
  for (let i = 0; i < 6; i++) system.send(new Packet(producer, i));
  system.run();
  const runs = system.processes.map((process) => process.runs).join();
  return `${system.hash}:${system.sent}:${runs}`;
}

module.exports = { name: 'scheduler', group: 'objects', size: 250000, setup, kernel };
