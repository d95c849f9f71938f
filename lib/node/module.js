'use strict';

const { fileURLToPath } = require('node:url');

const { builtinModules, requireFrom } = require('hertzscript:surroundings');

function createRequire(from) {
  const isUrl = typeof from !== 'string' || from.startsWith('file:');
  return requireFrom(isUrl ? fileURLToPath(from) : from);
}

module.exports = {
  createRequire,
  builtinModules,
  isBuiltin: (name) => builtinModules.includes(String(name).replace(/^node:/, '')),
};
