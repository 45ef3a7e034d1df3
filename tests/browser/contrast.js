// Every piece of text in view whose contrast with what is behind it is below WCAG AA: 4.5, or 3 where it is large.
() => {
  const parse = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, below) => {
    const mix = (x, y) => x * top.a + y * (1 - top.a);
    return { r: mix(top.r, below.r), g: mix(top.g, below.g), b: mix(top.b, below.b), a: 1 };
  };
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const contrast = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  const fills = (element) => {
    const box = element.namespaceURI.endsWith('svg') && [...element.children].find((child) => child.tagName === 'rect');
    const fill = box && getComputedStyle(box).fill;
    return [getComputedStyle(element).backgroundColor, fill && fill !== 'none' ? fill : null].filter(Boolean).map(parse);
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(...fills(at).reverse());
    return layers.reverse().reduce((below, top) => over(top, below), { r: 255, g: 255, b: 255, a: 1 });
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = { checked: 0, low: [] };
  const check = (element, text, style) => {
    const below = behind(element);
    const ink = over(parse(element.namespaceURI.endsWith('svg') ? style.fill : style.color), below);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = contrast(ink, below);
    found.checked += 1;
    if (ratio < (large ? 3 : 4.5)) found.low.push(`${text.slice(0, 40)}: ${ratio.toFixed(2)}`);
  };
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (text && element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length) check(element, text, getComputedStyle(element));
  }
  for (const input of document.querySelectorAll('input[placeholder]')) {
    check(input, input.placeholder, getComputedStyle(input, '::placeholder'));
    check(input, 'typed', getComputedStyle(input));
  }
  return found;
}
