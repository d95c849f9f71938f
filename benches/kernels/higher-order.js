// Callbacks of the array methods: calls that come from built-ins, and those that V8 inlines.

function kernel(n) {
  const people = Array.from({ length: n }, (_, i) => ({
    id: i,
    age: (i * 7919) % 90,
    city: `city ${(i * 31) % 50}`,
    income: ((i * 104729) % 100000) / 4,
  }));

  let sum = 0;
  for (let round = 0; round < 10; round++) {
    sum += people
      .filter(({ age }) => age >= 18 + round)
      .map(({ income, age }) => income * (age < 65 ? 0.8 : 0.9))
      .reduce((total, income) => total + income, 0);

    const byCity = people.reduce((groups, person) => {
      groups[person.city] ??= [];
      groups[person.city].push(person);
      return groups;
    }, {});
    sum += Object.entries(byCity)
      .map(([city, group]) => city.length * group.length)
      .reduce((a, b) => a + b, 0);

    const sorted = people.slice(0, n >> 2).sort((a, b) => a.age - b.age || b.income - a.income || a.id - b.id);
    sum += sorted.findIndex(({ age }) => age > 40) + sorted[sorted.length >> 1].id;
    sum += people.flatMap(({ id, age }) => (age > 80 ? [id, age] : [])).length;
    people.forEach((person, i) => {
      if (person.age > i % 91) sum++;
    });
    if (people.every(({ age }) => age < 90) && !people.some(({ income }) => income < 0)) sum++;
  }
  return sum;
}

module.exports = { name: 'higher-order', group: 'closures', size: 30000, kernel };
