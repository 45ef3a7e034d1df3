// Draws a plan: dagre places the boxes, this paints them, moves the view and listens.
const LONGEST_LABEL = 26;
const measure = document.createElement('canvas').getContext('2d');

function textWidth(text, font) {
  measure.font = font;
  return measure.measureText(text).width;
}

class Graph {
  constructor(onTensor, onOp) {
    Object.assign(this, { onTensor, onOp, view: { x: 0, y: 0, scale: 1 }, route: new Set(), stale: true });
    this.canvas = byId('canvas');
    this.stage = drawn('g');
    this.svg = drawn('svg', { role: 'group', 'aria-label': t('Graph') },
      drawn('defs', {}, drawn('marker', { id: 'arrow', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: 'userSpaceOnUse', orient: 'auto-start-reverse' },
        drawn('path', { d: 'M0 0L8 4L0 8z', class: 'head-mark' }))), this.stage);
    this.canvas.append(this.svg);
    new IntersectionObserver((entries) => { this.near = entries[0].isIntersecting; if (this.near) this.fresh(); }, { rootMargin: '300px' }).observe(this.canvas);
    movable(this);
    this.svg.addEventListener('keydown', (event) => this.key(event));
    byId('zoom-in').addEventListener('click', () => this.zoom(1.3));
    byId('zoom-out').addEventListener('click', () => this.zoom(1 / 1.3));
    byId('fit').addEventListener('click', () => this.fit());
    byId('collapse').addEventListener('click', () => { this.plan.start(); this.redraw(); this.fit(); });
    byId('graph-constants').addEventListener('change', (event) => { this.plan.nest(event.target.checked); this.redraw(); });
    byId('find').addEventListener('input', delayed(() => this.find(byId('find').value), 150));
    byId('find').addEventListener('keydown', (event) => { if (event.key === 'Enter') { event.preventDefault(); this.nextHit(event.shiftKey ? -1 : 1); } });
  }

  show(conversion, root) {
    this.conversion = conversion;
    this.plan = new Plan(conversion, root);
    this.plan.nest(byId('graph-constants').checked);
    this.plan.start();
    this.route = new Set();
    this.focused = null;
    this.stale = this.unseen = true;
    if (this.near) this.fresh();
  }

  // Lays out only once somebody can see it.
  fresh() {
    if (!this.stale || !this.plan) return;
    this.redraw();
    this.fit();
    if (this.unseen && this.conversion.focus >= 0) this.reveal(this.conversion.focus);
    this.unseen = false;
  }

  redraw() {
    this.stale = false;
    const { boxes, frames, edges, boxOf } = this.plan.seen();
    this.boxOf = boxOf;
    const layout = new dagre.graphlib.Graph({ compound: true });
    layout.setGraph({ rankdir: 'TB', nodesep: 26, ranksep: 38, edgesep: 14, marginx: 12, marginy: 12, ranker: boxes.length > 120 ? 'longest-path' : 'network-simplex' });
    layout.setDefaultEdgeLabel(() => ({}));
    for (const part of [...frames, ...boxes]) {
      layout.setNode(part.key, this.plan.open.has(part.key) ? { label: '' } : this.sized(part));
      if (part.parent && part.parent !== this.plan.top) layout.setParent(part.key, part.parent.key);
    }
    for (const edge of edges) {
      edge.label = this.edgeText(edge);
      layout.setEdge(edge.from.key, edge.to.key, { width: edge.label.length * 6.7, height: 14, labelpos: 'r', labeloffset: 6 });
    }
    dagre.layout(layout);
    this.layout = layout;
    this.drawnBoxes = new Map();
    this.stage.replaceChildren(
      ...frames.map((frame) => this.frame(frame, layout.node(frame.key))),
      ...this.edges(edges),
      ...boxes.map((box) => this.box(box, layout.node(box.key))));
    this.size = layout.graph();
    byId('graph-status').textContent = t('{boxes} boxes for {ops} ops', { boxes: number(boxes.length), ops: number(this.plan.top.count) });
    this.tabStop(this.drawnBoxes.get(this.focused) ? this.focused : boxes[0]?.key);
    this.move();
  }

