'use strict';

// Failures of modules, with Node's words and codes, that both kinds of realms know.

const { coded } = require('errors');
const { Error } = require('primordials');

/** `require` of a module that awaits. */
const awaits = (key) =>
  coded(
    Error,
    'ERR_REQUIRE_ASYNC_MODULE',
    `require() cannot be used on an ESM graph with top-level await. Use import() instead. Requiring ${key}`,
  );

module.exports = { awaits };
