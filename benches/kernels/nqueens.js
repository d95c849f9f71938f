// Backtracking: a loop around the recursive call, and state that outlives it.

function kernel(n) {
  const BOARD = 10;
  const columns = new Array(BOARD).fill(0);
  let solutions = 0;
  let hash = 0;

  function isFree(row, column) {
    for (let i = 0; i < row; i++) {
      const distance = columns[i] - column;
      if (distance === 0 || distance === row - i || distance === i - row) return false;
    }
    return true;
  }

  function place(row) {
    if (row === BOARD) {
      solutions++;
      for (const column of columns) hash = (Math.imul(hash, 31) + column) | 0;
      return;
    }
    for (let column = 0; column < BOARD; column++) {
      if (!isFree(row, column)) continue;
      columns[row] = column;
      place(row + 1);
    }
  }

  for (let i = 0; i < n; i++) place(0);
  return `${solutions}:${hash}`;
}

module.exports = { name: 'nqueens', group: 'recursion', size: 12, kernel };
