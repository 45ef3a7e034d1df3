// The tree of layers, as the paths of the ops have it. Each node knows the ops below it.
class Layer {
  constructor(name, parent) {
    this.name = name;
    this.parent = parent;
    this.children = new Map();
    this.ops = [];
    this.indices = new Set();
    this.tensors = 0;
    this.findings = 0;
  }
}

function layerTree(conversion) {
  const root = new Layer('', null);
  const nodes = conversion.layers.map((path) => path.reduce((at, name) => {
    if (!at.children.has(name)) at.children.set(name, new Layer(name, at));
    return at.children.get(name);
  }, root));
  nodes.forEach((node, index) => { for (let at = node; at; at = at.parent) at.indices.add(index); });
  conversion.ops.layer.forEach((layer, op) => {
    nodes[layer].ops.push(op);
    for (let at = nodes[layer]; at; at = at.parent) {
      if (!conversion.isConstant(op)) at.tensors += conversion.outputsOf[op].length;
      at.findings += conversion.findings.has(op) ? 1 : 0;
    }
  });
  return root;
}

class LayerList {
  constructor(onPick) {
    this.onPick = onPick;
    this.box = byId('layers');
  }

  show(root) {
    this.chosen = null;
    const all = this.pick(root, t('all layers'));
    all.setAttribute('aria-pressed', 'true');
    this.chosen = all;
    const list = element('ul', {}, element('li', {}, element('div', { class: 'row' }, all)), ...this.items(root, 0));
    this.box.replaceChildren(list);
  }

  items(layer, depth) { return [...layer.children.values()].map((child) => this.item(child, depth)); }

  item(layer, depth) {
    const hasChildren = layer.children.size > 0;
    const twist = element('button', { type: 'button', class: 'twist', disabled: !hasChildren, 'aria-label': t('Open or close {name}', { name: shorten(layer.name, 60) }) }, '▸');
    const item = element('li', {}, element('div', { class: 'row' }, twist, this.pick(layer, layer.name)));
    let below = null;
    const toggle = () => {
      if (below) { below.remove(); below = null; } else { below = element('ul', {}, ...this.items(layer, depth + 1)); item.append(below); }
      twist.textContent = below ? '▾' : '▸';
      twist.setAttribute('aria-expanded', String(Boolean(below)));
    };
    if (hasChildren) {
      twist.setAttribute('aria-expanded', 'false');
      twist.addEventListener('click', toggle);
      if (depth < 2 && layer.children.size < 30) toggle();
    }
    return item;
  }

  pick(layer, name) {
    const button = element('button', { type: 'button', class: 'pick', 'aria-pressed': 'false', title: name.length > 24 ? name : null },
      element('bdi', {}, name),
      element('span', {}, layer.findings ? element('span', { class: 'hit', title: t('A finding stands here') }, '◆ ') : null, element('span', { class: 'n' }, number(layer.tensors))));
    button.addEventListener('click', () => {
      this.chosen?.setAttribute('aria-pressed', 'false');
      button.setAttribute('aria-pressed', 'true');
      this.chosen = button;
      this.onPick(layer);
    });
    return button;
  }
}
