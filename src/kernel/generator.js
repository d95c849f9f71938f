'use strict';

// Generators. A compiled generator function is still one to V8, which makes the object and binds the parameters, but its
// body does nothing but hand the frame of the real one to `begin`:
//
//   Input    function* f(a) { yield a; return 1; }
//   Output   function* f(a) { return begin([(the continuation), 0, this, null, 0, undefined, a]); }
//
// So the native `next` is called once, the first time, and from then on the frame stands behind the generator. Bodies in
// which names are looked up at run time stay V8's own.

const { DONE, IDLE, leave, NEXT, RESULT_YIELDED, RETURN, RUNNING, taken, THROW, YIELD } = require('leaving');
const { Same } = require('promise-operations');
const { steps } = require('channels/waiters');
const {
  ArrayIteratorPrototypeNext,
  call,
  defineProperty,
  getPrototypeOf,
  MapIteratorNext,
  SetIteratorNext,
  SymbolIterator,
  TypeError,
} = require('primordials');

/** The frame of all generators that have ended. */
const ENDED = [undefined, 0, undefined, null, DONE, undefined];

/** No generator. */
const NOBODY = { __proto__: null };

/** The frame that the next slot gets: V8 takes as long to set a field of what it does not know as to make it, so it is made with that. */
let given;

class Slot extends Same {
  #frame = given;

  static put(generator, frame) {
    given = frame;
    new Slot(generator);
    given = undefined;
  }

  static frame(value) {
    return #frame in value ? value.#frame : undefined;
  }

  static end(generator) {
    generator.#frame = ENDED;
  }
}

/**
 * @param {{resume: Function, again: Function, add: Function, raise: Function, SUSPENDED: object}} scheduler
 * @param {{step: Function, stepsOf: Function}} channels which take steps as generators do
 */
