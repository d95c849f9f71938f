// An incremental solver of one-way constraints, in the style of deltablue: a class hierarchy with
// virtual methods, and lists that are built and dropped all the time.

function setup() {
  // Smaller is stronger.
  const REQUIRED = 0;
  const PREFERRED = 2;
  const DEFAULT = 4;
  const WEAKEST = 6;

  class Variable {
    constructor(value) {
      this.value = value;
      this.constraints = [];
      this.determinedBy = null;
      this.strength = WEAKEST;
      this.mark = 0;
    }
  }

  class Constraint {
    constructor(strength) {
      this.strength = strength;
      this.output = null;
    }
    variables() {
      return [];
    }
    execute() {}
    inputsMarked(_mark) {
      return false;
    }
    /** The weakest strength that could replace this constraint's hold on its output. */
    outputStrength() {
      return this.strength;
    }
    chooseOutput(mark) {
      let chosen = null;
      for (const variable of this.variables()) {
        if (variable.mark === mark || variable.strength <= this.strength) continue;
        if (chosen === null || variable.strength > chosen.strength) chosen = variable;
      }
      this.output = chosen;
      return chosen !== null;
    }
  }

  class Unary extends Constraint {
    constructor(strength, variable) {
      super(strength);
      this.variable = variable;
    }
    variables() {
      return [this.variable];
    }
  }

  class Stay extends Unary {}

  class Edit extends Unary {
    constructor(strength, variable) {
      super(strength, variable);
      this.wanted = 0;
    }
    execute() {
      this.output.value = this.wanted;
    }
  }

  class Binary extends Constraint {
    constructor(strength, left, right) {
      super(strength);
      this.left = left;
      this.right = right;
    }
    variables() {
      return [this.left, this.right];
    }
    input() {
      return this.output === this.left ? this.right : this.left;
    }
    inputsMarked(mark) {
      return this.input().mark === mark;
    }
    outputStrength() {
      return Math.max(this.strength, this.input().strength);
    }
  }

  class Equal extends Binary {
    execute() {
      this.output.value = this.input().value;
    }
  }

  class Linear extends Binary {
    constructor(strength, left, right, factor, offset) {
      super(strength, left, right);
      this.factor = factor;
      this.offset = offset;
    }
    execute() {
      if (this.output === this.right) this.right.value = this.left.value * this.factor + this.offset;
      else this.left.value = (this.right.value - this.offset) / this.factor;
    }
  }

  class Solver {
    constructor() {
      this.mark = 0;
    }
    add(constraint) {
      for (const variable of constraint.variables()) variable.constraints.push(constraint);
      this.satisfyAll(constraint);
    }
    satisfyAll(constraint) {
      const mark = ++this.mark;
      for (let next = constraint; next !== null; ) next = this.satisfy(next, mark);
    }
    satisfy(constraint, mark) {
      if (!constraint.chooseOutput(mark)) {
        if (constraint.strength === REQUIRED) throw new Error('a required constraint cannot hold');
        return null;
      }
      const output = constraint.output;
      const overridden = output.determinedBy;
      if (overridden !== null) overridden.output = null;
      output.determinedBy = constraint;
      for (const variable of constraint.variables()) if (variable !== output) variable.mark = mark;
      this.propagate(constraint);
      output.mark = mark;
      return overridden;
    }
    propagate(first) {
      const todo = [first];
      while (todo.length > 0) {
        const constraint = todo.pop();
        const output = constraint.output;
        output.strength = constraint.outputStrength();
        constraint.execute();
        this.collectUsers(output, todo);
      }
    }
    collectUsers(variable, into) {
      for (const constraint of variable.constraints) {
        if (constraint.output !== null && constraint.output !== variable) into.push(constraint);
      }
    }
    remove(constraint) {
      const output = constraint.output;
      for (const variable of constraint.variables()) {
        variable.constraints = variable.constraints.filter((other) => other !== constraint);
      }
      constraint.output = null;
      if (output === null) return;
      output.determinedBy = null;
      output.strength = WEAKEST;
      // What is downstream was determined by something weaker now; what could not hold may hold.
      const unsatisfied = [];
      const todo = [output];
      while (todo.length > 0) {
        const variable = todo.pop();
        for (const other of variable.constraints) {
          if (other.output === null) {
            unsatisfied.push(other);
          } else if (other.output !== variable) {
            other.output.strength = other.outputStrength();
            other.execute();
            todo.push(other.output);
          }
        }
      }
      unsatisfied.sort((a, b) => a.strength - b.strength);
      for (const other of unsatisfied) if (other.output === null) this.satisfyAll(other);
    }
    planFrom(edit) {
      const mark = ++this.mark;
      const plan = [];
      const todo = [edit];
      edit.output.mark = mark;
      while (todo.length > 0) {
        const constraint = todo.shift();
        plan.push(constraint);
        for (const user of constraint.output.constraints) {
          if (user.output === null || user.output.mark === mark || !user.inputsMarked(mark)) continue;
          user.output.mark = mark;
          todo.push(user);
        }
      }
      return plan;
    }
    change(variable, values) {
      const edit = new Edit(PREFERRED, variable);
      this.add(edit);
      const plan = this.planFrom(edit);
      for (const value of values) {
        edit.wanted = value;
        for (const constraint of plan) constraint.execute();
      }
      this.remove(edit);
    }
  }

  return { REQUIRED, DEFAULT, Variable, Stay, Equal, Linear, Solver };
}

function kernel(n, { REQUIRED, DEFAULT, Variable, Stay, Equal, Linear, Solver }) {
  const LENGTH = 60;
  const solver = new Solver();

  const chain = Array.from({ length: LENGTH }, (_, i) => new Variable(i));
  for (let i = 1; i < LENGTH; i++) solver.add(new Equal(REQUIRED, chain[i - 1], chain[i]));
  solver.add(new Stay(DEFAULT, chain[LENGTH - 1]));

  const sources = [];
  const targets = [];
  for (let i = 0; i < LENGTH; i++) {
    const source = new Variable(i);
    const target = new Variable(i);
    sources.push(source);
    targets.push(target);
    solver.add(new Stay(DEFAULT, source));
    solver.add(new Linear(REQUIRED, source, target, 1 + (i % 4), 10));
  }

  let sum = 0;
  for (let i = 0; i < n; i++) {
    const values = [i, i + 1, i + 2, i + 3, i + 4];
    solver.change(chain[i % 2 === 0 ? 0 : LENGTH - 1], values);
    sum += chain[0].value + chain[LENGTH - 1].value;
    const at = i % LENGTH;
    solver.change(sources[at], values);
    solver.change(targets[at], values);
    sum += sources[at].value + targets[at].value;
  }
  return sum;
}

module.exports = { name: 'constraints', group: 'objects', size: 10000, setup, kernel };
