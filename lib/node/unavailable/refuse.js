'use strict';

// What Node's modules have and tasks cannot have. It is there, so that packages load that ask for it and may never use it.

/**
 * A function, or class, whose use is an error that says so.
 * @param {string} module
 * @param {string} name
 */
function refuse(module, name) {
  function unavailable() {
    const error = new Error(
      `${module}.${name}() is not available in tasks: use it on the host, and pass what the task needs as arguments or over channels`,
    );
    error.code = 'ERR_MODULE_UNAVAILABLE';
    throw error;
  }
  return Object.defineProperty(unavailable, 'name', { value: name, configurable: true });
}

/**
 * An object with several of them.
 * @param {string} module
 * @param {string[]} names
 */
function refuseAll(module, names) {
  return Object.fromEntries(names.map((name) => [name, refuse(module, name)]));
}

module.exports = { refuse, refuseAll };
