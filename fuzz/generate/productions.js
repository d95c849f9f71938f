'use strict';

// All productions by what they make: name, weight, what makes the text, and, where it is not always possible, when it is.
//
// A production is given the generator. Every one has a name.

const {
  asyncFunction,
  asyncGenerator,
  asyncGeneratorSteps,
  awaitsInTry,
  concurrentAwaits,
  forAwait,
} = require('./asynchronous.js');
const { classDeclaration, constructorFunction } = require('./classes.js');
const {
  declaration,
  declareOf,
  destructuringDeclaration,
  functionDeclaration,
  functionVariable,
  generatorDeclaration,
  generatorSteps,
} = require('./declarations.js');
const {
  arrayLiteral,
  callback,
  evalCall,
  iife,
  indirectCall,
  methodCall,
  objectLiteral,
  optionalChain,
  privateName,
  superProperty,
  userIterator,
} = require('./expressions.js');
const {
  accessors,
  mappedArguments,
  mutualRecursion,
  recursion,
  tailCall,
  varHoisting,
  withStatement,
} = require('./functions.js');
const { destructuringAssignment } = require('./patterns.js');
const {
  blockFunction,
  blockFunctionTwice,
  deadHead,
  doWhileStatement,
  forInStatement,
  forOfPattern,
  forOfStatement,
  forStatement,
  guardedReturn,
  ifStatement,
  jump,
  labelledBlock,
  loggedSort,
  loopClosures,
  natureOfFunctions,
  switchStatement,
  temporalDeadZone,
  throwStatement,
  quietTry,
  tryStatement,
  whileStatement,
} = require('./statements.js');
const { ARITHMETIC, COMPARISONS } = require('./words.js');

/** Productions: name, weight, what makes the text, and, where it is not always possible, when it is. */
const VALUES = [
  ['log', 14, (g) => `log(${g.value()})`],
  ['arithmetic', 9, (g) => `(${g.operand()} ${g.pick(ARITHMETIC)} ${g.operand()})`],
  ['comparison', 3, (g) => `(${g.operand()} ${g.pick(COMPARISONS)} ${g.operand()})`],
  ['unary', 2, (g) => `(${g.pick(['-', '+', '!', '~', 'typeof ', 'void '])}${g.operand()})`],
  ['typeof unknown', 0.5, () => '(typeof nowhere)'],
  ['logical', 4, (g) => `(${g.value()} ${g.pick(['&&', '||', '??'])} ${g.value()})`],
  ['conditional', 4, (g) => `(${g.condition()} ? ${g.value()} : ${g.value()})`],
  ['comma', 3, (g) => `(${g.value()}, ${g.value()})`],
  ['assignment', 4, (g) => `(${g.target()} = ${g.value()})`],
  ['compound assignment', 6, (g) => `(${g.target()} ${g.pick(ARITHMETIC)}= ${g.operand()})`],
  ['logical assignment', 3, (g) => `(${g.target()} ${g.pick(['&&=', '||=', '??='])} ${g.value()})`],
  [
    'update',
    3,
    (g) => (g.chance(0.5) ? `(${g.target()}${g.pick(['++', '--'])})` : `(${g.pick(['++', '--'])}${g.target()})`),
  ],
  ['member', 4, (g) => `${g.object()}.${g.property()}`],
  ['computed member', 3, (g) => `${g.object()}[${g.key()}]`],
  ['element', 3, (g) => `${g.array()}[${g.chance(0.5) ? g.int(0, 3) : `log(${g.int(0, 3)})`}]`],
  ['length', 1, (g) => `${g.array()}.length`],
  ['optional chain', 3, (g) => optionalChain(g)],
  ['delete', 2, (g) => `(delete ${g.object()}${g.chance(0.5) ? `.${g.property()}` : `[${g.key()}]`})`],
  ['in', 2, (g) => `(${g.key()} in ${g.object()})`],
  ['instanceof', 2, (g) => `(${g.object()} instanceof ${g.constructible()})`],
  ['call', 8, (g) => g.call()],
  ['method call', 4, (g) => methodCall(g)],
  ['indirect call', 3, (g) => indirectCall(g)],
  ['callback', 4, (g) => callback(g)],
  ['iife', 4, (g) => iife(g)],
  ['template', 2, (g) => `\`<\${${g.operand()}}-\${${g.operand()}}>\``],
  ['tagged template', 2, (g) => `${g.use('tag')}\`x\${${g.value()}}\\n\${${g.value()}}y\``],
  ['yield', 14, (g) => `(yield ${g.value()})`, (g) => g.fn.yields],
  ['yield star', 4, (g) => `(yield* ${g.iterable()})`, (g) => g.fn.yields],
  ['await', 14, (g) => `(await ${g.chance(0.5) ? g.promise() : g.value()})`, (g) => g.fn.awaits],
  ['this', 3, (g) => `this${g.chance(0.3) ? '?.' : '.'}${g.property()}`, (g) => g.fn.self],
  ['new.target', 1, () => 'log(new.target)', (g) => g.fn.newTarget],
  [
    'arguments',
    4,
    (g) => g.pick(['arguments.length', 'arguments[0]', 'log(arguments[1])', '[...arguments].length']),
    (g) => g.fn.args,
  ],
  ['super property', 4, (g) => superProperty(g), (g) => g.fn.home],
  ['private name', 6, (g) => privateName(g), (g) => g.fn.privates && g.fn.self],
  [
    'function properties',
    1,
    (g) => `${g.pick(g.variables('fn')).name}.${g.pick(['name', 'length'])}`,
    (g) => g.variables('fn').length > 0,
  ],
  ['new', 3, (g) => `${g.instance()}.${g.property()}`],
  ['spread call', 2, (g) => `Math.max(...${g.array()}, ${g.value()})`],
  ['destructuring assignment', 2, (g) => destructuringAssignment(g)],
  ['eval', 0.7, (g) => evalCall(g)],
  ['settled promise', 2, (g) => `${g.use('settle')}('${g.name('t')}', ${g.promise()})`, (g) => g.async],
];

