// The table of tensors: only the rows in view exist.
const COLUMNS = ['name', 'op', 'dtype', 'shape', 'symbolic', 'layer', 'line'];
const TITLES = { name: 'name', op: 'op', dtype: 'dtype', shape: 'shape', symbolic: 'symbolic shape', layer: 'layer', line: 'line' };
const SPARE_ROWS = 12;
const PRINTED_ROWS = 200;

class Table {
  constructor(onOpen) {
    this.onOpen = onOpen;
    this.rows = [];
    this.selected = -1;
    this.sorted = { column: null, down: false };
    this.grid = byId('grid');
    this.body = element('div', { class: 'body', role: 'rowgroup' });
    this.head = element('div', { role: 'row', 'aria-rowindex': 1 }, ...COLUMNS.map((column, index) =>
      element('div', { role: 'columnheader', 'data-column': column, 'aria-sort': 'none', 'aria-colindex': index + 1 },
        element('button', { type: 'button', on: { click: () => this.sort(column) } }, t(TITLES[column])))));
    this.grid.append(element('div', { class: 'inner' }, element('div', { class: 'head', role: 'rowgroup' }, this.head), this.body));
    this.grid.setAttribute('aria-colcount', COLUMNS.length);
    this.grid.addEventListener('scroll', () => this.later(), { passive: true });
    this.grid.addEventListener('keydown', (event) => this.key(event));
    this.body.addEventListener('click', (event) => {
      const row = event.target.closest('[role=row]');
      if (row) { this.select(Number(row.dataset.place)); this.onOpen(this.rows[this.selected]); this.grid.focus({ preventScroll: true }); }
    });
    new ResizeObserver(() => { this.measure(); this.later(); }).observe(this.grid);
    this.measure();
    this.refilter = delayed(() => this.filter(), 60);
    byId('filter').addEventListener('input', this.refilter);
    for (const id of ['dtype', 'unknown', 'constants']) byId(id).addEventListener('change', () => this.filter());
  }

  show(conversion) {
    this.conversion = conversion;
    this.haystack = null;
    this.layers = null;
    this.sorted = { column: null, down: false };
    const dtypes = [...new Set(conversion.values.dtype)].map((index) => data.strings[index]).sort();
    byId('dtype').replaceChildren(element('option', { value: '' }, t('all')), ...dtypes.map((dtype) => element('option', {}, dtype)));
    this.filter();
  }

  // Shows only tensors whose op stands in one of these layers; null shows all.
  restrict(layers) { this.layers = layers; this.filter(); }

  texts() {
    const c = this.conversion;
    this.haystack ??= Array.from({ length: c.size }, (_, value) =>
      `${c.name(value)} ${c.op(value)} ${c.dtype(value)} ${c.shape(value)} ${c.symbolic(value)} ${c.layer(value)} ${c.line(value)}`.toLowerCase());
    return this.haystack;
  }

  filter() {
    const c = this.conversion;
    const words = byId('filter').value.toLowerCase().split(/\s+/).filter(Boolean);
    const dtype = byId('dtype').value;
    const unknown = byId('unknown').checked;
    const constants = byId('constants').checked;
    const texts = words.length ? this.texts() : null;
    const rows = [];
    for (let value = 0; value < c.size; value++) {
      const op = c.values.op[value];
      if (!constants && c.isConstant(op)) continue;
      if (unknown && !c.dynamic(value)) continue;
      if (dtype && c.dtype(value) !== dtype) continue;
      if (this.layers && !this.layers.has(c.ops.layer[op])) continue;
      if (texts && !words.every((word) => texts[value].includes(word))) continue;
      rows.push(value);
    }
    this.rows = rows;
    this.order();
    this.selected = -1;
    byId('count').textContent = t('{shown} of {all} tensors', { shown: number(rows.length), all: number(c.size) });
    this.grid.scrollTop = 0;
    this.redraw();
  }

  sort(column) {
    const { column: before, down } = this.sorted;
    this.sorted = before !== column ? { column, down: false } : !down ? { column, down: true } : { column: null, down: false };
    this.order();
    this.redraw();
  }

