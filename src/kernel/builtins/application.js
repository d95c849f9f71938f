'use strict';

// Function.prototype.apply, Reflect.apply and Reflect.construct read a list before they call, and reading may run what users
// wrote: getters, a proxy's traps. V8 leaves no frame of these three, so the stack walk would see that at the place of the
// call and take it for what is called, which would then be what a suspended getter returned.
//
// So the list is read by a call of its own, at a place that is no listed one: what runs there has a native frame below,
// as every getter has. The function is then called with an array that has nothing to run. It costs one copy of the list,
// and compiled code does without where the text shows that reading calls nothing (`apply.rs` in the compiler).
//
// `Reflect.construct` is in `construction.js`.

const { apply, call, FunctionPrototypeApply, ReflectApply } = require('primordials');

const collect = (...list) => list;

const functionPrototype = {
  apply(thisArg, list) {
    // The native method throws then, before it looks at the list.
    if (typeof this !== 'function') FunctionPrototypeApply(this, thisArg, list);
    if (list === undefined || list === null) return call(this, thisArg);
    const elements = ReflectApply(collect, undefined, list);
    return apply(this, thisArg, elements);
  },
};

const reflect = {
  apply(target, thisArg, list) {
    if (typeof target !== 'function') ReflectApply(target, thisArg, list);
    const elements = ReflectApply(collect, undefined, list);
    return apply(target, thisArg, elements);
  },
};

module.exports = { functionPrototype, reflect };
