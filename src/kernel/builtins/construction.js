'use strict';

// Reflect.construct, which reads its list first, as `application.js` tells. Then it reads the `prototype` of `new.target`, at
// the place of the call, as `new` does. So it is in a file of its own: of this one's calls the stack walk asks what it
// asks of a `new`.

const { construct, ReflectConstruct } = require('primordials');

/** Constructed with a constructor as `new.target`, it gives the list. Since it is derived it reads no `prototype` of that. */
class Collector extends Object {
  // biome-ignore lint/correctness/noUnreachableSuper: there is no object
  constructor(...list) {
    // biome-ignore lint/correctness/noConstructorReturn: the list is what it is called for
    return list;
  }
}

const NO_ARGUMENTS = [];

const reflect = {
  construct(target, list, ...rest) {
    let newTarget = target;
    if (rest.length > 0) {
      newTarget = rest[0];
      // The native function throws if it is no constructor.
      ReflectConstruct(Collector, NO_ARGUMENTS, target);
    }
    const elements = ReflectConstruct(Collector, list, newTarget);
    return construct(target, elements, newTarget);
  },
};

module.exports = { reflect };
