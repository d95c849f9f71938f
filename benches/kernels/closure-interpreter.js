// A program translated to a tree of closures: every step of it is a call that cannot be foreseen.

function kernel(n) {
  const compilers = {
    number({ value }) {
      return () => value;
    },
    get({ slot }) {
      return (frame) => frame[slot];
    },
    set({ slot, value }) {
      const compute = compile(value);
      return (frame) => {
        frame[slot] = compute(frame);
      };
    },
    binary({ operator, left, right }) {
      const a = compile(left);
      const b = compile(right);
      switch (operator) {
        case '+':
          return (frame) => (a(frame) + b(frame)) | 0;
        case '-':
          return (frame) => (a(frame) - b(frame)) | 0;
        case '*':
          return (frame) => Math.imul(a(frame), b(frame));
        case '%':
          return (frame) => a(frame) % b(frame);
        case '<':
          return (frame) => a(frame) < b(frame);
        case '===':
          return (frame) => a(frame) === b(frame);
        default:
          throw new Error(`no operator ${operator}`);
      }
    },
    block({ body }) {
      const steps = body.map(compile);
      return (frame) => {
        for (const step of steps) step(frame);
      };
    },
    if({ test, then, otherwise }) {
      const decide = compile(test);
      const yes = compile(then);
      const no = otherwise === undefined ? () => {} : compile(otherwise);
      return (frame) => (decide(frame) ? yes(frame) : no(frame));
    },
    while({ test, body }) {
      const decide = compile(test);
      const step = compile(body);
      return (frame) => {
        while (decide(frame)) step(frame);
      };
    },
    call({ name, args }) {
      const values = args.map(compile);
      // Looked up late: functions may call themselves.
      return (frame) => functions[name](values.map((value) => value(frame)));
    },
  };

  const functions = {};
  function compile(node) {
    return compilers[node.type](node);
  }
  function define(name, slots, body, result) {
    const run = compile(body);
    const give = compile(result);
    functions[name] = (args) => {
      const frame = new Array(slots).fill(0);
      for (let i = 0; i < args.length; i++) frame[i] = args[i];
      run(frame);
      return give(frame);
    };
  }

  const number = (value) => ({ type: 'number', value });
  const get = (slot) => ({ type: 'get', slot });
  const set = (slot, value) => ({ type: 'set', slot, value });
  const binary = (left, operator, right) => ({ type: 'binary', operator, left, right });
  const block = (...body) => ({ type: 'block', body });
  const choose = (test, then, otherwise) => ({ type: 'if', test, then, otherwise });
  const loop = (test, body) => ({ type: 'while', test, body });
  const call = (name, ...args) => ({ type: 'call', name, args });

  // gcd(a, b): the remainder until there is none.
  define(
    'gcd',
    3,
    loop(binary(number(0), '<', get(1)), block(set(2, binary(get(0), '%', get(1))), set(0, get(1)), set(1, get(2)))),
    get(0),
  );
  // power(base, exponent), by recursion.
  define(
    'power',
    3,
    choose(
      binary(get(1), '===', number(0)),
      set(2, number(1)),
      set(2, binary(get(0), '*', call('power', get(0), binary(get(1), '-', number(1))))),
    ),
    get(2),
  );
  define(
    'main',
    3,
    loop(
      binary(get(1), '<', get(0)),
      block(
        set(2, binary(binary(get(2), '*', number(31)), '+', call('gcd', get(1), number(360)))),
        choose(
          binary(binary(get(1), '%', number(4)), '===', number(0)),
          set(2, binary(get(2), '+', call('power', get(1), number(5)))),
        ),
        set(1, binary(get(1), '+', number(1))),
      ),
    ),
    get(2),
  );
  return functions.main([n]);
}

module.exports = { name: 'closure-interpreter', group: 'closures', size: 80000, kernel };
