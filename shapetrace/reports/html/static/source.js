// The user's source: each line with the shapes that it makes. A dim pressed opens its way, and marks the lines that it goes through.
const ROOT_COLOURS = 6;
const WIDEST_CODE = 84;

class Source {
  constructor(onDim) {
    this.onDim = onDim;
    this.box = byId('files');
    this.rows = new Map();
    this.codeOf = new Map();
    this.files = data.source.files.map((file, index) => this.file(file, index));
    this.box.append(...this.files.map(({ details }) => details));
    byId('roots').replaceChildren(...data.source.roots.slice(0, 24).map((root, index) => element('span', { class: `dim root-${index % ROOT_COLOURS}` }, root)));
    this.box.addEventListener('keydown', (event) => this.key(event));
    const first = this.files.find(({ file }) => !file.library) ?? this.files[0];
    for (const each of this.files) if (each === first || (each.file.rows.some((row) => row[5]?.length) && !each.file.library)) each.details.open = true;
  }

  file(file, index) {
    for (const [number, text] of file.rows) this.codeOf.set(`${file.file}:${number}`, text.trim());
    const made = file.rows.reduce((sum, row) => sum + (row[3] ?? []).reduce((all, each) => all + each[3], 0), 0);
    const widest = Math.max(...file.rows.map(([, text]) => text.length));
    const lines = element('div', { class: 'lines', role: 'list', style: `--code-width:${Math.min(widest, WIDEST_CODE) + 1}ch` });
    const details = element('details', { class: 'file', id: `file-${index + 1}`, on: { toggle: () => this.drawFile(file, lines) } },
      element('summary', {}, element('bdi', { class: 'path' }, file.path), ' ',
        element('span', { class: 'quiet' }, [made === 1 ? t('1 tensor') : t('{count} tensors', { count: number(made) }), file.library ? t('of a library') : ''].filter(Boolean).join(' · '))),
      lines);
    return { file, details, lines };
  }

  // The rows of a file exist once somebody opens it.
  drawFile(file, lines) {
    if (lines.firstChild) return;
    let before = 0;
    for (const row of file.rows) {
      if (before && row[0] > before + 1) lines.append(element('div', { class: 'gap', 'aria-hidden': 'true' }, '⋮'));
      before = row[0];
      lines.append(this.row(file, row));
    }
    if (!this.stop) this.aim(lines.querySelector('.dim'));
    this.markWay();
  }

  row(file, [at, text, state, makes = [], reads = [], findings = []]) {
    const said = [...makes.map((made, index) => this.made(made, made[0] && made[0] === makes[index - 1]?.[0])), ...reads.map((read) => this.read(read))];
    const mark = findings.length ? element('span', { class: 'mark', title: t('A finding stands here') }, '◆')
      : state === 2 ? element('span', { class: 'mark', title: t('Paddle ran this function without rewriting it') }, '~') : element('span', { class: 'mark' });
    const row = element('div', { class: ['line', findings.length ? 'wrong' : ['', 'unseen', 'as-is'][state]].filter(Boolean).join(' '), role: 'listitem', id: `${this.idOf(file)}-${at}` },
      element('span', { class: 'n' }, at), mark, element('code', {}, text || ' '),
      said.length || findings.length || (state === 1 && text) ? element('div', { class: 'said' }, ...said,
        state === 1 && !said.length ? element('span', { class: 'quiet' }, t('no conversion came by')) : null,
        ...findings.map((index) => element('button', { type: 'button', class: 'to-finding', on: { click: () => { location.hash = `finding-${index + 1}`; } } }, `${data.findings[index][0]} ${shorten(data.findings[index][1], 90)}`))) : null);
    this.rows.set(`${file.file}:${at}`, row);
    return row;
  }

  idOf(file) { return `file-${data.source.files.indexOf(file) + 1}`; }