const OBJECTS = [
  ['object literal', 5, (g) => `(${objectLiteral(g)})`],
  ['logged object', 5, (g) => `log(${g.object()})`],
  ['comma object', 1, (g) => `(${g.value()}, ${g.object()})`],
  ['conditional object', 1, (g) => `(${g.condition()} ? ${g.object()} : ${g.object()})`],
  ['instance', 3, (g) => g.instance()],
  ['proxy', 1.5, (g) => `${g.use('watch')}('${g.name('w')}', ${g.object()})`],
  ['derived object', 1, (g) => `Object.create(${g.object()})`],
  ['this object', 2, () => 'this', (g) => g.fn.self],
];

const ARRAYS = [
  ['array literal', 6, (g) => arrayLiteral(g)],
  ['logged array', 3, (g) => `log(${g.array()})`],
  ['mapped array', 1, (g) => `${g.array()}.map(${g.callable(1)})`],
  ['array from', 1, (g) => `Array.from(${g.iterable()}, ${g.callable(1)})`],
  ['arguments array', 2, () => '[...arguments]', (g) => g.fn.args],
];

const ITERABLES = [
  ['array', 3, (g) => g.array()],
  ['user iterator', 5, (g) => userIterator(g)],
  ['generator object', 6, (g) => g.invoke(g.pick(g.variables('gen'))), (g) => g.variables('gen').length > 0],
  ['inline generator', 2, (g) => `({ ${g.callableText('generatorMethod', { name: '[Symbol.iterator]', most: 0 })} })`],
  ['set', 1, (g) => `new Set(${g.array()})`],
  ['string', 0.5, (g) => g.pick(["'pq'", "'xyz'"])],
];

const FUNCTIONS = [
  ['arrow', 5, (g, arity) => g.callableText('arrow', { arity })],
  [
    'function expression',
    3,
    (g, arity) => g.callableText('function', { name: g.chance(0.3) ? g.name('e') : '', arity }),
  ],
];

