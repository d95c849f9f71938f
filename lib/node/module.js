'use strict';

const { builtinModules, requireFrom } = require('hertzscript:surroundings');
const { refuse, refuseAll } = require('./unavailable/refuse.js');

function createRequire(from) {
  const text = String(from?.href ?? from);
  return requireFrom(text.startsWith('file://') ? decodeURIComponent(text.slice(7).replace(/[?#].*/, '')) : text);
}

// What loads modules in tasks is no part of any of them.
const Module = refuse('module', 'Module');

module.exports = Object.assign(Module, {
  Module,
  createRequire,
  builtinModules,
  globalPaths: [],
  isBuiltin: (name) => builtinModules.includes(String(name).replace(/^node:/, '')),
  syncBuiltinESMExports() {},
  findSourceMap: () => undefined,
  ...refuseAll('module', ['SourceMap', 'register', 'runMain']),
});
