// Calls as arguments of calls: three results are pending while the next is computed.

function kernel(n) {
  function tak(x, y, z) {
    return y >= x ? z : tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
  }
  let sum = 0;
  for (let i = 0; i < n; i++) sum += tak(18 + (i % 3), 12, 6);
  return sum;
}

module.exports = { name: 'tak', group: 'recursion', size: 100, kernel };
