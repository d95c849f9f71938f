// Regular expressions, with callbacks from inside of built-ins.

function setup(n) {
  const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
  const lines = [];
  for (let i = 0; i < n; i++) {
    const address = `10.${i % 7}.${(i * 13) % 256}.${(i * 29) % 256}`;
    const time = `2024-0${1 + (i % 9)}-1${i % 10}T0${i % 10}:${10 + (i % 50)}:00Z`;
    const query = i % 3 === 0 ? `?user=u${i % 100}&page=${i % 17}` : '';
    const status = [200, 200, 304, 404, 500][i % 5];
    lines.push(`${address} - [${time}] "${METHODS[i % 4]} /path/${i % 50}/item${query}" ${status} ${i * 3}`);
  }
  return lines.join('\n');
}

function kernel(_n, text) {
  const LINE = /^(\d+\.\d+\.\d+\.\d+) - \[([^\]]+)\] "([A-Z]+) ([^ "]+)" (\d{3}) (\d+)$/;
  const DATE = /(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)T(?<hour>\d\d):(?<minute>\d\d)/;
  const TOKEN = /\s+|(\d+)|([A-Za-z_]\w*)|(.)/y;

  let hash = 0;
  const add = (value) => {
    hash = (Math.imul(hash, 31) + value) | 0;
  };

  for (const line of text.split('\n')) {
    const [, address, time, method, path, status, bytes] = LINE.exec(line);
    add(address.length + method.length + Number(status) + Number(bytes));
    const { year, month, day, hour, minute } = DATE.exec(time).groups;
    add(Number(year) * 366 + Number(month) * 31 + Number(day) + Number(hour) * 60 + Number(minute));
    for (const [, key, value] of path.matchAll(/[?&](\w+)=(\w+)/g)) add(key.length * 7 + value.length);
    add(path.replace(/\d+/g, (digits) => String(Number(digits) + 1)).length);

    let [numbers, words, others] = [0, 0, 0];
    TOKEN.lastIndex = 0;
    for (let match = TOKEN.exec(line); match !== null; match = TOKEN.exec(line)) {
      if (match[1] !== undefined) numbers++;
      else if (match[2] !== undefined) words++;
      else if (match[3] !== undefined) others++;
    }
    add(numbers * 100 + words * 10 + others);
  }
  add(text.match(/\b(?:404|500)\b/g).length);
  return hash;
}

module.exports = { name: 'regexp', group: 'data', size: 14000, setup, kernel };
