'use strict';

// Random numbers and hashes in tasks: each function here runs in Node and in tasks, and gives the same.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { describe, it, after } = require('node:test');
const { shutdown, spawn } = require('../lib/index.js');
const { same } = require('./same-in-tasks.js');

after(() => shutdown());

/** What a call throws. */
const failures = (calls) =>
  calls.map((call) => {
    try {
      return call();
    } catch (error) {
      return [error.name, error.code, error.message];
    }
  });

describe('random numbers', () => {
  same('have the form that is asked for', async () => {
    const { promisify } = require('node:util');
    const { randomBytes, randomFill, randomFillSync, randomInt, randomUUID, webcrypto } = require('node:crypto');
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    const large = randomBytes(10000);
    const part = randomFillSync(new Uint32Array(4), 1, 2);
    const dice = Array.from({ length: 600 }, () => randomInt(1, 7));
    return [
      [uuid.test(randomUUID()), uuid.test(crypto.randomUUID()), new Set([randomUUID(), randomUUID()]).size],
      [Buffer.isBuffer(large), large.length, new Set(large).size, randomBytes(0).length],
      [part[0], part[1] !== 0 || part[2] !== 0, part[3]],
      [new Set(dice).size, Math.min(...dice), Math.max(...dice), randomInt(1)],
      [crypto.getRandomValues(new Uint16Array(3)).length, webcrypto.getRandomValues(new Uint8Array(2)).length],
      [(await promisify(randomBytes)(3)).length, (await promisify(randomFill)(new Uint8Array(2))).length],
      [await new Promise((resolve) => randomInt(5, (error, number) => resolve([error, number < 5])))],
    ];
  });

  it('are others in each task and isolate', async () => {
    const make = () => [crypto.randomUUID(), Math.random()].length && crypto.randomUUID();
    const ids = await Promise.all(Array.from({ length: 20 }, () => spawn.with({ isolate: 'private' })(make)));
    assert.equal(new Set(ids).size, 20);
  });

  it('say what is wrong with their arguments', async () => {
    const run = () => {
      const c = require('node:crypto');
      return failures([
        () => c.randomBytes(-1),
        () => c.randomBytes('a'),
        () => c.randomInt(1.5),
        () => c.randomInt(3, 3),
        () => c.randomFillSync(new Uint8Array(2), 3),
        () => c.webcrypto.getRandomValues(new Float64Array(1)),
        () => c.webcrypto.getRandomValues(new Uint8Array(65537)),
        () => c.timingSafeEqual(new Uint8Array(1), new Uint8Array(2)),
      ]).map(([name, code]) => [name, code]);
    };
    assert.deepEqual(await spawn(run), run());
  });
});

describe('hashes', () => {
  const names = ['md5', 'sha1', 'SHA256', 'sha384', 'sha512', 'RSA-SHA224', 'sha512-256', 'sha3-256', 'ripemd160'];

  it('are those of Node', async () => {
    const run = (names) => {
      const { createHash, createHmac, timingSafeEqual } = require('node:crypto');
      return names.map((name) => {
        const hash = createHash(name)
          .update('h\u00e9')
          .update(Buffer.from([1, 2, 3]));
        const copy = hash.copy();
        const hmac = createHmac(name, 'key').update('data', 'utf8');
        return [
          [hash.digest('hex'), copy.update('more').digest('base64'), hmac.digest().toString('hex')],
          timingSafeEqual(createHash(name).update('a').digest(), createHash(name).update('61', 'hex').digest()),
        ];
      });
    };
    assert.deepEqual(await spawn(run, names), run(names));
  });

  same('are streams', async () => {
    const { Hash, createHash } = require('node:crypto');
    const { Readable } = require('node:stream');
    const hash = createHash('sha256');
    Readable.from(['a', 'b']).pipe(hash);
    return [(await hash.toArray()).map((chunk) => chunk.toString('hex')), hash instanceof Hash];
  });

  same('are there for the Web', async () => {
    const digest = (name, data) =>
      crypto.subtle.digest(name, data).then((buffer) => Buffer.from(buffer).toString('hex'));
    return [
      await digest('SHA-256', new TextEncoder().encode('abc')),
      await digest({ name: 'sha-1' }, new ArrayBuffer(2)),
      await digest('MD5', new Uint8Array(1)).catch((error) => error.name),
    ];
  });

  same('end once', () => {
    const { createHash, createHmac } = require('node:crypto');
    const hash = createHash('md5');
    hash.digest();
    const hmac = createHmac('md5', 'a');
    hmac.digest();
    const seen = [hmac.digest('hex')];
    for (const call of [
      () => hash.digest(),
      () => hash.update('x'),
      () => hash.copy(),
      () => createHash('md5').update(5),
    ]) {
      try {
        call();
      } catch (error) {
        seen.push([error.name, error.code]);
      }
    }
    return seen;
  });

  it('that tasks do not have are an error that says so', async () => {
    await assert.rejects(
      spawn(() => require('node:crypto').createHash('whirlpool')),
      /Digest method not supported \(tasks have md5, .*sha256/,
    );
    await assert.rejects(
      spawn(() => require('node:crypto').createCipheriv('aes-128-gcm', '', '')),
      { code: 'ERR_MODULE_UNAVAILABLE', message: /crypto\.createCipheriv\(\)/ },
    );
    await assert.rejects(
      spawn(() => crypto.subtle.importKey()),
      { code: 'ERR_MODULE_UNAVAILABLE', message: /crypto\.subtle\.importKey\(\)/ },
    );
  });
});

describe('captured', () => {
  const { randomUUID: makeId, createHash } = crypto;
  const { webcrypto } = crypto;
  it('parts of the module are those of the task', async () => {
    const id = await spawn(() => makeId());
    assert.match(id, /^[0-9a-f-]{36}$/);
    const wanted = createHash('sha1').update('a').digest('hex');
    assert.equal(await spawn(() => createHash('sha1').update('a').digest('hex')), wanted);
    assert.equal(await spawn(() => crypto.randomBytes(4).length), 4);
    assert.equal(await spawn(() => webcrypto.randomUUID().length), 36);
    assert.equal(await spawn(() => globalThis.crypto.randomUUID().length), 36);
  });
});
