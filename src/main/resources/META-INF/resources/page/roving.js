/**
 * Makes the children of a box that match `selector` one stop of the Tab key; arrow keys, Home and End go from one to the next.
 * Children may come and go.
 */
export function roving(box, selector) {
  const all = () => [...box.querySelectorAll(selector)];

  box.addEventListener('keydown', event => {
    const items = all();
    const at = items.indexOf(document.activeElement);
    const to = {
      ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: items.length - 1,
    }[event.key];
    if (at < 0 || to === undefined) {
      return;
    }
    event.preventDefault();
    items[Math.max(0, Math.min(items.length - 1, to))].focus();
  });
  box.addEventListener('focusin', event => {
    if (event.target.matches(selector)) {
      stopAt(event.target);
    }
  });

  function stopAt(item) {
    box.querySelectorAll('[tabindex="0"]').forEach(each => {
      each.tabIndex = -1;
    });
    item.tabIndex = 0;
  }

  return { stopAt };
}