const PROMISES = [
  ['resolved promise', 2, (g) => `Promise.resolve(${g.value()})`],
  ['later', 4, (g) => `${g.use('later')}(${g.value()}, ${g.int(0, 3)})`],
  ['thenable', 1, (g) => `Promise.resolve(${g.use('thenable')}('${g.name('t')}', ${g.value()}))`],
  ['async call', 6, (g) => g.invoke(g.pick(g.variables('afn'))), (g) => g.variables('afn').length > 0],
  ['async iife', 2, (g) => `(${g.callableText('asyncArrow', { most: 0 })})()`],
  ['then', 4, (g) => `${g.promise()}.then(${g.callable(1)})`],
  ['then and catch', 2, (g) => `${g.promise()}.then(${g.callable(1)}, ${g.callable(1)})`],
  ['finally', 1, (g) => `${g.promise()}.finally(${g.callable(0)})`],
  ['rejected and caught', 2, (g) => `Promise.reject(${g.error()}).catch(${g.callable(1)})`],
  ['promise executor', 1, (g) => `new Promise((resolve) => resolve(${g.value({ sync: true })}))`],
  [
    'promise all',
    3,
    (g) => `Promise.${g.pick(['all', 'allSettled', 'race', 'any'])}([${g.promise()}, ${g.promise()}])`,
  ],
];

const STATEMENTS = [
  ['log statement', 12, (g) => g.emit(`log(${g.value()});`)],
  ['expression statement', 4, (g) => g.emit(`(${g.value()});`)],
  ['declaration', 8, declaration],
  ['object declaration', 4, (g) => declareOf(g, 'obj', () => g.object())],
  ['array declaration', 3, (g) => declareOf(g, 'arr', () => g.array())],
  ['iterable declaration', 2, (g) => declareOf(g, 'iter', () => g.iterable())],
  ['destructuring declaration', 4, destructuringDeclaration],
  ['function declaration', 5, functionDeclaration],
  ['function variable', 3, functionVariable],
  ['generator declaration', 4, generatorDeclaration],
  ['generator steps', 6, generatorSteps, (g) => g.variables('gen').length > 0],
  ['class declaration', 4, classDeclaration],
  ['constructor function', 1.5, constructorFunction],
  ['if', 6, ifStatement],
  ['for', 5, forStatement],
  ['while', 2, whileStatement],
  ['do while', 2, doWhileStatement],
  ['for in', 2, forInStatement],
  ['for of', 6, forOfStatement],
  ['for of pattern', 2, forOfPattern],
  ['loop closures', 3, loopClosures],
  ['labelled block', 2, labelledBlock],
  ['switch', 4, switchStatement],
  ['try', 8, tryStatement],
  ['quiet try', 3, quietTry, (g) => g.fn.jumps.length > 0 || g.fn.returns],
  ['throw', 3, throwStatement, (g) => g.fn.caught > 0 || g.chance(0.1)],
  ['jump', 8, jump, (g) => g.fn.jumps.length > 0],
  ['return', 3, (g) => g.emit(`if (${g.condition()}) return ${g.returned()};`), (g) => g.fn.returns],
  ['block function', 1.5, blockFunction],
  ['block function twice', 1, blockFunctionTwice, (g) => !g.fn.strict],
  ['temporal dead zone', 1, temporalDeadZone],
  ['dead head', 0.7, deadHead],
  ['guarded return', 1.5, guardedReturn],
  ['logged sort', 1, loggedSort],
  ['nature of functions', 1, natureOfFunctions, (g) => g.variables('afn').length + g.variables('agen').length > 0],
  ['recursion', 2, recursion],
  ['mutual recursion', 1, mutualRecursion],
  ['tail call', 1, tailCall],
  ['mapped arguments', 2, mappedArguments],
  ['accessors', 2, accessors],
  ['with', 1.5, withStatement, (g) => !g.fn.strict],
  ['var hoisting', 1, varHoisting],
  ['async function', 4, asyncFunction, (g) => g.async],
  ['async generator', 2, asyncGenerator, (g) => g.async],
  ['for await', 5, forAwait, (g) => g.fn.awaits],
  ['async generator steps', 8, asyncGeneratorSteps, (g) => g.fn.awaits && g.variables('agen').length > 0],
  ['concurrent awaits', 3, concurrentAwaits, (g) => g.fn.awaits],
  ['awaits in try', 4, awaitsInTry, (g) => g.fn.awaits],
];

module.exports = { ARRAYS, FUNCTIONS, ITERABLES, OBJECTS, PROMISES, STATEMENTS, VALUES };