  order() {
    const { column, down } = this.sorted;
    for (const cell of this.head.children) {
      cell.setAttribute('aria-sort', cell.dataset.column !== column ? 'none' : down ? 'descending' : 'ascending');
    }
    this.rows.sort((a, b) => a - b);
    if (!column) return;
    const keys = this.rows.map((value) => this.conversion[column](value));
    const compare = new Intl.Collator(data.lang, { numeric: true }).compare;
    const ranks = new Map([...new Set(keys)].sort(compare).map((key, rank) => [key, rank]));
    const rank = new Map(this.rows.map((value, index) => [value, ranks.get(keys[index])]));
    this.rows.sort((a, b) => (down ? rank.get(b) - rank.get(a) : rank.get(a) - rank.get(b)) || a - b);
  }

  later() {
    this.waiting ??= requestAnimationFrame(() => { this.waiting = null; if (!this.printing) this.draw(); });
  }

  measure() {
    const height = parseFloat(getComputedStyle(this.grid).getPropertyValue('--row'));
    if (height !== this.height) this.fresh = true;
    this.height = height;
    this.seen = this.grid.clientHeight;
  }

  // Draws the rows in view anew; `later` only adds those that came into view.
  redraw(first, last) {
    this.fresh = true;
    this.draw(first, last);
  }

  draw(first, last) {
    const top = this.grid.scrollTop;
    first ??= Math.max(0, Math.floor(top / this.height) - SPARE_ROWS);
    last ??= Math.min(this.rows.length, Math.ceil((top + this.seen) / this.height) + SPARE_ROWS);
    if (this.fresh) {
      this.fresh = false;
      this.body.style.height = `${this.rows.length * this.height}px`;
      this.grid.setAttribute('aria-rowcount', this.rows.length + 1);
      this.body.replaceChildren();
    }
    const idle = [];
    const there = new Set();
    for (const row of this.body.children) {
      const place = Number(row.dataset.place);
      if (place < first || place >= last) idle.push(row); else there.add(place);
    }
    for (let place = first; place < last; place++) {
      if (there.has(place)) continue;
      const row = idle.pop();
      if (row) this.fill(row, place); else this.body.append(this.fill(this.emptyRow(), place));
    }
    for (const row of idle) row.remove();
    if (this.selected >= first && this.selected < last) this.grid.setAttribute('aria-activedescendant', 'active-row');
    else this.grid.removeAttribute('aria-activedescendant');
  }

  emptyRow() {
    return element('div', { role: 'row' }, ...COLUMNS.map((column, index) =>
      element('div', { role: 'gridcell', 'data-column': column, 'aria-colindex': index + 1 }, element('bdi', {}, ''))));
  }

  fill(row, place) {
    const c = this.conversion;
    const value = this.rows[place];
    const chosen = place === this.selected;
    const marked = c.findings.has(c.values.op[value]);
    row.dataset.place = place;
    row.setAttribute('aria-rowindex', place + 2);
    row.setAttribute('aria-selected', String(chosen));
    row.id = chosen ? 'active-row' : '';
    row.style.transform = `translateY(${place * this.height}px)`;
    row.classList.toggle('marked', marked);
    COLUMNS.forEach((column, index) => {
      const text = c[column](value);
      const cell = row.children[index];
      cell.firstChild.textContent = text;
      cell.title = text.length > 18 ? text : '';
    });
    return row;
  }

  select(place) {
    this.selected = Math.max(0, Math.min(this.rows.length - 1, place));
    const top = this.selected * this.height;
    const seen = this.seen - this.head.offsetHeight;
    if (top < this.grid.scrollTop) this.grid.scrollTop = top;
    else if (top + this.height > this.grid.scrollTop + seen) this.grid.scrollTop = top + this.height - seen;
    this.redraw();
  }

  key(event) {
    if (event.target !== this.grid || event.ctrlKey || event.metaKey || event.altKey || !this.rows.length) return;
    const page = Math.max(1, Math.floor(this.grid.clientHeight / this.height) - 2);
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key in moves) this.select(this.selected < 0 ? (event.key === 'End' ? Infinity : 0) : this.selected + moves[event.key]);
    else if (event.key === 'Enter' && this.selected >= 0) this.onOpen(this.rows[this.selected]);
    else return;
    event.preventDefault();
  }

  // All rows up to a number, since on paper there is no scrolling.
  beforePrint() {
    this.printing = true;
    this.redraw(0, Math.min(PRINTED_ROWS, this.rows.length));
    const left = this.rows.length - PRINTED_ROWS;
    byId('unprinted').textContent = left > 0 ? t('{count} more tensors are not printed: filter the table to choose which are.', { count: number(left) }) : '';
  }

  afterPrint() {
    this.printing = false;
    this.measure();
    this.redraw();
  }
}
