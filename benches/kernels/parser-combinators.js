// Parsers made of parsers: closures that call closures, a small object for each result.

function setup(n) {
  const lines = [];
  for (let i = 0; i < n; i++) {
    lines.push(`${i % 9} * (${i} + ${(i * 7) % 13} * ${i % 5}) - -${i % 10} + ((${i % 3}) - (${i} + 1) * 2)`);
  }
  return lines;
}

function kernel(_n, lines) {
  // A parser takes a text and a position; it gives a value and the next position, or null.
  const token = (test) => (text, at) => {
    let end = at;
    while (end < text.length && test(text[end])) end++;
    return end === at ? null : { value: text.slice(at, end), at: end };
  };
  const literal = (wanted) => (text, at) =>
    text.startsWith(wanted, at) ? { value: wanted, at: at + wanted.length } : null;
  const map = (parser, fn) => (text, at) => {
    const result = parser(text, at);
    return result === null ? null : { value: fn(result.value), at: result.at };
  };
  const sequence =
    (...parsers) =>
    (text, start) => {
      const value = [];
      let at = start;
      for (const parser of parsers) {
        const result = parser(text, at);
        if (result === null) return null;
        value.push(result.value);
        at = result.at;
      }
      return { value, at };
    };
  const either =
    (...parsers) =>
    (text, at) => {
      for (const parser of parsers) {
        const result = parser(text, at);
        if (result !== null) return result;
      }
      return null;
    };
  const many = (parser) => (text, start) => {
    const value = [];
    let at = start;
    for (;;) {
      const result = parser(text, at);
      if (result === null) return { value, at };
      value.push(result.value);
      at = result.at;
    }
  };
  const optional = (parser) => (text, at) => parser(text, at) ?? { value: null, at };
  const later = (get) => (text, at) => get()(text, at);

  const space = optional(token((character) => character === ' '));
  const lexeme = (parser) => map(sequence(parser, space), ([value]) => value);
  const symbol = (text) => lexeme(literal(text));
  const leftToRight = (operand, operator, apply) =>
    map(sequence(operand, many(sequence(operator, operand))), ([first, rest]) =>
      rest.reduce((left, [name, right]) => apply(name, left, right), first),
    );

  const number = lexeme(
    map(
      token((character) => character >= '0' && character <= '9'),
      Number,
    ),
  );
  const inner = later(() => sum);
  const group = map(sequence(symbol('('), inner, symbol(')')), ([, value]) => value);
  const negative = map(
    sequence(
      symbol('-'),
      later(() => factor),
    ),
    ([, value]) => -value,
  );
  const factor = either(number, group, negative);
  const product = leftToRight(factor, symbol('*'), (_name, a, b) => Math.imul(a, b));
  const sum = leftToRight(
    product,
    either(symbol('+'), symbol('-')),
    (name, a, b) => (name === '+' ? a + b : a - b) | 0,
  );

  let hash = 0;
  for (const line of lines) {
    const result = sum(line, 0);
    if (result === null || result.at !== line.length) throw new SyntaxError(line);
    hash = (Math.imul(hash, 31) + result.value) | 0;
  }
  return hash;
}

module.exports = { name: 'parser-combinators', group: 'closures', size: 10000, setup, kernel };