  title(part) {
    if (part.kind === 'layer') return part.name;
    if (part.kind === 'run') return t('{count} ops', { count: number(part.count) });
    const value = this.conversion.outputsOf[part.op][0];
    const given = this.conversion.isGiven(part.op);
    return given && value !== undefined ? this.conversion.name(value) : this.conversion.opText[part.op].replace(/^pd_op\./, '');
  }

  subtitle(part) {
    if (part.kind === 'layer') return t('{count} ops', { count: number(part.count) });
    if (part.kind === 'run') return '';
    const value = this.conversion.outputsOf[part.op][0];
    return value === undefined ? '' : this.conversion.symbolic(value) || this.conversion.shape(value);
  }

  marked(part) {
    if (part.children) return part.children.some((child) => this.marked(child));
    return this.conversion.findings.has(part.op);
  }

  sized(part) {
    const title = shorten(this.title(part), LONGEST_LABEL);
    const below = shorten(this.subtitle(part), LONGEST_LABEL);
    const width = Math.max(textWidth(title, '13px system-ui'), textWidth(below, '11px system-ui'));
    return { width: Math.max(60, width + (this.marked(part) ? 48 : 32)), height: below ? 42 : 30, title, below };
  }

  edgeText(edge) {
    if (edge.values.size > 1) return t('{count} tensors', { count: number(edge.values.size) });
    const value = edge.values.values().next().value;
    return shorten(this.conversion.symbolic(value) || this.conversion.shape(value), 26);
  }

  box(part, at) {
    const op = part.op;
    const kind = part.children ? 'layer' : this.conversion.isGiven(op) ? 'input' : this.conversion.isResult(op) ? 'output' : 'op';
    const marked = this.marked(part);
    const round = { layer: 5, op: 2, input: 16, output: 16 }[kind];
    const name = `${this.title(part)} ${this.subtitle(part)}${marked ? ` (${t('A finding stands here')})` : ''}`;
    const group = drawn('g', { class: `${kind}${marked ? ' marked' : ''}`, role: 'button', tabindex: -1, 'aria-label': name, 'aria-expanded': part.children ? 'false' : null, transform: `translate(${at.x - at.width / 2} ${at.y - at.height / 2})` },
      drawn('title', {}, name),
      drawn('rect', { class: 'box', width: at.width, height: at.height, rx: round }),
      label(part.children ? `▸ ${at.title}` : at.title, at.width / 2, at.below ? 18 : 20),
      at.below ? label(at.below, at.width / 2, 33, 'small') : null,
      marked ? label('◆', at.width - 9, 14, 'badge') : null);
    group.addEventListener('click', () => { if (!this.dragged) this.press(part); });
    this.drawnBoxes.set(part.key, group);
    group.stands = part;
    return group;
  }

  frame(part, at) {
    const title = `▾ ${shorten(this.title(part), 40)}`;
    const header = drawn('g', { class: 'header', role: 'button', tabindex: -1, 'aria-expanded': 'true', 'aria-label': this.title(part) },
      drawn('rect', { class: 'bar-box', width: Math.min(at.width, textWidth(title, '13px system-ui') + 18), height: 20, fill: 'transparent' }),
      label(title, 8, 14, '', 'start'));
    header.addEventListener('click', () => { if (!this.dragged) this.press(part); });
    header.stands = part;
    this.drawnBoxes.set(part.key, header);
    return drawn('g', { class: 'cluster', transform: `translate(${at.x - at.width / 2} ${at.y - at.height / 2})` },
      drawn('rect', { class: 'box', width: at.width, height: at.height, rx: 6 }), header);
  }

