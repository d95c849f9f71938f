'use strict';

// Node's streams as streams of the Web, and the other way round. The package has the names, and leaves out what they do.

const { Duplex, Readable, Writable, finished } = require('readable-stream');
const { AbortError, invalid } = require('../util/invalid.js');

/** Loaded when something is made of them. */
const web = () => require('./web.js');

const isReadable = (stream) => typeof stream?.getReader === 'function' && typeof stream.tee === 'function';
const isWritable = (stream) => typeof stream?.getWriter === 'function' && typeof stream.abort === 'function';

/** What Node says of a stream that ended before its time. */
const reasonOf = (error) => (error?.code === 'ERR_STREAM_PREMATURE_CLOSE' ? new AbortError() : error);

/** How much a stream of the Web holds of one of Node's before it waits. */
function strategyFor(isObjects, highWaterMark) {
  return isObjects ? new (web().CountQueuingStrategy)({ highWaterMark }) : { highWaterMark };
}

function readableToWeb(readable, { strategy } = {}) {
  if (typeof readable?._readableState !== 'object') throw invalid('streamReadable', 'stream.Readable', readable);
  const { ReadableStream } = web();
  if (readable.destroyed || readable.readable === false) {
    const stream = new ReadableStream();
    stream.cancel();
    return stream;
  }
  const { readableObjectMode: isObjects, readableHighWaterMark: highWaterMark } = readable;
  let controller;
  let isOver = false;
  const stream = new ReadableStream(
    {
      start(started) {
        controller = started;
      },
      pull: () => void readable.resume(),
      cancel(reason) {
        isOver = true;
        readable.destroy(reason);
      },
    },
    strategy ?? strategyFor(isObjects, highWaterMark),
  );
  readable.pause();
  finished(readable, (error) => {
    if (isOver) {
      // Nobody else hears of errors any more.
      readable.on('error', () => {});
      return;
    }
    isOver = true;
    readable.on('error', () => {});
    if (error) controller.error(reasonOf(error));
    else controller.close();
  });
  readable.on('data', (chunk) => {
    if (isOver) return;
    controller.enqueue(!isObjects && chunk instanceof Uint8Array ? new Uint8Array(chunk) : chunk);
    if (controller.desiredSize <= 0) readable.pause();
  });
  return stream;
}

/** Whether a reader or a writer of the Web's has come to its end. `fail` hears of the error, if there was one. */
function watch(end, fail) {
  const state = { isClosed: false };
  const close = () => {
    state.isClosed = true;
  };
  end.closed.then(close, (error) => {
    close();
    fail(error);
  });
  return state;
}

/** What both directions of a stream of Node's do at a reader of the Web's. */
function readFrom(reader, readable) {
  reader.read().then(
    ({ value, done }) => readable.push(done ? null : value),
    (error) => readable.destroy(error),
  );
}

function readableFromWeb(stream, { highWaterMark, encoding, objectMode = false, signal } = {}) {
  if (!isReadable(stream)) throw invalid('readableStream', 'ReadableStream', stream);
  const reader = stream.getReader();
  const state = watch(reader, (error) => readable.destroy(error));
  const readable = new Readable({
    objectMode,
    highWaterMark,
    encoding,
    signal,
    read() {
      readFrom(reader, readable);
    },
    destroy(error, done) {
      if (state.isClosed) done(error);
      else reader.cancel(error).then(() => done(error), done);
    },
  });
  return readable;
}

/** What both directions of a stream of Node's do at a writer of the Web's. */
function writesTo(writer, state) {
  return {
    write(chunk, _encoding, done) {
      writer.ready.then(() => writer.write(chunk)).then(() => done(), done);
    },
    final(done) {
      if (state.isClosed) done();
      else writer.close().then(() => done(), done);
    },
  };
}

function writableFromWeb(stream, { highWaterMark, decodeStrings = true, objectMode = false, signal } = {}) {
  if (!isWritable(stream)) throw invalid('writableStream', 'WritableStream', stream);
  const writer = stream.getWriter();
  const state = watch(writer, (error) => writable.destroy(error));
  const writable = new Writable({
    highWaterMark,
    objectMode,
    decodeStrings,
    signal,
    ...writesTo(writer, state),
    destroy(error, done) {
      if (state.isClosed) done(error);
      else if (error) writer.abort(error).then(() => done(error), done);
      else writer.close().then(() => done(), done);
    },
  });
  return writable;
}

function writableToWeb(writable) {
  if (typeof writable?._writableState !== 'object') throw invalid('streamWritable', 'stream.Writable', writable);
  const { WritableStream } = web();
  if (writable.destroyed || writable.writable === false) {
    const stream = new WritableStream();
    stream.close();
    return stream;
  }
  let controller;
  let isOver = false;
  /** Who waits for room, and who waits for the end. */
  let waiting;
  let closing;
  const settle = (wait, error) => (error ? wait?.reject(error) : wait?.resolve());
  finished(writable, (error) => {
    if (isOver) return;
    isOver = true;
    writable.on('error', () => {});
    const reason = reasonOf(error);
    settle(waiting, reason);
    settle(closing, reason);
    // Its writer learns of an end that it has not asked for.
    if (closing === undefined) controller.error(reason ?? new AbortError());
  });
  writable.on('drain', () => {
    settle(waiting);
    waiting = undefined;
  });
  return new WritableStream(
    {
      start(started) {
        controller = started;
      },
      write(chunk) {
        if (isOver) throw new AbortError();
        if (!writable.write(chunk) || writable.writableNeedDrain) {
          waiting = Promise.withResolvers();
          return waiting.promise;
        }
      },
      abort(reason) {
        writable.destroy(reason);
      },
      close() {
        if (isOver || writable.writableEnded) return undefined;
        closing = Promise.withResolvers();
        writable.end();
        return closing.promise;
      },
    },
    strategyFor(writable.writableObjectMode, writable.writableHighWaterMark),
  );
}

function duplexToWeb(duplex) {
  if (typeof duplex?._writableState !== 'object' || typeof duplex._readableState !== 'object') {
    throw invalid('duplex', 'stream.Duplex', duplex);
  }
  return { readable: readableToWeb(duplex), writable: writableToWeb(duplex) };
}

function duplexFromWeb(pair, options = {}) {
  if (!isReadable(pair?.readable)) throw invalid('pair.readable', 'ReadableStream', pair?.readable);
  if (!isWritable(pair.writable)) throw invalid('pair.writable', 'WritableStream', pair.writable);
  const reader = pair.readable.getReader();
  const writer = pair.writable.getWriter();
  const fail = (error) => duplex.destroy(error);
  const written = watch(writer, fail);
  const read = watch(reader, fail);
  const duplex = new Duplex({
    ...options,
    ...writesTo(writer, written),
    read() {
      readFrom(reader, duplex);
    },
    destroy(error, done) {
      const ends = [];
      if (!written.isClosed) ends.push(error ? writer.abort(error) : writer.close());
      if (!read.isClosed) ends.push(reader.cancel(error));
      Promise.all(ends).then(() => done(error), done);
    },
  });
  return duplex;
}

Object.assign(Readable, { fromWeb: readableFromWeb, toWeb: readableToWeb });
Object.assign(Writable, { fromWeb: writableFromWeb, toWeb: writableToWeb });
Object.assign(Duplex, { fromWeb: duplexFromWeb, toWeb: duplexToWeb });
