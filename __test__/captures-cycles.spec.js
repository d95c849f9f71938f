'use strict';

// Classes that refer to those which extend them.

const assert = require('node:assert/strict');
const { describe, it, after } = require('node:test');
const { CaptureError, shutdown, spawn } = require('../lib/index.js');

after(() => shutdown());

describe('a base class that refers to one which extends it', () => {
  for (const form of ['coroutine', 'storm', 'plain']) {
    it(`is captured with it, whichever is captured first (${form})`, async () => {
      class Base {
        static all = [];
        kind() {
          return 'base';
        }
        twin() {
          return new Derived();
        }
      }
      class Derived extends Base {
        kind() {
          return `derived of ${super.kind()}`;
        }
      }
      Base.child = Derived;
      Base.all.push(Derived);
      Base.held = { deep: new Map([['derived', Derived]]), one: new Derived() };
      const first = () => [new Derived().kind(), new Derived().twin().kind(), Derived.all[0] === Derived];
      const second = () => [
        new Base.child().kind(),
        new Base().twin().kind(),
        Base.held.deep.get('derived') === Base.child,
      ];
      const third = () => [Base.held.one.kind(), Base.held.one instanceof Derived, Object.keys(Base)];
      for (const run of [first, second, third]) assert.deepEqual(await spawn.with({ form })(run), run());
    });

    it(`may be further up, made by a function, and refer to several (${form})`, async () => {
      const make = (kind) => (kind === 'c' ? new C() : new D());
      class A {
        other() {
          return make(this.kind === 'c' ? 'd' : 'c');
        }
      }
      class B extends A {
        isC() {
          return this instanceof C;
        }
      }
      const mix = (Class) =>
        class extends Class {
          own() {
            return new this.constructor();
          }
        };
      class C extends mix(B) {
        kind = 'c';
      }
      class D extends B {
        kind = 'd';
        asC() {
          return new C();
        }
      }
      A.prototype.direct = function direct() {
        return [C, D].map((Class) => new Class().kind);
      };
      const run = () => {
        const c = new C();
        return [c.other().kind, c.other().other().isC(), c.own().isC(), new D().asC().isC(), c.direct()];
      };
      assert.deepEqual(await spawn.with({ form })(run), run());
      assert.deepEqual(await spawn.with({ form })(() => new D().other().own().direct()), ['c', 'd']);
    });
  }

  it('is captured in deep values', async () => {
    class Base {
      twin() {
        return new Derived();
      }
    }
    class Derived extends Base {}
    let deep = { Derived };
    for (let i = 0; i < 50; i++) deep = { deep };
    const run = () => {
      let at = deep;
      while (at.deep) at = at.deep;
      return new at.Derived().twin() instanceof at.Derived;
    };
    assert.equal(await spawn(run), true);
  });

  it('may make collections', async () => {
    class Base {
      id = 1;
      static make() {
        return new Derived();
      }
    }
    class Derived extends Base {
      static made = new Map([[1, 'one']]);
      static with = { flags: [true, null, -1], each: () => Derived.made };
      get one() {
        return Derived.with.each().get(1);
      }
    }
    assert.equal(await spawn(() => Derived.make().one), 'one');
  });

  it('is ready where the class calls it to come into being', async () => {
    const unit = 'mm';
    class Base {
      id = 1;
      static unit() {
        return unit;
      }
    }
    class Derived extends Base {
      static unit = super.unit();
    }
    class Other extends Derived {
      static units = [Derived.unit, Base.unit()];
    }
    assert.deepEqual(await spawn(() => [Derived.unit, Other.units]), ['mm', ['mm', 'mm']]);
  });

  it('is an error where the class calls something to come into being, which may need it', () => {
    class Base {
      id = 1;
      static make() {
        return new Derived();
      }
    }
    class Derived extends Base {
      static none = Derived.name.length;
    }
    assert.throws(
      () => spawn(() => Derived.make()),
      (error) => error instanceof CaptureError && /'Derived'.*the function or class itself/.test(error.message),
    );
  });
});
