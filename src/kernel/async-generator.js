'use strict';

// Async generators: a queue of requests in front of the compiled body, which is split at its awaits and yields (see
// leaving.js). A compiled async generator function is still one to V8, which makes the object and binds the parameters, but
// its body does nothing but hand the frame of the real one over; the native `next` is called once, for that. The driver
// awaits the operand of `yield`, runs the whole of `yield*`, and gives a return request to the body
// as one after its value was awaited. `return x` in the body awaits x; plain `return` and the end do not.

const { SOMETHING } = require('awaited-places');
const { AWAITED, DELEGATE, DELEGATED, isLeft, KILL, NEXT, RETURN, taken, THROW, YIELD, YIELDED } = require('leaving');
const { begin, takeFrame } = require('native-async-generator');
const { Bare, describe, getMethod, isObject, requireObject, Same } = require('promise-operations');
const { AsyncGeneratorPrototype, call, defineProperty, TypeError } = require('primordials');

/** States as in ECMA-262. */
const SUSPENDED_START = 0;
const SUSPENDED_YIELD = 1;
const EXECUTING = 2;
const DRAINING_QUEUE = 3;
const COMPLETED = 4;

/**
 * Operand of a `yield` or `yield*` in a body that is a native generator, known by its private field: any other value,
 * proxies too, is an await's.
 */
class Operand {
  #value;
  #delegates;

  constructor(value, delegates) {
    this.#value = value;
    this.#delegates = delegates;
  }

  static is(value) {
    return typeof value === 'object' && value !== null && #value in value;
  }

  static value(operand) {
    return operand.#value;
  }

  static kind(operand) {
    return operand.#delegates ? DELEGATE : YIELD;
  }
}

/** Puts a field on the object that programs hold. */
class Slot extends Same {
  #record;

  constructor(generator, record) {
    super(generator);
    this.#record = record;
  }

  static record(value) {
    return isObject(value) && #record in value ? value.#record : undefined;
  }
}

/**
 * @param {ReturnType<import('./promise')>} promises
 * @param {ReturnType<import('./async-iterator')>} iteration
 * @param {{resume: (frame: unknown[], value: unknown, mode: number) => unknown, KILLED: object}} scheduler
 * @param {ReturnType<import('./awaited-places')>} places
 */
