'use strict';

// What classes and functions inherit from arrives in tasks as it is on the host, however it was set up.

const assert = require('node:assert/strict');
const { EventEmitter } = require('node:events');
const { after, describe, it } = require('node:test');
const { inherits } = require('node:util');
const { CaptureError, shutdown, spawn } = require('../lib/index.js');

after(() => shutdown());

class Point {
  who() {
    return 'Point';
  }
}
class Base {
  who() {
    return 'Base';
  }
}
const Outer = Base;
/** Its parameter has the name of a class outside, and V8 keeps only what functions use. */
const mix = (Base) =>
  class extends Base {
    mixed() {
      return super.who();
    }
  };
const Mixed = mix(Point);
const mixMap = (Map) => class extends Map {};
const NoMap = mixMap(Point);
const mixAndUse = (Base) =>
  class Used extends Base {
    name() {
      return Base.name;
    }
  };
const Used = mixAndUse(Point);
const commented = (Base) =>
  class /* extends Base { */ Named /*
     */ // Base
    extends Base
  {
    /**/
    static parent = super.prototype.who();
  };
const Commented = commented(Point);
const mixGlobal = (Outer) => class extends Outer {};
class Moved extends Base {}
Object.setPrototypeOf(Moved, Point);
Object.setPrototypeOf(Moved.prototype, Point.prototype);
class Related extends Base {
  outer() {
    return new Base().who();
  }
}
Object.setPrototypeOf(Related, Point);
Object.setPrototypeOf(Related.prototype, Point.prototype);

function Old(size) {
  this.size = size;
}
Old.prototype.dbl = function () {
  return this.size * 2;
};
Old.make = function () {
  return new this(5);
};
function Sub(size) {
  Old.call(this, size);
}
Sub.prototype = Object.create(Old.prototype);
Sub.prototype.constructor = Sub;
function Inherits(size) {
  Old.call(this, size);
}
inherits(Inherits, Old);
function Deep() {}
Deep.prototype = Object.create(Object.create(Sub.prototype, { level: { value: 'middle', enumerable: true } }));
function Literal() {}
Literal.prototype = {
  who() {
    return 'Literal';
  },
};
function OfLiteral() {
  Literal.call(this);
}
OfLiteral.prototype = Object.create(Literal.prototype);
function Emitter() {
  EventEmitter.call(this);
}
inherits(Emitter, EventEmitter);
class ClassEmitter {}
inherits(ClassEmitter, EventEmitter);
function Failure(message) {
  this.message = message;
}
Failure.prototype = Object.create(Error.prototype);
function Bare() {}
Object.setPrototypeOf(Bare.prototype, null);
const methods = {
  hello() {
    return 'hello';
  },
};
function Hello() {}
Hello.prototype = Object.create(methods);

/** As TypeScript has it for ES5. */
const extend = (d, b) => {
  Object.setPrototypeOf(d, b);
  function Constructor() {
    this.constructor = d;
  }
  Constructor.prototype = b.prototype;
  d.prototype = new Constructor();
};
const Compiled = ((_super) => {
  extend(Compiled, _super);
  function Compiled(...list) {
    return _super.apply(this, list) || this;
  }
  Compiled.prototype.triple = function () {
    return _super.prototype.dbl.call(this) * 1.5;
  };
  return Compiled;
})(Old);

function Parent() {}
function Child() {}
Parent.prototype.child = () => new Child();
inherits(Child, Parent);

