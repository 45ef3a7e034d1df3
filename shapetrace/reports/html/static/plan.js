// What of the graph is in view: closed layers as one box each, open ones as a frame around what they hold.
const MOST_CHILDREN = 40;
const MOST_BOXES = 260;

class Group {
  constructor(key, name, parent, kind) {
    Object.assign(this, { key, name, parent, kind, children: [], count: 0, first: Infinity });
  }
}

// The nesting of layers and ops. A layer that holds too many things to look at gets runs of them in between.
function nesting(root, conversion, withConstants) {
  const leafOf = new Map();
  const build = (layer, parent, key) => {
    const group = new Group(key, layer.name, parent, 'layer');
    const parts = [];
    for (const child of layer.children.values()) {
      const made = build(child, group, `${key}/${child.name}`);
      if (made.count) parts.push(made);
    }
    for (const op of layer.ops) {
      if (!withConstants && conversion.isConstant(op)) continue;
      const leaf = { key: `op${op}`, op, parent: group, first: op, count: 1 };
      leafOf.set(op, leaf);
      parts.push(leaf);
    }
    parts.sort((a, b) => a.first - b.first);
    group.count = parts.reduce((sum, part) => sum + part.count, 0);
    group.first = parts[0]?.first ?? Infinity;
    group.children = inRuns(parts, group);
    return group;
  };
  return { top: build(root, null, ''), leafOf };
}

function inRuns(parts, parent) {
  if (parts.length <= MOST_CHILDREN) { parts.forEach((part) => { part.parent = parent; }); return parts; }
  const size = Math.max(Math.ceil(parts.length / MOST_CHILDREN), Math.min(20, MOST_CHILDREN));
  const runs = [];
  for (let start = 0; start < parts.length; start += size) {
    const held = parts.slice(start, start + size);
    const run = new Group(`${parent.key}#${start}:${held.length}`, '', parent, 'run');
    run.first = held[0].first;
    run.count = held.reduce((sum, part) => sum + part.count, 0);
    run.children = inRuns(held, run);
    runs.push(run);
  }
  return inRuns(runs, parent);
}

class Plan {
  constructor(conversion, root) {
    this.conversion = conversion;
    this.root = root;
    this.open = new Set();
    this.nest(false);
    this.start();
  }

  nest(withConstants) {
    this.withConstants = withConstants;
    ({ top: this.top, leafOf: this.leafOf } = nesting(this.root, this.conversion, withConstants));
  }

  // Opens the outer layers for as long as the picture stays small.
  start() {
    this.open = new Set([this.top.key]);
    let front = this.top.children;
    while (front.length === 1 && front[0].children) {
      this.open.add(front[0].key);
      front = front[0].children;
    }
    for (const group of [...front].filter((part) => part.children).sort((a, b) => a.children.length - b.children.length)) {
      if (this.boxes().length + group.children.length > 28) break;
      this.open.add(group.key);
    }
  }

  boxes(group = this.top, found = []) {
    for (const part of group.children) {
      if (part.children && this.open.has(part.key)) this.boxes(part, found);
      else found.push(part);
    }
    return found;
  }

  frames(group = this.top, found = []) {
    for (const part of group.children) {
      if (part.children && this.open.has(part.key)) { found.push(part); this.frames(part, found); }
    }
    return found;
  }

  // False, and nothing changes, where opening it would make the picture too large to draw.
  toggle(group) {
    if (this.open.has(group.key)) { this.open.delete(group.key); return true; }
    if (this.boxes().length + group.children.length > MOST_BOXES) return false;
    this.open.add(group.key);
    return true;
  }

  // Opens all that stands around an op; closes other layers first if there is no room.
  reveal(op) {
    const leaf = this.leafOf.get(op);
    if (!leaf) return null;
    const around = [];
    for (let at = leaf.parent; at; at = at.parent) around.unshift(at);
    const needed = around.filter((group) => !this.open.has(group.key)).reduce((sum, group) => sum + group.children.length, 0);
    if (this.boxes().length + needed > MOST_BOXES) this.open = new Set([this.top.key]);
    for (const group of around) this.open.add(group.key);
    return leaf;
  }

  seen() {
    const boxOf = new Map();
    const boxes = this.boxes();
    const assign = (part, box) => {
      if (part.children) part.children.forEach((child) => assign(child, box));
      else boxOf.set(part.op, box);
    };
    boxes.forEach((box) => assign(box, box));
    const edges = new Map();
    this.conversion.ops.inputs.forEach((inputs, op) => {
      const to = boxOf.get(op);
      if (!to) return;
      for (const value of inputs) {
        if (value < 0) continue;
        const from = boxOf.get(this.conversion.values.op[value]);
        if (!from || from === to) continue;
        const key = `${from.key}\n${to.key}`;
        if (!edges.has(key)) edges.set(key, { from, to, values: new Set() });
        edges.get(key).values.add(value);
      }
    });
    return { boxes, frames: this.frames(), edges: [...edges.values()], boxOf };
  }
}
