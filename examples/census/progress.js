'use strict';

const TTY_INTERVAL = 100;
const LOG_INTERVAL = 1000;

/**
 * The live line on stderr: rewritten in place on a terminal, otherwise a new line every second.
 */
class Progress {
  /** @param {NodeJS.WriteStream} [stream] */
  constructor(stream = process.stderr) {
    this.stream = stream;
    this.live = Boolean(stream.isTTY);
    this.text = null;
    this.timer = null;
  }

  /**
   * Starts a phase.
   *
   * @param {() => string} text Called whenever the line is written
   */
  start(text) {
    this.stop();
    this.text = text;
    this.timer = setInterval(() => this.write(), this.live ? TTY_INTERVAL : LOG_INTERVAL);
    // What is being done keeps the process alive, not the telling of it.
    this.timer.unref();
  }

  write() {
    const line = this.text();
    if (this.live) {
      // A line that wraps could not be rewritten.
      const columns = Math.max(20, (this.stream.columns || 80) - 1);
      this.stream.write(`\r${line.slice(0, columns)}\x1b[K`);
    } else {
      this.stream.write(`${line}\n`);
    }
  }

  /** Ends the phase and takes the line away. */
  stop() {
    if (this.timer === null) return;
    clearInterval(this.timer);
    this.timer = null;
    if (this.live) this.stream.write('\r\x1b[K');
  }
}

module.exports = { Progress };
