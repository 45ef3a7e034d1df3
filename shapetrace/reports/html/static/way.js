// The panel that opens for a tensor: what it is, and the way of each of its dims back to where it starts.
const MOST_LINES = 40;

class WayPanel {
  constructor(source, onHighlight, onReveal) {
    Object.assign(this, { source, onHighlight, onReveal });
    this.box = byId('way');
    this.box.addEventListener('keydown', (event) => { if (event.key === 'Escape') this.close(); });
  }

  close() {
    this.hide();
    this.source?.highlight([]);
    this.onHighlight([]);
    this.opener?.focus?.({ preventScroll: true });
  }

  hide() {
    this.box.hidden = true;
    document.body.classList.remove('with-panel');
  }

  open(conversion, value, axis) {
    const c = this.conversion = conversion;
    if (this.box.hidden) this.opener = document.activeElement;
    this.value = value;
    const op = c.values.op[value];
    const dims = c.dims(value);
    const held = c.held(value);
    axis ??= Math.max(0, c.shapeTable[c.values.shape[value]].findIndex((size) => size < 0));
    const facts = [['op', c.op(value)], ['dtype', c.dtype(value)], ['shape', c.shape(value)], ['symbolic shape', c.symbolic(value)],
      ['layer', c.layer(value)], ['line', c.place(op)]].filter(([, text]) => text);
    const choices = [...dims.map((dim, place) => [place, dim]), ...held.map((dim, place) => [-1 - place, dim])];
    this.axes = element('div', { class: 'axes', role: 'group', 'aria-label': t('Axes') }, ...choices.map(([place, dim]) =>
      element('button', { type: 'button', 'data-axis': place, 'aria-label': place < 0 ? t('element {n}: {dim}', { n: -1 - place, dim }) : t('axis {n}: {dim}', { n: place, dim }), on: { click: () => this.trace(place) } },
        shorten(dim, 40))));
    this.steps = element('div');
    this.box.replaceChildren(
      element('div', { class: 'panel-head' }, element('h2', { id: 'way-title' }, element('bdi', {}, c.name(value))),
        element('button', { type: 'button', on: { click: () => this.close() } }, t('Close'))),
      element('dl', {}, ...facts.flatMap(([name, text]) => [element('dt', {}, t(name)), element('dd', {}, element('bdi', {}, text))])),
      element('p', {}, element('button', { type: 'button', on: { click: () => { this.onReveal(op); } } }, t('Show in the graph'))),
      ...(choices.length ? [element('h3', {}, t('The way of each dim')), this.axes, this.steps] : []),
      ...this.neighbours(t('Made from'), [...new Set(c.ops.inputs[op])].filter((input) => input >= 0)),
      ...this.neighbours(t('Used by'), c.consumers(value).flatMap((user) => c.outputsOf[user].slice(0, 1))));
    this.box.hidden = false;
    document.body.classList.add('with-panel');
    if (choices.length) this.trace(choices.some(([place]) => place === axis) ? axis : choices[0][0]);
    this.box.focus({ preventScroll: true });
    this.box.scrollTop = 0;
  }

  neighbours(title, values) {
    if (!values.length) return [];
    const shown = values.slice(0, 12);
    return [element('h3', {}, title), element('ul', { class: 'neighbours' }, ...shown.map((value) => element('li', {}, this.link(value))),
      values.length > shown.length ? element('li', { class: 'quiet' }, t('{count} more', { count: number(values.length - shown.length) })) : null)];
  }

  link(value, axis) {
    const c = this.conversion;
    return element('button', { type: 'button', class: 'link', on: { click: () => this.open(c, value, axis) } },
      element('bdi', {}, `${shorten(c.name(value), 60)} ${shorten(c.symbolic(value) || c.shape(value), 60)}`));
  }

  trace(axis) {
    for (const button of this.axes.children) button.setAttribute('aria-pressed', String(Number(button.dataset.axis) === axis));
    const steps = this.conversion.way(this.value, axis);
    const last = steps.length - 1;
    const turns = steps.map((step, index) => index === 0 || index === last || step.dim !== steps[index + 1].dim || step.before || step.others.length > 0);
    const list = element('ol');
    for (let index = 0; index <= last;) {
      let end = index;
      while (!turns[end]) end++;
      if (end - index > 2) {
        list.append(element('li', {}, element('details', {}, element('summary', {}, t('{count} ops that kept it', { count: number(end - index) })),
          element('ol', {}, ...steps.slice(index, end).map((step) => this.step(step, false, false))))));
        index = end;
      }
      list.append(this.step(steps[index], index < last && steps[index].dim !== steps[index + 1].dim, index === last));
      index++;
    }
    this.steps.replaceChildren(...this.lines(steps), list);
    this.onHighlight(steps.map((step) => step.value));
  }

  // The same way by lines of the source, which marks them there.
  lines(steps) {
    const lines = this.source?.linesOf(this.conversion, steps) ?? [];
    this.source?.highlight(lines);
    if (!lines.length) return [];
    return [element('h3', {}, t('Line by line')), element('ol', { class: 'by-line' }, ...lines.slice(0, MOST_LINES).map(({ key, dim, code, at }) => element('li', {},
      element('button', { type: 'button', class: 'link', on: { click: () => this.toSource(key) } }, element('bdi', {}, at)), ' ',
      element('span', { class: 'dim' }, shorten(dim, 60)), element('code', {}, shorten(code, 120)))),
    lines.length > MOST_LINES ? element('li', { class: 'quiet' }, t('{count} more', { count: number(lines.length - MOST_LINES) })) : null),
    element('h3', {}, t('Op by op'))];
  }

  toSource(key) {
    if (matchMedia('(max-width: 40rem)').matches) this.hide();
    this.source.reveal(key);
  }

  step({ value, axis, dim, before, others }, turn, start) {
    const c = this.conversion;
    const op = c.values.op[value];
    const where = axis < 0 ? t('element {n}', { n: -1 - axis }) : t('axis {n}', { n: axis });
    const kind = !start ? '' : c.isGiven(op) ? t('an input: here it starts') : t('here it starts');
    return element('li', { class: turn || before ? 'turn' : null },
      element('span', { class: 'dim' }, shorten(dim, 300)), ' ', element('span', { class: 'quiet' }, [where, turn ? t('computed here') : '', before ? t('{dim} stood here before', { dim: shorten(before, 80) }) : '', kind].filter(Boolean).join(' · ')),
      element('br'), this.link(value, axis),
      element('span', { class: 'at' }, element('bdi', {}, [c.op(value), c.line(value)].filter(Boolean).join('  '))),
      ...others.slice(0, 8).map(([other, place]) => element('span', { class: 'at' }, `${t('and from')} `, this.link(other, place))));
  }
}