for (const form of ['coroutine', 'plain', 'storm']) {
  const start = (fn, ...args) => spawn.with({ form })(fn, ...args);

  describe(`classes with parents of names that exist outside, in ${form} form`, () => {
    it('extend what they extend here', async () => {
      assert.equal(await start(() => new Mixed().who()), 'Point');
      assert.deepEqual(await start(() => [new Mixed().mixed(), new Base().who(), new Mixed() instanceof Point]), [
        'Point',
        'Base',
        true,
      ]);
    });

    it('do so if the name is that of a global of tasks', async () => {
      assert.deepEqual(await start(() => [new NoMap().who(), new NoMap() instanceof Map]), ['Point', false]);
    });

    it('see the parameter where methods use it, too', async () => {
      assert.deepEqual(await start(() => [new Used().who(), new Used().name()]), ['Point', 'Point']);
    });

    it('may have comments anywhere', async () => {
      assert.deepEqual(await start(() => [new Commented().who(), Commented.parent, Commented.name]), [
        'Point',
        'Point',
        'Named',
      ]);
    });

    it('extend one class of several', async () => {
      const Global = mixGlobal(Mixed);
      assert.deepEqual(await start(() => [new Global().who(), new Outer().who()]), ['Point', 'Base']);
    });

    it('follow what was set later, while methods see the variable', async () => {
      assert.equal(await start(() => new Moved().who()), 'Point');
      assert.deepEqual(await start(() => [new Related().who(), new Related().outer()]), ['Point', 'Base']);
    });
  });

  describe(`functions that inherit, in ${form} form`, () => {
    it('do so by Object.create', async () => {
      assert.equal(await start(() => new Sub(4).dbl()), 8);
      assert.deepEqual(
        await start(() => {
          const sub = new Sub(4);
          return [
            sub.dbl(),
            sub instanceof Old,
            sub.constructor === Sub,
            Object.getPrototypeOf(Sub.prototype) === Old.prototype,
          ];
        }),
        [8, true, true, true],
      );
    });

    it('do so by util.inherits', async () => {
      assert.deepEqual(
        await start(() => {
          const sub = new Inherits(4);
          return [sub.dbl(), sub instanceof Old, sub.constructor === Inherits, Object.keys(Inherits.prototype)];
        }),
        [8, true, true, []],
      );
    });

    it('do so over objects between', async () => {
      assert.deepEqual(
        await start(() => [new Deep().level, new Deep().dbl(), new Deep() instanceof Sub, new Deep() instanceof Old]),
        ['middle', NaN, true, true],
      );
    });

    it('do so from objects that are no longer what made them says', async () => {
      assert.deepEqual(await start(() => [new OfLiteral().who(), new OfLiteral() instanceof Literal]), [
        'Literal',
        true,
      ]);
      assert.equal(await start(() => new Hello().hello()), 'hello');
    });

    it("do so from Node's classes and the language's", async () => {
      const heard = (Class) => {
        const emitter = new Class();
        let told;
        emitter.on('event', (value) => {
          told = value;
        });
        emitter.emit('event', 7);
        return told;
      };
      assert.equal(await start(() => heard(Emitter)), 7);
      assert.equal(await start(() => heard(ClassEmitter)), 7);
      assert.deepEqual(await start(() => [String(new Failure('why')), new Failure('x') instanceof Error]), [
        'Error: why',
        true,
      ]);
      assert.equal(await start(() => 'toString' in new Bare()), false);
    });

    it('do so with static members, as what TypeScript compiles to', async () => {
      assert.deepEqual(
        await start(() => {
          const made = Compiled.make();
          return [
            made.dbl(),
            made.triple(),
            made instanceof Compiled,
            made instanceof Old,
            made.constructor === Compiled,
          ];
        }),
        [10, 15, true, true, true],
      );
    });

    it('do so where each needs the other', async () => {
      assert.deepEqual(
        await start(() => [new Parent().child() instanceof Parent, new Child().child() instanceof Child]),
        [true, true],
      );
    });

    it('do so as arguments, and where captures are given', async () => {
      assert.equal(await start((Class) => new Class(3).dbl(), Sub), 6);
      assert.equal(await spawn.with({ form, capture: { Sub, Old } })(() => new Sub(4).dbl()), 8);
    });
  });
}

describe('what functions inherit from', () => {
  it('is nothing new for those of other kinds', async () => {
    function* count() {
      yield 1;
    }
    async function* later() {
      yield 2;
    }
    async function soon() {
      return 3;
    }
    assert.deepEqual(await spawn(async () => [[...count()], (await later().next()).value, await soon()]), [[1], 2, 3]);
  });

  it('is named where it cannot be shipped', () => {
    function Proxied() {}
    Object.setPrototypeOf(Proxied, new Proxy(Old, {}));
    assert.throws(
      () => spawn(() => new Proxied()),
      (error) =>
        error instanceof CaptureError &&
        /function Proxied extends a Proxy, which cannot be captured/.test(error.message),
    );
  });
});