module.exports = function createAsyncGenerators(
  promises,
  iteration,
  { resume: resumeFrame, KILLED },
  { redirect, taskAt },
) {
  const { follow, newPromise, resolveWithResult, rejectPromise, ownedBy, awaitValue, settleStep } = promises;
  const { getAsyncIterator } = iteration;

  function newRecord(frame) {
    const record = {
      frame,
      state: SUSPENDED_START,
      last: undefined,
      delegate: undefined,
      /** What it awaits by, and what it awaits; see awaited-places.js. */
      reaction: undefined,
      awaits: undefined,
    };
    record.reaction = ownedBy(record);
    return record;
  }

  /** Brings the frame of a body that has not begun behind the generator; undefined for what is no async generator. */
  function awaken(generator) {
    const frame = takeFrame(generator);
    if (frame === undefined) return undefined;
    const record = newRecord(frame);
    new Slot(generator, record);
    return record;
  }

  /**
   * Makes the object of a body in which names are looked up at run time.
   *
   * @param {unknown[]} frame of the body, not yet started
   * @returns {object} the async generator
   */
  function createAsyncGenerator(frame) {
    const generator = new Bare(AsyncGeneratorPrototype);
    new Slot(generator, newRecord(frame));
    return generator;
  }

  const yieldOperand = (value) => new Operand(value, false);
  const delegateOperand = (iterable) => new Operand(iterable, true);

  /** AsyncGeneratorEnqueue. Requests are a ring of which the record has the last: what is new is stored into old objects once. */
  function enqueue(record, mode, value, promise) {
    follow(promise, record);
    add(record, { mode, value, promise, next: undefined });
  }

  /** As `awaitValue`; who is killed meanwhile stands there. Whether it is a place is asked only then: V8 is slow to tell. */
  function awaitFor(record, value, onFulfilled, onRejected, reaction) {
    record.awaits = value === undefined ? SOMETHING : value;
    awaitValue(value, onFulfilled, onRejected, record, reaction);
  }

  function add(record, request) {
    const { last } = record;
    if (last === undefined) {
      request.next = request;
    } else {
      request.next = last.next;
      last.next = request;
    }
    record.last = request;
  }

  const firstOf = (record) => (record.last === undefined ? undefined : record.last.next);

  /** AsyncGeneratorCompleteStep. */
  function completeStep(record, threw, value, done) {
    const { last } = record;
    const first = last.next;
    if (first === last) record.last = undefined;
    else last.next = first.next;
    const { promise } = first;
    if (promise === undefined) settleStep(first, threw, value, done);
    else if (threw) rejectPromise(promise, value);
    else resolveWithResult(promise, value, done);
  }

  /** Runs the body until it awaits, yields or ends. */
  function run(record, mode, value) {
    record.state = EXECUTING;
    for (;;) {
      record.awaits = undefined;
      const { frame } = record;
      let outcome;
      let isKilled = true;
      try {
        outcome = resumeFrame(frame, value, mode);
        isKilled = false;
      } catch (error) {
        isKilled = false;
        end(record, true, error);
        return;
      } finally {
        // No `catch` sees a kill. Who awaits the generator hears of it; a body that has just been left, with something to await, is to end first.
        if (isKilled) {
          if (isLeft(frame)) {
            taken(frame);
            run(record, KILL, KILLED);
          } else {
            end(record, true, KILLED);
          }
        }
      }
      if (outcome !== AWAITED && outcome !== YIELDED && outcome !== DELEGATED) {
        end(record, false, outcome);
        return;
      }
      const operand = taken(frame);
      isKilled = true;
      try {
        if (outcome !== DELEGATED) {
          awaitFor(record, operand, outcome === AWAITED ? runNext : yieldValue, runThrow, record.reaction);
          isKilled = false;
          return;
        }
        const { iterator, next } = getAsyncIterator(operand);
        isKilled = false;
        record.delegate = { iterator, next, mode: NEXT };
      } catch (error) {
        isKilled = false;
        mode = THROW;
        value = error;
        continue;
      } finally {
        if (isKilled) run(record, KILL, KILLED);
      }
      delegate(record, NEXT, undefined);
      return;
    }
  }

  const runNext = (value, record) => run(record, NEXT, value);
  const runThrow = (reason, record) => run(record, reason === KILLED ? KILL : THROW, reason);

  function end(record, threw, value) {
    record.state = DRAINING_QUEUE;
    completeStep(record, threw, value, true);
    drain(record);
  }

  /** AsyncGeneratorDrainQueue with AsyncGeneratorAwaitReturn. */
  function drain(record) {
    for (let first = firstOf(record); first !== undefined; first = firstOf(record)) {
      const { mode, value } = first;
      if (mode !== RETURN) {
        completeStep(record, mode === THROW, mode === THROW ? value : undefined, true);
        continue;
      }
      try {
        awaitValue(value, drainNext, drainThrow, record);
        return;
      } catch (error) {
        completeStep(record, true, error, true);
      }
    }
    record.state = COMPLETED;
  }

  function drainNext(value, record) {
    completeStep(record, false, value, true);
    drain(record);
  }

  function drainThrow(reason, record) {
    completeStep(record, true, reason, true);
    drain(record);
  }

  /** AsyncGeneratorYield, of the body or of the iterator it delegates to. */
  function yieldValue(value, record) {
    record.awaits = undefined;
    completeStep(record, false, value, false);
    const request = firstOf(record);
    if (request === undefined) record.state = SUSPENDED_YIELD;
    else resume(record, request.mode, request.value);
  }

  /** Goes on after a yield: AsyncGeneratorUnwrapYieldResumption. */
  function resume(record, mode, value) {
    record.state = EXECUTING;
    if (mode !== RETURN) {
      deliver(record, mode, value);
      return;
    }
    try {
      awaitFor(record, value, deliverReturn, deliverThrow);
      return;
    } catch (error) {
      value = error;
    }
    deliver(record, THROW, value);
  }

  function deliver(record, mode, value) {
    record.awaits = undefined;
    if (record.delegate === undefined) run(record, mode, value);
    else delegate(record, mode, value);
  }

  const deliverReturn = (value, record) => deliver(record, RETURN, value);
  const deliverThrow = (reason, record) => deliver(record, THROW, reason);

  /** One turn of the loop that is `yield*`. */
  function delegate(record, mode, value) {
    const { iterator, next } = record.delegate;
    record.delegate.mode = mode;
    let isKilled = true;
    try {
      const method = mode === NEXT ? next : getMethod(iterator, mode === THROW ? 'throw' : 'return');
      let goOn;
      if (method !== undefined) {
        value = call(method, iterator, value);
        goOn = delegateNext;
      } else if (mode === RETURN) {
        goOn = leaveReturn;
      } else {
        const close = getMethod(iterator, 'return');
        if (close !== undefined) {
          value = call(close, iterator);
          goOn = leaveClosed;
        }
      }
      if (goOn !== undefined) awaitFor(record, value, goOn, leaveThrow);
      isKilled = false;
      if (goOn !== undefined) return;
      value = noThrowMethod();
    } catch (error) {
      isKilled = false;
      value = error;
    } finally {
      // As in `run`: what is killed within the other iterator has to end this one, too.
      if (isKilled) leave(record, KILL, KILLED);
    }
    leave(record, THROW, value);
  }

  function delegateNext(result, record) {
    record.awaits = undefined;
    let done;
    let value;
    try {
      requireObject(result);
      done = !!result.done;
      value = result.value;
    } catch (error) {
      leave(record, THROW, error);
      return;
    }
    if (!done) yieldValue(value, record);
    else leave(record, record.delegate.mode === RETURN ? RETURN : NEXT, value);
  }

  /** Ends `yield*`. */
  function leave(record, mode, value) {
    record.delegate = undefined;
    run(record, mode, value);
  }

  const leaveThrow = (reason, record) => leave(record, reason === KILLED ? KILL : THROW, reason);
  const leaveReturn = (value, record) => leave(record, RETURN, value);

  function leaveClosed(result, record) {
    let error;
    try {
      requireObject(result);
      error = noThrowMethod();
    } catch (notAnObject) {
      error = notAnObject;
    }
    leave(record, THROW, error);
  }

  const noThrowMethod = () => new TypeError("The iterator does not provide a 'throw' method.");

  /** The common beginning of the three methods; undefined where `promise` was rejected instead. */
  function validate(generator, name, promise) {
    const record = Slot.record(generator) ?? awaken(generator);
    if (record === undefined) {
      const message = `Method [AsyncGenerator].prototype.${name} called on incompatible receiver ${describe(generator)}`;
      rejectPromise(promise, new TypeError(message));
    }
    return record;
  }

  /** The record of an async generator whose `next` would be called, which a loop then asks for steps; else undefined. */
  function recordOf(iterator, next) {
    return next === methods.next ? (Slot.record(iterator) ?? awaken(iterator)) : undefined;
  }

  /** Asks for a value by what a loop awaits in place of what `next` would return. */
  function request(record, step) {
    const { state } = record;
    if (state === COMPLETED) {
      settleStep(step, false, undefined, true);
      return;
    }
    step.record = record;
    add(record, step);
    if (state === SUSPENDED_START) run(record, NEXT, undefined);
    else if (state === SUSPENDED_YIELD) resume(record, NEXT, undefined);
  }

  const methods = {
    next(value) {
      const promise = newPromise();
      const record = validate(this, 'next', promise);
      if (record === undefined) return promise;
      const { state } = record;
      if (state === COMPLETED) {
        resolveWithResult(promise, undefined, true);
        return promise;
      }
      enqueue(record, NEXT, value, promise);
      if (state === SUSPENDED_START) run(record, NEXT, undefined);
      else if (state === SUSPENDED_YIELD) resume(record, NEXT, value);
      return promise;
    },

    return(value) {
      const promise = newPromise();
      const record = validate(this, 'return', promise);
      if (record === undefined) return promise;
      const { state } = record;
      enqueue(record, RETURN, value, promise);
      if (state === SUSPENDED_START || state === COMPLETED) {
        record.state = DRAINING_QUEUE;
        drain(record);
      } else if (state === SUSPENDED_YIELD) {
        resume(record, RETURN, value);
      }
      return promise;
    },

    throw(exception) {
      const promise = newPromise();
      const record = validate(this, 'throw', promise);
      if (record === undefined) return promise;
      if (record.state === SUSPENDED_START) record.state = COMPLETED;
      const { state } = record;
      if (state === COMPLETED) {
        rejectPromise(promise, exception);
        return promise;
      }
      enqueue(record, THROW, exception, promise);
      if (state === SUSPENDED_YIELD) resume(record, THROW, exception);
      return promise;
    },
  };

  // Kills; see control.js. What the body awaits it does not go on with.

  function endAwait(record) {
    record.delegate = undefined;
    run(record, KILL, KILLED);
  }

  const killGenerator = (task, record) => redirect(task, record.awaits, record, endAwait);

  /** The task for which it goes on; undefined where that is not known. */
  const taskOfGenerator = ({ awaits, reaction }) => taskAt(awaits, reaction);

  /** Gives the realm's %AsyncGeneratorPrototype%, which keeps its place in the chain, the kernel's methods. */
  function installAsyncGenerators() {
    for (const name of ['next', 'return', 'throw']) {
      defineProperty(AsyncGeneratorPrototype, name, {
        value: methods[name],
        writable: true,
        enumerable: false,
        configurable: true,
      });
    }
  }

  iteration.useGenerators({ recordOf, request });

  return {
    beginAsync: begin,
    createAsyncGenerator,
    yieldOperand,
    delegateOperand,
    isOperand: Operand.is,
    operandKind: Operand.kind,
    operandValue: Operand.value,
    installAsyncGenerators,
    killGenerator,
    taskOfGenerator,
  };
};