  // All lines first, so that none crosses out a label. On the way is a line from one of its tensors to another.
  edges(edges) {
    const onWay = new Set([...this.route].map((value) => this.boxOf.get(this.conversion.values.op[value])));
    const lines = [];
    const labels = [];
    for (const edge of edges) {
      const at = this.layout.edge(edge.from.key, edge.to.key);
      const points = at.points.map((point) => `${point.x.toFixed(1)} ${point.y.toFixed(1)}`);
      const routed = onWay.has(edge.to) && [...edge.values].some((value) => this.route.has(value));
      lines.push(drawn('path', { class: `edge${routed ? ' on-way' : ''}`, d: `M${points.join('L')}`, 'marker-end': 'url(#arrow)' }));
      labels.push(drawn('text', { class: 'edge-label', x: at.x, y: at.y + 4, 'text-anchor': 'middle' }, edge.label));
    }
    return [...lines, ...labels];
  }

  press(part) {
    this.focused = part.key;
    if (!part.children) {
      this.tabStop(part.key);
      this.onOp(part.op);
      return;
    }
    const before = this.layout.node(part.key);
    if (!this.plan.toggle(part)) {
      byId('graph-status').textContent = t('Close another layer first: there is no room for {count} more boxes.', { count: number(part.children.length) });
      return;
    }
    this.redraw();
    const after = this.layout.node(part.key);
    this.view.x += (before.x - after.x) * this.view.scale;  // what was pressed stays where it was
    this.view.y += (before.y - before.height / 2 - after.y + after.height / 2) * this.view.scale;
    this.move();
    this.drawnBoxes.get(part.key)?.focus({ preventScroll: true });
  }

  tabStop(key) {
    this.drawnBoxes.get(this.stop)?.setAttribute('tabindex', -1);
    this.stop = key;
    this.drawnBoxes.get(key)?.setAttribute('tabindex', 0);
  }

  // Bolds the way of a dim: the tensors it went through.
  highlight(values) {
    this.route = new Set(values);
    if (!this.stale) this.redraw();
    this.mark();
  }

  mark() {
    for (const group of this.drawnBoxes?.values() ?? []) group.classList.remove('on-way');
    for (const value of this.route) {
      const box = this.boxOf?.get(this.conversion.values.op[value]);
      if (box) this.drawnBoxes.get(box.key)?.classList.add('on-way');
    }
  }

  reveal(op) {
    if (!this.plan.leafOf.has(op) && !this.plan.withConstants) {
      byId('graph-constants').checked = true;
      this.plan.nest(true);
    }
    const leaf = this.plan.reveal(op);
    if (!leaf) return;
    this.redraw();
    this.mark();
    this.focus(leaf.key);
  }

  focus(key) {
    const at = this.layout.node(key);
    if (!at) return;
    for (const group of this.stage.querySelectorAll('.found')) group.classList.remove('found');
    this.focused = key;
    this.tabStop(key);
    this.drawnBoxes.get(key)?.classList.add('found');
    if (this.view.scale < 0.6) this.view.scale = 0.9;
    this.view.x = this.canvas.clientWidth / 2 - at.x * this.view.scale;
    this.view.y = this.canvas.clientHeight / 2 - at.y * this.view.scale;
    this.move();
  }

  find(text) {
    const wanted = text.trim().toLowerCase();
    const c = this.conversion;
    this.hits = [];
    this.hit = -1;
    if (!wanted) { this.redraw(); return; }
    c.opText.forEach((name, op) => {
      if (!this.plan.leafOf.has(op)) return;
      const found = name.toLowerCase().includes(wanted) || (c.layerText[c.ops.layer[op]] ?? '').toLowerCase().includes(wanted)
        || c.outputsOf[op].some((value) => c.name(value).toLowerCase().includes(wanted));
      if (found) this.hits.push(op);
    });
    if (this.hits.length) this.nextHit(1);
    else byId('graph-status').textContent = t('Nothing found.');
  }

  nextHit(by) {
    if (!this.hits?.length) return;
    this.hit = (this.hit + by + this.hits.length) % this.hits.length;
    this.reveal(this.hits[this.hit]);
    byId('graph-status').textContent = t('{place} of {all} found', { place: number(this.hit + 1), all: number(this.hits.length) });
  }

  fit() {
    if (this.stale) { this.fresh(); return; }
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const scale = Math.min(1.15, (width - 16) / this.size.width, (height - 16) / this.size.height);
    this.view.scale = Math.max(scale, 0.32);  // smaller cannot be read: then its top is shown
    this.view.x = (width - this.size.width * this.view.scale) / 2;
    this.view.y = scale < this.view.scale ? 8 : (height - this.size.height * this.view.scale) / 2;
    this.move();
  }

