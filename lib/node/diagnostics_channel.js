'use strict';

// A program's own script may have a variable of the name.
const { queueMicrotask } = globalThis;

// Channels by which packages tell whoever listens what they do, such as `lru-cache`. In tasks mostly nobody does.

const channels = new Map();

function check(subscriber) {
  if (typeof subscriber === 'function') return;
  const error = new TypeError('The "subscription" argument must be of type function');
  error.code = 'ERR_INVALID_ARG_TYPE';
  throw error;
}

class Channel {
  #subscribers = [];
  #stores = new Map();

  constructor(name) {
    this.name = name;
  }

  get hasSubscribers() {
    return this.#subscribers.length > 0 || this.#stores.size > 0;
  }

  subscribe(subscriber) {
    check(subscriber);
    // Those that are being told are told to the end.
    this.#subscribers = [...this.#subscribers, subscriber];
  }

  unsubscribe(subscriber) {
    const index = this.#subscribers.indexOf(subscriber);
    if (index === -1) return false;
    this.#subscribers = this.#subscribers.toSpliced(index, 1);
    return true;
  }

  bindStore(store, transform) {
    this.#stores.set(store, transform);
  }

  unbindStore(store) {
    return this.#stores.delete(store);
  }

  publish(message) {
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(message, this.name);
      } catch (error) {
        // As in Node: whoever publishes does not hear of it.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  runStores(context, fn, receiver, ...args) {
    let run = () => {
      this.publish(context);
      return Reflect.apply(fn, receiver, args);
    };
    for (const [store, transform] of this.#stores) {
      const next = run;
      run = () => store.run(transform === undefined ? context : transform(context), next);
    }
    return run();
  }
}

function channel(name) {
  if (typeof name !== 'string' && typeof name !== 'symbol') {
    const error = new TypeError('The "channel" argument must be of type string or symbol');
    error.code = 'ERR_INVALID_ARG_TYPE';
    throw error;
  }
  let found = channels.get(name);
  if (found === undefined) {
    found = new Channel(name);
    channels.set(name, found);
  }
  return found;
}

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];

/** Tells of the steps of one operation by a channel for each. */
class TracingChannel {
  constructor(nameOrChannels) {
    for (const event of EVENTS) {
      this[event] =
        typeof nameOrChannels === 'string' ? channel(`tracing:${nameOrChannels}:${event}`) : nameOrChannels[event];
    }
  }

  get hasSubscribers() {
    return EVENTS.some((event) => this[event]?.hasSubscribers);
  }

  subscribe(handlers) {
    for (const event of EVENTS) if (handlers[event] !== undefined) this[event]?.subscribe(handlers[event]);
  }

  unsubscribe(handlers) {
    let done = true;
    for (const event of EVENTS) {
      if (handlers[event] !== undefined && this[event]?.unsubscribe(handlers[event]) !== true) done = false;
    }
    return done;
  }

  #fail(context, error) {
    context.error = error;
    this.error.publish(context);
  }

  /** Runs a function between `start` and `end`. */
  #within(context, run) {
    return this.start.runStores(context, () => {
      try {
        return run();
      } catch (error) {
        this.#fail(context, error);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }

  traceSync(fn, context = {}, receiver, ...args) {
    if (!this.hasSubscribers) return Reflect.apply(fn, receiver, args);
    return this.#within(context, () => {
      context.result = Reflect.apply(fn, receiver, args);
      return context.result;
    });
  }

  tracePromise(fn, context = {}, receiver, ...args) {
    if (!this.hasSubscribers) return Reflect.apply(fn, receiver, args);
    const settle = (key, value) => {
      context[key] = value;
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
    };
    return this.#within(context, () =>
      Promise.resolve(Reflect.apply(fn, receiver, args)).then(
        (result) => {
          settle('result', result);
          return result;
        },
        (error) => {
          this.#fail(context, error);
          settle('error', error);
          throw error;
        },
      ),
    );
  }

  traceCallback(fn, position = -1, context = {}, receiver = undefined, ...args) {
    if (!this.hasSubscribers) return Reflect.apply(fn, receiver, args);
    const at = position < 0 ? args.length + position : position;
    const callback = args[at];
    check(callback);
    const traced = (error, result, ...rest) => {
      if (error) this.#fail(context, error);
      else context.result = result;
      return this.asyncStart.runStores(context, () => {
        try {
          return Reflect.apply(callback, receiver, [error, result, ...rest]);
        } finally {
          this.asyncEnd.publish(context);
        }
      });
    };
    return this.#within(context, () => Reflect.apply(fn, receiver, args.toSpliced(at, 1, traced)));
  }
}

module.exports = {
  Channel,
  channel,
  hasSubscribers: (name) => channels.get(name)?.hasSubscribers ?? false,
  subscribe: (name, subscriber) => channel(name).subscribe(subscriber),
  tracingChannel: (nameOrChannels) => new TracingChannel(nameOrChannels),
  unsubscribe: (name, subscriber) => channel(name).unsubscribe(subscriber),
};
