// Deep rather than broad: the stack grows to a thousand frames and shrinks again, over and over.

function kernel(n) {
  function ackermann(m, k) {
    if (m === 0) return k + 1;
    if (k === 0) return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, k - 1));
  }
  let sum = 0;
  for (let i = 0; i < n; i++) sum += ackermann(3, 6 + (i & 1));
  return sum;
}

module.exports = { name: 'ackermann', group: 'recursion', size: 30, kernel };