module.exports = function createGenerators({ resume, again, add, raise, SUSPENDED }, channels) {
  const GeneratorPrototype = getPrototypeOf(function* () {}).prototype;
  const natives = { next: GeneratorPrototype.next, return: GeneratorPrototype.return, throw: GeneratorPrototype.throw };
  /** The frame of the generator whose body has just begun. */
  let begun;
  /** What the native `next` has returned. */
  let native;
  /** Of which generator `next` was called last, and its frame: once there are five kinds of generators, a field is found slowly. */
  let last = NOBODY;
  let lastFrame;

  function begin(frame) {
    begun = frame;
  }

  function frameOf(value) {
    return (typeof value === 'object' && value !== null) || typeof value === 'function' ? Slot.frame(value) : undefined;
  }

  /**
   * Calls the native `next`, and puts the frame that it brings behind the generator. Where it brings none the body is V8's
   * own, and `takeNative` has the result.
   */
  function awaken(generator, value) {
    begun = undefined;
    native = call(natives.next, generator, value);
    const frame = begun;
    begun = undefined;
    if (frame !== undefined) {
      native = undefined;
      Slot.put(generator, frame);
    }
    return frame;
  }

  function takeNative() {
    const result = native;
    native = undefined;
    return result;
  }

  /** What `for-of` uses instead of a generator's `next`: its frame, from which `step` takes values without objects. */
  function nextOf(iterator, next) {
    if (next === methods.next) return drivenOf(iterator);
    // V8's own are most of the others.
    if (next === ArrayIteratorPrototypeNext || next === MapIteratorNext || next === SetIteratorNext) return next;
    return otherNext(iterator, next);
  }

  function otherNext(iterator, next) {
    return channels.stepsOf(iterator, next) ?? (typeof next === 'function' ? next : noMethod(next));
  }

  /** The same for `yield*`, which has read `next`; null for others than generators. */
  function innerOf(iterator, next) {
    return next === methods.next ? drivenOf(iterator) : null;
  }

  function drivenOf(generator) {
    // Mostly it has just been made: V8's generator is asked first, since where there is no field, looking for it takes as long.
    const frame = awaken(generator) ?? (native.done ? frameOf(generator) : undefined);
    return frame ?? [advanceNative, 0, undefined, null, IDLE, undefined, generator, takeNative()];
  }

  /** The continuation of a generator whose body is V8's; its first result is there already. */
  function advanceNative(frame, value) {
    const first = frame[7];
    frame[7] = undefined;
    frame[4] = RUNNING;
    let result;
    try {
      result = first ?? call(natives.next, frame[6], value);
    } catch (error) {
      frame[4] = DONE;
      throw error;
    }
    return result.done ? result.value : leave(frame, YIELD, result.value);
  }

  /** An iterator's `next` that cannot be called, which is an error once it is: V8 says which. */
  function noMethod(next) {
    const iterable = { __proto__: null, [SymbolIterator]: () => ({ __proto__: null, next }) };
    return () => {
      for (const _ of iterable);
    };
  }

  // The frames that `nextOf` and `innerOf` gave are driven by compiled code itself:
  //
  //   value = frame[4] === IDLE ? gave(frame, frame[0](frame, undefined, NEXT, frame[1])) : step(frame)
  //
  // since V8 knows there which continuation a loop calls, and here that it is any. A continuation says itself that it is RUNNING, and DONE when
  // it throws.

  /** The next value of a frame that is not idle; place 4 of the frame says whether there was one. */
  function step(frame) {
    return frame[0] === steps ? channels.step(frame) : pass(frame);
  }

  /** The next value of a frame by what its continuation has returned. */
  function gave(frame, outcome) {
    return frame[4] === IDLE ? taken(frame) : conclude(frame, outcome, valueOf);
  }

  /** The same for a frame that `innerOf` gave. */
  function pass(frame) {
    if (frame[4] === RUNNING) throw new TypeError('Generator is already running');
    return undefined;
  }

  /**
   * The next value of a frame that `innerOf` gave, or what its function has returned, as place 4 says. A result object, which
   * the frame hands on itself, stays in its place 5, which else is empty: it is to be handed on as it is.
   */
  function passed(frame, outcome) {
    return frame[4] === IDLE ? taken(frame) : conclude(frame, outcome, outcomeOf);
  }

  /** What comes of a continuation that did not yield. */
  function conclude(frame, returned, finish) {
    const outcome = again(frame, returned);
    return outcome === SUSPENDED ? add([goOnDriven, 0, undefined, null, frame, finish]) : finish(frame, outcome);
  }

  /** The rest of `conclude` by what ends it, where the task was suspended inside of the body. */
  function goOnDriven(saved, outcome, mode) {
    const frame = saved[4];
    const finish = saved[5];
    if (mode === NEXT) return finish(frame, outcome);
    frame[4] = DONE;
    return raise(mode, outcome);
  }

  function valueOf(frame, outcome) {
    const value = outcomeOf(frame, outcome);
    return outcome === RESULT_YIELDED ? taken(frame).value : value;
  }

  function outcomeOf(frame, outcome) {
    if (frame[4] === IDLE) return taken(frame);
    if (outcome === RESULT_YIELDED) {
      frame[4] = IDLE;
      return frame[5];
    }
    frame[4] = DONE;
    return outcome;
  }

  /** The first `next`, and all of a generator whose body is V8's. */
  function start(generator, value) {
    const frame = awaken(generator, value);
    return frame === undefined ? takeNative() : run(generator, frame, NEXT, undefined);
  }

  function run(generator, frame, mode, value) {
    if (frame[4] !== IDLE) return ended(frame, mode, value);
    let outcome;
    try {
      outcome = resume(frame, value, mode);
    } catch (error) {
      end(generator, frame);
      throw error;
    }
    if (frame[4] !== IDLE && outcome === SUSPENDED) return add([goOn, 0, undefined, null, generator, frame]);
    return resultOf(generator, frame, outcome);
  }

  /** The rest of `run` where the task was suspended inside of the body. */
  function goOn(saved, outcome, mode) {
    const generator = saved[4];
    const frame = saved[5];
    if (mode === NEXT) return resultOf(generator, frame, outcome);
    end(generator, frame);
    return raise(mode, outcome);
  }

  function resultOf(generator, frame, outcome) {
    if (frame[4] === IDLE) return { value: taken(frame), done: false };
    if (outcome === RESULT_YIELDED) {
      frame[4] = IDLE;
      return taken(frame);
    }
    end(generator, frame);
    return { value: outcome, done: true };
  }

  /** The body has ended: a loop that has the frame is to see it, and nothing else keeps it. */
  function end(generator, frame) {
    frame[4] = DONE;
    Slot.end(generator);
  }

  function ended(frame, mode, value) {
    if (frame[4] === RUNNING) throw new TypeError('Generator is already running');
    if (mode === THROW) throw value;
    return { value: mode === RETURN ? value : undefined, done: true };
  }

  /** Keeps no generator for nobody. */
  function forgetLast() {
    last = NOBODY;
    lastFrame = undefined;
  }

  const methods = {
    next(value) {
      if (this === last) return run(this, lastFrame, NEXT, value);
      const frame = frameOf(this);
      if (frame === undefined) return start(this, value);
      last = this;
      lastFrame = frame;
      return run(this, frame, NEXT, value);
    },

    return(value) {
      const frame = frameOf(this);
      return frame === undefined ? call(natives.return, this, value) : run(this, frame, RETURN, value);
    },

    throw(exception) {
      const frame = frameOf(this);
      return frame === undefined ? call(natives.throw, this, exception) : run(this, frame, THROW, exception);
    },
  };

  function installGenerators() {
    for (const name of ['next', 'return', 'throw']) {
      defineProperty(GeneratorPrototype, name, {
        value: methods[name],
        writable: true,
        enumerable: false,
        configurable: true,
      });
    }
  }

  return { begin, nextOf, innerOf, step, gave, pass, passed, forgetLast, installGenerators, natives };
};
