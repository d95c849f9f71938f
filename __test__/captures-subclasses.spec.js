'use strict';

// Instances of classes that extend built-in ones.

const assert = require('node:assert/strict');
const { describe, it, after } = require('node:test');
const { CaptureError, shutdown, spawn } = require('../lib/index.js');

after(() => shutdown());

const unit = 'mm';

class Failure extends Error {
  get first() {
    return `${this.message[0]} ${unit}`;
  }
}
class Registry extends Map {
  hits = 0;
  get first() {
    this.hits++;
    return [...this.keys()][0];
  }
}
class Bag extends Set {
  *[Symbol.iterator]() {
    yield unit;
    yield* super[Symbol.iterator]();
  }
}
class List extends Array {
  get last() {
    return this.at(-1);
  }
}
class Day extends Date {
  zone = 'UTC';
  get year() {
    return this.getUTCFullYear();
  }
}
class Pattern extends RegExp {
  matches(text) {
    return this.test(text);
  }
}
class Bytes extends Uint8Array {
  get sum() {
    return this.reduce((sum, byte) => sum + byte, 0);
  }
}

describe('instances of classes that extend built-in ones', () => {
  const failure = new Failure('late');
  const registry = new Registry([['a', { failure }]]);
  const bag = new Bag([1]);
  const list = List.of(1, 2, 3);
  const day = new Day(0);
  const pattern = new Pattern('^a', 'i');
  const bytes = Object.assign(Bytes.of(1, 2), { label: 'two' });
  const held = { all: [failure, registry, bag, list, day, pattern, bytes] };

  for (const form of ['coroutine', 'storm', 'plain']) {
    it(`are instances of them where these are captured as well (${form})`, async () => {
      const run = () => {
        const classes = [Failure, Registry, Bag, List, Day, Pattern, Bytes];
        return [
          held.all.map(
            (value, index) =>
              value instanceof classes[index] && Object.getPrototypeOf(value) === classes[index].prototype,
          ),
          [failure.first, failure.message, Object.keys(failure), Object.hasOwn(failure, 'name'), failure.name],
          [registry.first, registry.hits, registry.get('a').failure === failure, registry.size],
          [...bag],
          [list.last, list.map((x) => x * 2).last, list.length, Object.keys(list)],
          [day.year, day.zone, day.getTime()],
          [pattern.matches('Abc'), pattern.flags],
          [bytes.sum, bytes.label, bytes.length, bytes.subarray(1).sum],
        ];
      };
      assert.deepEqual(await spawn.with({ form })(run), run());
    });
  }

  it('are what they are without these where nobody captures them', async () => {
    const seen = await spawn(() => [failure.name, registry instanceof Map, [...bag], list.map((x) => x), day.zone]);
    assert.deepEqual(seen, ['Failure', true, [1], [1, 2, 3], undefined]);
  });

  it('keep names that they have themselves', async () => {
    class Named extends Failure {
      constructor(message) {
        super(message);
        this.name = 'Named!';
        this.code = 5;
      }
    }
    class OfClass extends Failure {
      get name() {
        return 'of class';
      }
    }
    const errors = [new Named('x'), new OfClass('y')];
    const run = () => {
      void [Named, OfClass];
      return errors.map((error) => [
        error.name,
        Object.keys(error).sort(),
        error.code,
        `${error}`,
        error instanceof Error,
      ]);
    };
    assert.deepEqual(await spawn(run), run());
  });

  it('bring what they hold, with its classes', async () => {
    class Entry {
      get what() {
        return 'entry';
      }
    }
    class Store extends Map {
      constructor() {
        super();
        this.entry = new Entry();
        this.make = () => new Entry();
        this.self = this;
      }
    }
    const store = new Store();
    const run = () => [store instanceof Store, store.entry.what, store.make().what, store.self === store];
    assert.deepEqual(await spawn(run), run());
  });

  it('are an error where they hold what cannot be sent, with the path', () => {
    class Store extends Map {
      late = Promise.resolve();
    }
    const store = new Store();
    assert.throws(
      () => spawn(() => store instanceof Store),
      (error) => error instanceof CaptureError && /'store' \(store\.late\).*a Promise/.test(error.message),
    );
  });

  it('are what these are called where they are given back', async () => {
    const thrown = await spawn(() => {
      throw Object.assign(failure, { is: failure instanceof Failure });
    }).catch((error) => error);
    assert.deepEqual(
      [thrown.message, thrown.is, thrown.name, thrown instanceof Error],
      ['late', true, 'Failure', true],
    );
  });
});
