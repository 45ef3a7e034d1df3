// Brings the parts together.
function themes() {
  const button = byId('theme');
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches);
  const say = () => { button.textContent = isDark() ? t('Light') : t('Dark'); };
  button.hidden = false;
  button.addEventListener('click', () => { root.dataset.theme = isDark() ? 'light' : 'dark'; say(); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', say);
  say();
}

const allConversions = data.conversions.map((columns) => new Conversion(columns));

function explorer() {
  const conversions = allConversions;
  let conversion = null;
  const openTensor = (value, axis) => panel.open(conversion, value, axis);
  const table = new Table(openTensor);
  const graph = new Graph(openTensor, (op) => { const value = conversion.outputsOf[op][0]; if (value !== undefined) openTensor(value); });
  const source = !byId('files') ? null : new Source((index, tensor, axis) => { show(index); openTensor(tensor, axis); });
  const panel = new WayPanel(source, (values) => graph.highlight(values), (op) => {
    if (matchMedia('(max-width: 40rem)').matches) panel.hide();
    byId('graph').scrollIntoView();
    graph.reveal(op);
  });
  const layers = new LayerList((layer) => table.restrict(layer.parent ? layer.indices : null));

  const show = (index) => {
    if (conversion === conversions[index]) return;
    conversion = conversions[index];
    const root = layerTree(conversion);
    table.show(conversion);
    layers.show(root);
    graph.show(conversion, root);
    if (byId('conversion')) byId('conversion').value = index;
  };
  byId('conversion')?.addEventListener('change', (event) => { panel.hide(); show(Number(event.target.value)); });
  for (const box of document.querySelectorAll('.open')) {
    box.hidden = false;
    box.addEventListener('click', ({ target }) => {
      const { conversion: index, tensor, axis } = target.dataset;
      if (tensor === undefined) return;
      show(Number(index));
      openTensor(Number(tensor), Number(axis));
    });
  }
  addEventListener('beforeprint', () => { source?.beforePrint(); table.beforePrint(); graph.beforePrint(); });
  addEventListener('afterprint', () => { source?.afterPrint(); table.afterPrint(); graph.afterPrint(); });
  const withFinding = conversions.findIndex((one) => one.findings.size);
  const withTensors = conversions.findIndex((one) => one.size);
  show(Math.max(withFinding >= 0 ? withFinding : withTensors, 0));
}

// A link to a finding opens it; on paper all are open, since nobody can open them there.
function findings() {
  const aimed = () => document.querySelector('article:target > details')?.setAttribute('open', '');
  addEventListener('hashchange', aimed);
  aimed();
  let closed = [];
  addEventListener('beforeprint', () => {
    closed = [...document.querySelectorAll('.finding > details:not([open])')];
    for (const one of closed) one.open = true;
  });
  addEventListener('afterprint', () => { for (const one of closed) one.open = false; });
}

themes();
findings();
if (byId('grid')) explorer();
document.documentElement.dataset.ready = '';
