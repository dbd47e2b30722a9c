// Contrast of each visible text with what is painted behind it, as WCAG 2 counts: by the element's markup.
document.getAnimations().filter(each => each instanceof CSSTransition).forEach(each => each.finish());
const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const over = colours => {
  for (const colour of ['#fff', ...colours]) {
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
  }
  return [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3);
};
const linear = part => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
const found = {};
for (const element of document.querySelectorAll('body *')) {
  const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  if (own && element.checkVisibility() && !element.closest('.hidden')) {
    const grounds = [];
    for (let at = element; at; at = at.parentElement) {
      grounds.unshift(getComputedStyle(at).backgroundColor);
    }
    const [dark, bright] = [over(grounds), over([...grounds, getComputedStyle(element).color])].map(luminance).sort((a, b) => a - b);
    found[Object.keys(found).length + ' ' + element.outerHTML.slice(0, 90)] = (bright + 0.05) / (dark + 0.05);
  }
}
return found;
