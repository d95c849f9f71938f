// Many short loops with bounds that change: entering and leaving a loop counts as much as its body.

function kernel(n) {
  // More permutations than are looked at.
  const LENGTH = 10;
  const order = Int8Array.from({ length: LENGTH }, (_, i) => i);
  const flipped = new Int8Array(LENGTH);
  const counts = new Int8Array(LENGTH);
  let most = 0;
  let checksum = 0;
  let sign = 1;

  for (let looked = 0; looked < n; looked++) {
    if (order[0] !== 0) {
      for (let i = 0; i < LENGTH; i++) flipped[i] = order[i];
      let flips = 0;
      for (let top = flipped[0]; top !== 0; top = flipped[0]) {
        for (let low = 0, high = top; low < high; low++, high--) {
          const held = flipped[low];
          flipped[low] = flipped[high];
          flipped[high] = held;
        }
        flips++;
      }
      if (flips > most) most = flips;
      checksum += sign * flips;
    }
    sign = -sign;

    // The next permutation: each prefix is rotated as often as it is long, the shorter ones first.
    let length = 1;
    for (;;) {
      const first = order[0];
      for (let i = 0; i < length; i++) order[i] = order[i + 1];
      order[length] = first;
      if (++counts[length] <= length) break;
      counts[length++] = 0;
    }
  }
  return `${most}:${checksum}`;
}

module.exports = { name: 'fannkuch', group: 'loops', size: 1000000, kernel };
