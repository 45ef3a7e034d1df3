// One conversion, read from the columns that data.py packed.
const MADE_OF_NOTHING = new Set([
  'builtin.parameter', 'builtin.constant', 'pd_op.full', 'pd_op.full_int_array', 'pd_op.assign_value_', 'fill_constant', 'assign_value']);

class Conversion {
  constructor(columns) {
    Object.assign(this, columns);
    this.size = columns.values.op.length;
    this.findings = new Map();
    for (const [op, finding] of columns.marks) {
      if (!this.findings.has(op)) this.findings.set(op, []);
      this.findings.get(op).push(finding);
    }
    this.givens = new Set(columns.inputs);
    this.results = new Set(columns.outputs);
    this.outputsOf = columns.ops.name.map(() => []);
    columns.values.op.forEach((op, value) => this.outputsOf[op]?.push(value));
    this.opText = columns.ops.name.map((index) => data.strings[index]);
    this.layerText = columns.layers.map((parts) => parts.join(' › '));
    this.shapeText = columns.shapeTable.map((shape) => `[${shape.map((size) => (size === -1 ? '?' : size)).join(', ')}]`);
    this.dimsText = columns.dimTable.map((dims) => `[${dims.map((index) => data.strings[index]).join(', ')}]`);
    this.placeText = columns.places.map(([file, line]) => `${data.strings[file].split(/[\\/]/).pop()}:${line}`);
    this.dynamicShape = columns.shapeTable.map((shape) => shape.some((size) => size < 0));
  }

  name(value) {
    const index = this.values.name[value];
    return index === undefined ? `%${value}` : data.strings[index];
  }

  op(value) { return this.opText[this.values.op[value]] ?? ''; }
  dtype(value) { return data.strings[this.values.dtype[value]]; }
  shape(value) { return this.shapeText[this.values.shape[value]]; }
  symbolic(value) { return this.dimsText[this.values.dims[value]] ?? ''; }
  layer(value) { return this.layerText[this.ops.layer[this.values.op[value]]] ?? ''; }
  line(value) { return this.placeText[this.ops.place[this.values.op[value]]] ?? ''; }
  dynamic(value) { return this.dynamicShape[this.values.shape[value]]; }

  place(op) {
    const place = this.places[this.ops.place[op]];
    if (!place) return '';
    const inside = data.strings[place[2]];
    return `${data.strings[place[0]]}:${place[1]}${inside ? ` (${inside})` : ''}`;
  }

  // The dims of a tensor as texts: symbolic where known, else as Paddle has them.
  dims(value) {
    const dims = this.dimTable[this.values.dims[value]];
    if (dims) return dims.map((index) => data.strings[index]);
    return this.shapeTable[this.values.shape[value]].map((size) => (size === -1 ? '?' : String(size)));
  }

  // The dims it holds as data, such as the result of paddle.shape.
  held(value) {
    return (this.dimTable[this.values.data[value]] ?? []).map((index) => data.strings[index]);
  }

  isGiven(op) { return this.outputsOf[op].some((value) => this.givens.has(this.name(value))); }

  isResult(op) { return this.outputsOf[op].some((value) => this.results.has(value)); }

  isConstant(op) {
    return MADE_OF_NOTHING.has(this.opText[op]) && !this.isGiven(op);
  }

  consumers(value) {
    if (!this.consumersOf) {
      this.consumersOf = Array.from({ length: this.size }, () => []);
      this.ops.inputs.forEach((inputs, op) => new Set(inputs).forEach((input) => input >= 0 && this.consumersOf[input].push(op)));
    }
    return this.consumersOf[value];
  }

  // The way of one dim back to where it starts, the tensor itself first. An axis of -1 - n is element n it holds.
  // Where a dim comes from several, the first is followed and the others are named: `others`, pairs of value and axis.
  way(value, axis) {
    const steps = [];
    const seen = new Set();
    while (value >= 0 && !seen.has(`${value},${axis}`)) {
      seen.add(`${value},${axis}`);
      const dims = this.dims(value);
      const place = axis >= 0 ? axis : dims.length - 1 - axis;
      const sources = (this.origins[value] || [])[place] || [];
      const others = [];
      for (let at = 2; at < sources.length; at += 2) others.push([sources[at], sources[at + 1]]);
      const dim = (axis >= 0 ? dims[axis] : this.held(value)[-1 - axis]) ?? '?';
      steps.push({ value, axis, dim, before: this.turns[value]?.[place], others });
      [value, axis] = sources.length ? sources : [-1, 0];
    }
    return steps;
  }
}
