'use strict';

// Random numbers and hashes. What needs keys is the host's to do.

const random = require('./crypto/random.js');
const { refuseAll } = require('./unavailable/refuse.js');
const { invalid } = require('./util/invalid.js');

/** Loaded when something is hashed. */
const hashes = () => require('./crypto/hash.js');

function bytesOf(value, name) {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw invalid(name, 'ArrayBuffer, Buffer, TypedArray, or DataView', value);
}

function timingSafeEqual(a, b) {
  const left = bytesOf(a, 'buf1');
  const right = bytesOf(b, 'buf2');
  if (left.length !== right.length) {
    const error = new RangeError('Input buffers must have the same byte length');
    error.code = 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH';
    throw error;
  }
  let differs = 0;
  for (let i = 0; i < left.length; i++) differs |= left[i] ^ right[i];
  return differs === 0;
}

const subtle = {
  digest: async (algorithm, data) => hashes().subtleDigest(algorithm, data),
  ...refuseAll(
    'crypto.subtle',
    'decrypt deriveBits deriveKey encrypt exportKey generateKey importKey sign unwrapKey verify wrapKey'.split(' '),
  ),
};

const { getRandomValues, randomUUID } = random;

module.exports = {
  ...random,
  constants: require('./constants/crypto.json'),
  createHash: (algorithm, options) => new (hashes().Hash)(algorithm, options),
  createHmac: (algorithm, key, options) => new (hashes().Hmac)(algorithm, key, options),
  // Packages ask for these lists while they are loaded.
  getCiphers: () => [],
  getCurves: () => [],
  getFips: () => 0,
  getHashes: () => hashes().names(),
  hash: (algorithm, data, encoding) => hashes().hash(algorithm, data, encoding),
  pseudoRandomBytes: random.randomBytes,
  subtle,
  timingSafeEqual,
  webcrypto: { getRandomValues, randomUUID, subtle },
  get Hash() {
    return hashes().Hash;
  },
  get Hmac() {
    return hashes().Hmac;
  },
  ...refuseAll(
    'crypto',
    (
      'Certificate Cipher Cipheriv Decipher Decipheriv DiffieHellman DiffieHellmanGroup ECDH KeyObject Sign Verify X509Certificate ' +
      'checkPrime checkPrimeSync createCipheriv createDecipheriv createDiffieHellman createDiffieHellmanGroup createECDH ' +
      'createPrivateKey createPublicKey createSecretKey createSign createVerify diffieHellman generateKey generateKeyPair ' +
      'generateKeyPairSync generateKeySync generatePrime generatePrimeSync getCipherInfo getDiffieHellman hkdf hkdfSync pbkdf2 ' +
      'pbkdf2Sync privateDecrypt privateEncrypt publicDecrypt publicEncrypt scrypt scryptSync secureHeapUsed setEngine setFips ' +
      'sign verify'
    ).split(' '),
  ),
};