  made([name, index, tensor, count, layers], again) {
    const conversion = allConversions[index];
    const dims = conversion.dims(tensor);
    const held = conversion.held(tensor);
    const parts = [];
    if (!held.length || dims.length) parts.push('[', ...this.between(dims.map((dim, axis) => this.dim(dim, index, tensor, axis))), ']');
    if (held.length) parts.push(dims.length ? ' = (' : '', ...this.between(held.map((dim, place) => this.dim(dim, index, tensor, -1 - place))), dims.length ? ')' : '');
    return element('span', { class: 'made', title: layers.join('\n') || null }, name && !again ? element('b', {}, `${name}: `) : null, ...parts,
      count > 1 ? element('span', { class: 'quiet' }, ` ${number(count)}×`) : null);
  }

  read([name, value, meant, index, tensor, axis]) {
    return element('span', { class: 'made' }, element('b', {}, name), ` = ${value}`, meant ? ` ${t('in place of')} ` : '',
      !meant ? null : tensor >= 0 ? this.dim(meant, index, tensor, axis) : element('span', { class: this.colour(meant) }, shorten(meant, 40)));
  }

  between(parts) { return parts.flatMap((part, index) => (index ? [', ', part] : [part])); }

  colour(dim) {
    const roots = data.source.rootsOf[dim];
    return roots ? `dim root-${roots[0] % ROOT_COLOURS}` : 'dim';
  }

  dim(dim, index, tensor, axis) {
    return element('button', { type: 'button', class: this.colour(dim), tabindex: -1, 'aria-label': t('{dim}: its way', { dim }),
      on: { click: ({ currentTarget }) => { this.aim(currentTarget); this.onDim(index, tensor, axis); } } }, shorten(dim, 40));
  }

  // One dim can be reached with Tab, the others with arrows.
  aim(dim) {
    this.stop?.setAttribute('tabindex', -1);
    this.stop = dim;
    dim?.setAttribute('tabindex', 0);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !event.target.matches('button.dim')) return;
    const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const down = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!along && !down) return;
    event.preventDefault();
    const all = [...this.box.querySelectorAll('details[open] button.dim')];
    let place = all.indexOf(event.target);
    const line = event.target.closest('.line');
    do place += along ?? down; while (down && all[place]?.closest('.line') === line);
    if (!all[place]) return;
    this.aim(all[place]);
    all[place].focus();
  }

  // The lines that a dim goes through, from where it was asked for to where it starts, each once in a row.
  linesOf(conversion, steps) {
    const lines = [];
    for (const { value, dim } of steps) {
      const place = conversion.places[conversion.ops.place[conversion.values.op[value]]];
      if (!place) continue;
      const key = `${data.strings[place[0]]}:${place[1]}`;
      if (this.codeOf.has(key) && lines.at(-1)?.key !== key) lines.push({ key, dim, code: this.codeOf.get(key), at: `${data.strings[place[0]].split(/[\\/]/).pop()}:${place[1]}` });
    }
    return lines;
  }

  highlight(lines) {
    this.way = lines;
    this.markWay();
  }

  markWay() {
    for (const row of this.box.querySelectorAll('.on-way')) row.classList.remove('on-way');
    for (const { key } of this.way ?? []) this.rows.get(key)?.classList.add('on-way');
  }

  reveal(key) {
    const found = this.files.find(({ file }) => file.rows.some((row) => `${file.file}:${row[0]}` === key));
    if (!found) return;
    found.details.open = true;
    this.drawFile(found.file, found.lines);
    const row = this.rows.get(key);
    row.scrollIntoView({ block: 'center' });
    row.classList.add('aimed');
    setTimeout(() => row.classList.remove('aimed'), 1500);
  }

  beforePrint() {
    this.closed = this.files.filter(({ file, details }) => !file.library && !details.open).map(({ details }) => details);
    for (const { file, details, lines } of this.files) if (!file.library) { details.open = true; this.drawFile(file, lines); }
  }

  afterPrint() { for (const details of this.closed ?? []) details.open = false; }
}
