// Nothing but calls of a tiny function: the worst case for whatever is paid per call.

function kernel(n) {
  function fib(k) {
    return k < 2 ? k : fib(k - 1) + fib(k - 2);
  }
  return fib(n);
}

module.exports = { name: 'fib', group: 'recursion', size: 33, kernel };