  // The whole picture, as large as the paper lets it be, which has another size than the window.
  beforePrint() {
    this.fresh();
    this.svg.setAttribute('viewBox', `0 0 ${this.size.width} ${this.size.height}`);
    this.stage.removeAttribute('transform');
  }

  afterPrint() {
    this.svg.removeAttribute('viewBox');
    this.move();
  }

  zoom(factor, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    const scale = Math.min(3, Math.max(0.05, this.view.scale * factor));
    this.view.x = x - ((x - this.view.x) * scale) / this.view.scale;
    this.view.y = y - ((y - this.view.y) * scale) / this.view.scale;
    this.view.scale = scale;
    this.move();
  }

  move() { this.stage.setAttribute('transform', `translate(${this.view.x} ${this.view.y}) scale(${this.view.scale})`); }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const part = event.target.stands;  // not `part`, which every element has
    if (event.key === '+' || event.key === '=') this.zoom(1.2);
    else if (event.key === '-') this.zoom(1 / 1.2);
    else if (event.key === '0') this.fit();
    else if (!part) return;
    else if (event.key === 'Enter' || event.key === ' ') this.press(part);
    else if (event.key === 'Escape' && part.parent && part.parent !== this.plan.top) this.press(part.parent);
    else if (event.key.startsWith('Arrow')) this.step(part, event.key.slice(5));
    else return;
    event.preventDefault();
  }

  // To the nearest box in a direction; being off to the side counts double.
  step(part, direction) {
    const from = this.layout.node(part.key);
    const [dx, dy] = { Up: [0, -1], Down: [0, 1], Left: [-1, 0], Right: [1, 0] }[direction];
    let best = null;
    let least = Infinity;
    for (const key of this.drawnBoxes.keys()) {
      const at = this.layout.node(key);
      const along = (at.x - from.x) * dx + (at.y - from.y) * dy;
      const aside = Math.abs((at.x - from.x) * dy) + Math.abs((at.y - from.y) * dx);
      const far = along + 2 * aside;
      if (key !== part.key && along > 4 && far < least) [best, least] = [key, far];
    }
    if (best === null) return;
    this.focus(best);
    this.drawnBoxes.get(best).focus({ preventScroll: true });
  }
}

function label(text, x, y, style = '', anchor = 'middle') {
  return drawn('text', { class: style, x, y, 'text-anchor': anchor }, text);
}

// Dragging with mouse or finger, pinching, and Ctrl with the wheel.
function movable(graph) {
  const fingers = new Map();
  const { svg } = graph;
  svg.addEventListener('pointerdown', (event) => {
    if (!fingers.size) graph.dragged = false;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY, start: [event.clientX, event.clientY] });
  });
  svg.addEventListener('pointermove', (event) => {
    const finger = fingers.get(event.pointerId);
    if (!finger) return;
    const others = [...fingers.entries()].filter(([id]) => id !== event.pointerId).map(([, other]) => other);
    if (others.length) {
      const distance = (x, y) => Math.hypot(x - others[0].x, y - others[0].y);
      const box = svg.getBoundingClientRect();
      graph.zoom(distance(event.clientX, event.clientY) / Math.max(1, distance(finger.x, finger.y)), event.clientX - box.left, event.clientY - box.top);
      graph.dragged = true;
    } else if (graph.dragged || Math.hypot(event.clientX - finger.start[0], event.clientY - finger.start[1]) > 4) {
      if (!graph.dragged) svg.setPointerCapture(event.pointerId);
      graph.dragged = true;
      graph.view.x += event.clientX - finger.x;
      graph.view.y += event.clientY - finger.y;
      graph.move();
    }
    [finger.x, finger.y] = [event.clientX, event.clientY];
  });
  for (const end of ['pointerup', 'pointercancel']) svg.addEventListener(end, (event) => fingers.delete(event.pointerId));
  svg.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const box = svg.getBoundingClientRect();
    graph.zoom(Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
}
