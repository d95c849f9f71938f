'use strict';

// Productions: patterns. `bind` is 'val' to declare names, or undefined to assign to what there is.

function patternTarget(g, bind) {
  if (bind === undefined) return g.target();
  const name = g.name('d');
  // Only seen by what follows, so that defaults of earlier names do not use it.
  g.declare(name, bind, { mutable: true });
  return name;
}

function arrayPattern(g, bind) {
  const parts = [];
  for (let i = g.int(1, 3); i > 0; i--) {
    const way = g.int(0, 9);
    if (way === 0) parts.push('');
    else if (way === 1 && bind === undefined) parts.push(`${g.target()} = ${g.value()}`);
    else {
      const ready = g.chance(0.35) ? ` = ${g.value()}` : '';
      parts.push(`${patternTarget(g, bind)}${ready}`);
    }
  }
  if (g.chance(0.2)) parts.push(`...${bind === undefined ? g.target() : restTarget(g)}`);
  return `[${parts.join(', ')}${parts.at(-1) === '' ? ',' : ''}]`;
}

function restTarget(g) {
  const name = g.name('r');
  g.declare(name, 'obj');
  return name;
}

function objectPattern(g, bind) {
  const parts = [];
  for (let i = g.int(1, 3); i > 0; i--) {
    const name = g.chance(0.3) ? `[${g.key()}]` : g.property();
    if (g.chance(0.1)) {
      const ready = g.array();
      // A property that is there may hold anything, so the name is one that no object has.
      parts.push(`none: ${arrayPattern(g, bind)} = ${ready}`);
    } else {
      const ready = g.chance(0.35) ? ` = ${g.value()}` : '';
      parts.push(`${name}: ${patternTarget(g, bind)}${ready}`);
    }
  }
  if (g.chance(0.2)) parts.push(`...${bind === undefined ? g.target() : restTarget(g)}`);
  return `{ ${parts.join(', ')} }`;
}

function destructuringAssignment(g) {
  return g.chance(0.5)
    ? `(${arrayPattern(g, undefined)} = ${g.iterable()}).length`
    : `(${objectPattern(g, undefined)} = ${g.object()}).${g.property()}`;
}

module.exports = { arrayPattern, destructuringAssignment, objectPattern };
