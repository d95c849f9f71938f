'use strict';

// `DOMException`, which the language does not have: what aborted signals and failed clones throw. It is a native error, as in Node.

const { defineProperty, Error, SymbolToStringTag } = require('primordials');

/** Names that have codes, and their constants, in the order of the codes from 1; empty ones are historical. */
const CONSTANTS = [
  ['IndexSizeError', 'INDEX_SIZE_ERR'],
  ['', 'DOMSTRING_SIZE_ERR'],
  ['HierarchyRequestError', 'HIERARCHY_REQUEST_ERR'],
  ['WrongDocumentError', 'WRONG_DOCUMENT_ERR'],
  ['InvalidCharacterError', 'INVALID_CHARACTER_ERR'],
  ['', 'NO_DATA_ALLOWED_ERR'],
  ['NoModificationAllowedError', 'NO_MODIFICATION_ALLOWED_ERR'],
  ['NotFoundError', 'NOT_FOUND_ERR'],
  ['NotSupportedError', 'NOT_SUPPORTED_ERR'],
  ['InUseAttributeError', 'INUSE_ATTRIBUTE_ERR'],
  ['InvalidStateError', 'INVALID_STATE_ERR'],
  ['SyntaxError', 'SYNTAX_ERR'],
  ['InvalidModificationError', 'INVALID_MODIFICATION_ERR'],
  ['NamespaceError', 'NAMESPACE_ERR'],
  ['InvalidAccessError', 'INVALID_ACCESS_ERR'],
  ['', 'VALIDATION_ERR'],
  ['TypeMismatchError', 'TYPE_MISMATCH_ERR'],
  ['SecurityError', 'SECURITY_ERR'],
  ['NetworkError', 'NETWORK_ERR'],
  ['AbortError', 'ABORT_ERR'],
  ['URLMismatchError', 'URL_MISMATCH_ERR'],
  ['QuotaExceededError', 'QUOTA_EXCEEDED_ERR'],
  ['TimeoutError', 'TIMEOUT_ERR'],
  ['InvalidNodeTypeError', 'INVALID_NODE_TYPE_ERR'],
  ['DataCloneError', 'DATA_CLONE_ERR'],
];

const CODES = { __proto__: null };

class DOMException extends Error {
  #message;
  #name;

  /**
   * @param {string} [message]
   * @param {string | {name?: string, cause?: unknown}} [options]
   */
  constructor(message = '', options = 'Error') {
    const text = `${message}`;
    // V8 writes it into the stack only where it is the error's own.
    super(text);
    this.#message = text;
    if (options === null || typeof options !== 'object') {
      this.#name = `${options}`;
      return;
    }
    const { name } = options;
    this.#name = name === undefined ? 'Error' : `${name}`;
    if ('cause' in options) {
      const value = options.cause;
      defineProperty(this, 'cause', { __proto__: null, value, writable: true, enumerable: false, configurable: true });
    }
  }

  get name() {
    return this.#name;
  }

  get message() {
    return this.#message;
  }

  get code() {
    return CODES[this.#name] ?? 0;
  }
}

for (const key of ['name', 'message', 'code']) defineProperty(DOMException.prototype, key, { enumerable: true });
defineProperty(DOMException.prototype, SymbolToStringTag, { value: 'DOMException', configurable: true });
for (let i = 0; i < CONSTANTS.length; i++) {
  const [name, constant] = CONSTANTS[i];
  if (name !== '') CODES[name] = i + 1;
  const descriptor = { value: i + 1, enumerable: true };
  defineProperty(DOMException, constant, descriptor);
  defineProperty(DOMException.prototype, constant, descriptor);
}

module.exports = { DOMException };
