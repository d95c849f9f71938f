// biome-ignore-all lint/correctness/useYield: TypeScript writes it so
// biome-ignore-all lint/complexity/noCommaOperator: the same
'use strict';

// Asynchronous arrow functions as TypeScript writes them for targets before ES2017: with a `this` that mostly nobody uses.

const assert = require('node:assert/strict');
const { after, describe, it } = require('node:test');
const { CaptureError, shutdown, spawn } = require('../lib/index.js');

/** TypeScript's helper. */
const __awaiter = (thisArg, given, P, generator) => {
  const Class = P || Promise;
  const adopt = (value) => (value instanceof Class ? value : new Class((resolve) => resolve(value)));
  return new Class((resolve, reject) => {
    const fulfilled = (value) => {
      try {
        step(generator.next(value));
      } catch (error) {
        reject(error);
      }
    };
    const step = (result) => (result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, reject));
    generator = generator.apply(thisArg, given || []);
    step(generator.next());
  });
};
const tslib_1 = { __awaiter };

class Service {
  factor = 3;

  unused() {
    const helper = (n) =>
      __awaiter(this, void 0, void 0, function* () {
        const { factor } = yield Promise.resolve({ factor: 2 });
        return n * factor;
      });
    return spawn(() => helper(21));
  }

  ofLibrary() {
    return spawn(
      (n) =>
        (0, tslib_1.__awaiter)(this, void 0, void 0, function* () {
          return n + 1;
        }),
      1,
    );
  }

  used() {
    return spawn(() =>
      __awaiter(this, void 0, void 0, function* () {
        return this.factor;
      }),
    );
  }
}

describe("TypeScript's asynchronous arrow functions", () => {
  it('are captured where they do not use `this`', async () => {
    assert.equal(await new Service().unused(), 42);
    assert.equal(await new Service().ofLibrary(), 2);
  });

  it('say what to do where they do', () => {
    assert.throws(
      () => new Service().used(),
      (error) => error instanceof CaptureError && /captures 'this'/.test(error.message),
    );
  });
});

after(() => shutdown());
