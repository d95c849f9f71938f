'use strict';

// Hashes, as streams and by methods.

const { hmac } = require('@noble/hashes/hmac');
const { md5, ripemd160, sha1 } = require('@noble/hashes/legacy');
const { sha224, sha256, sha384, sha512, sha512_224, sha512_256 } = require('@noble/hashes/sha2');
const { sha3_224, sha3_256, sha3_384, sha3_512 } = require('@noble/hashes/sha3');
const { Buffer } = require('node:buffer');
const { Transform } = require('node:stream');
const { invalid } = require('../util/invalid.js');

const ALGORITHMS = {
  __proto__: null,
  md5,
  ripemd160,
  rmd160: ripemd160,
  sha1,
  sha224,
  sha256,
  sha384,
  sha512,
  'sha512-224': sha512_224,
  'sha512-256': sha512_256,
  'sha3-224': sha3_224,
  'sha3-256': sha3_256,
  'sha3-384': sha3_384,
  'sha3-512': sha3_512,
};

const names = () => Object.keys(ALGORITHMS);

const find = (name) => ALGORITHMS[name.toLowerCase().replace(/^rsa-/, '')];

const unsupported = () =>
  new Error(`Digest method not supported (tasks have ${names().join(', ')}; take others on the host)`);

function coded(code, error) {
  error.code = code;
  return error;
}

/** What is hashed, as bytes. */
function bytesOf(data, encoding, name = 'data') {
  if (typeof data === 'string') return Buffer.from(data, encoding === 'buffer' ? 'utf8' : encoding);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  throw invalid(name, 'string or an instance of Buffer, TypedArray, or DataView', data);
}

const shown = (bytes, encoding) => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return encoding === undefined || encoding === 'buffer' ? buffer : buffer.toString(encoding);
};

class Hashing extends Transform {
  /** Nothing once it was asked for. */
  #state;

  constructor(state, options) {
    super(options);
    this.#state = state;
  }

  update(data, encoding) {
    if (this.#state === undefined) throw finalized('Digest already called');
    this.#state.update(bytesOf(data, encoding));
    return this;
  }

  /** The bytes; nothing where they were given already. */
  finish() {
    const result = this.#state?.digest();
    this.#state = undefined;
    return result;
  }

  copyOfState() {
    if (this.#state === undefined) throw finalized('Digest already called');
    return this.#state.clone();
  }

  _transform(chunk, encoding, done) {
    this.update(chunk, encoding);
    done();
  }

  _flush(done) {
    this.push(this.digest());
    done();
  }
}

const finalized = (message) => coded('ERR_CRYPTO_HASH_FINALIZED', new Error(message));

class Hash extends Hashing {
  constructor(algorithm, options) {
    if (algorithm instanceof Hash) {
      super(algorithm.copyOfState(), options);
      return;
    }
    if (typeof algorithm !== 'string') throw invalid('algorithm', 'string', algorithm);
    const found = find(algorithm);
    if (found === undefined) throw unsupported();
    super(found.create(), options);
  }

  copy(options) {
    return new Hash(this, options);
  }

  digest(encoding) {
    const bytes = this.finish();
    if (bytes === undefined) throw finalized('Digest already called');
    return shown(bytes, encoding);
  }
}

class Hmac extends Hashing {
  constructor(algorithm, key, options) {
    if (typeof algorithm !== 'string') throw invalid('hmac', 'string', algorithm);
    const bytes = bytesOf(key, undefined, 'key');
    const found = find(algorithm);
    if (found === undefined) throw coded('ERR_CRYPTO_INVALID_DIGEST', new TypeError(`Invalid digest: ${algorithm}`));
    super(hmac.create(found, bytes), options);
  }

  digest(encoding) {
    return shown(this.finish() ?? new Uint8Array(0), encoding);
  }
}

/** The hash of something that is there as a whole. */
function hash(algorithm, data, encoding = 'hex') {
  return new Hash(algorithm).update(data).digest(encoding);
}

/** What `SubtleCrypto` takes. */
const DIGESTS = { __proto__: null, 'SHA-1': sha1, 'SHA-256': sha256, 'SHA-384': sha384, 'SHA-512': sha512 };

async function subtleDigest(algorithm, data) {
  const name = String(typeof algorithm === 'string' ? algorithm : algorithm?.name);
  const found = DIGESTS[name.toUpperCase()];
  if (found === undefined) throw new DOMException('Unrecognized algorithm name', 'NotSupportedError');
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : bytesOf(data);
  return found(bytes).slice().buffer;
}

module.exports = { Hash, Hmac, hash, names, subtleDigest };
