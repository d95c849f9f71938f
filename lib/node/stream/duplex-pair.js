'use strict';

// Two streams, each of which reads what is written to the other.

const { Duplex } = require('readable-stream');

class Side extends Duplex {
  other;
  /** What tells the writer of the other side that its chunk was read. */
  #done;

  _read() {
    const done = this.#done;
    this.#done = undefined;
    done?.();
  }

  _write(chunk, _, done) {
    if (chunk.length === 0) process.nextTick(done);
    else {
      this.other.push(chunk);
      this.other.#done = done;
    }
  }

  _final(done) {
    this.other.on('end', done);
    this.other.push(null);
  }
}

module.exports = function duplexPair(options) {
  const a = new Side(options);
  const b = new Side(options);
  a.other = b;
  b.other = a;
  return [a, b];
};
