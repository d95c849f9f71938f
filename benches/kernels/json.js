// A parser by recursive descent: functions that call each other and share a cursor.

function setup(n) {
  const records = Array.from({ length: n }, (_, id) => ({
    id,
    name: `user ${id % 1000}`,
    balance: (id * 37) / 8 - 1000,
    active: id % 3 === 0,
    note: id % 5 === 0 ? null : `said "yes"\n\tand left \u00e4 ${id}`,
    tags: Array.from({ length: id % 5 }, (_, i) => `tag${i}`),
    place: { lat: 48 + (id % 100) / 128, lon: -11e-1, nested: [[id], {}, []] },
  }));
  // Escaped by hand, since `stringify` writes this character as it is.
  return JSON.stringify(records, null, 1).replaceAll('\u00e4', '\\u00e4');
}

function kernel(_n, text) {
  const ESCAPES = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
  let at = 0;

  function fail(expected) {
    throw new SyntaxError(`${expected} expected at ${at}, not ${text[at]}`);
  }

  function skipSpace() {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      at++;
    }
  }

  function expect(character) {
    if (text[at] !== character) fail(character);
    at++;
  }

  function parseWord(word, value) {
    if (!text.startsWith(word, at)) fail(word);
    at += word.length;
    return value;
  }

  function isDigit() {
    const code = text.charCodeAt(at);
    return code >= 48 && code <= 57;
  }

  function parseDigits() {
    if (!isDigit()) fail('digit');
    while (isDigit()) at++;
  }

  function parseNumber() {
    const start = at;
    if (text[at] === '-') at++;
    parseDigits();
    if (text[at] === '.') {
      at++;
      parseDigits();
    }
    if (text[at] === 'e' || text[at] === 'E') {
      at++;
      if (text[at] === '+' || text[at] === '-') at++;
      parseDigits();
    }
    return Number(text.slice(start, at));
  }

  function parseString() {
    expect('"');
    let value = '';
    let start = at;
    for (;;) {
      if (at >= text.length) fail('"');
      const character = text[at];
      if (character === '"') break;
      if (character === '\\') {
        value += text.slice(start, at);
        const escape = text[at + 1];
        if (escape === 'u') {
          value += String.fromCharCode(Number.parseInt(text.slice(at + 2, at + 6), 16));
          at += 6;
        } else {
          value += ESCAPES[escape] ?? fail('escape');
          at += 2;
        }
        start = at;
      } else {
        at++;
      }
    }
    value += text.slice(start, at++);
    return value;
  }

  function parseArray() {
    const array = [];
    expect('[');
    skipSpace();
    if (text[at] === ']') {
      at++;
      return array;
    }
    for (;;) {
      array.push(parseValue());
      skipSpace();
      if (text[at] !== ',') break;
      at++;
    }
    expect(']');
    return array;
  }

  function parseObject() {
    const object = {};
    expect('{');
    skipSpace();
    if (text[at] === '}') {
      at++;
      return object;
    }
    for (;;) {
      skipSpace();
      const key = parseString();
      skipSpace();
      expect(':');
      object[key] = parseValue();
      skipSpace();
      if (text[at] !== ',') break;
      at++;
    }
    expect('}');
    return object;
  }

  function parseValue() {
    skipSpace();
    switch (text[at]) {
      case '{':
        return parseObject();
      case '[':
        return parseArray();
      case '"':
        return parseString();
      case 't':
        return parseWord('true', true);
      case 'f':
        return parseWord('false', false);
      case 'n':
        return parseWord('null', null);
      default:
        return parseNumber();
    }
  }

  const records = parseValue();
  let sum = 0;
  for (const { id, name, balance, active, note, tags, place } of records) {
    sum += id + name.length + balance + (active ? 1 : 0) + (note === null ? 0 : note.length);
    sum += tags.length + place.lat + place.lon + place.nested[0][0];
  }
  return sum;
}

module.exports = { name: 'json', group: 'data', size: 13000, setup, kernel };
