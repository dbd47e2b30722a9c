import { count, counted, element } from './dom.js';
import { roving } from './roving.js';

function chip(slot, most) {
  const made = element('button', 'slot', element('span', '', count(slot.row)));
  made.type = 'button';
  made.tabIndex = -1;
  made.style.setProperty('--weight', String(slot.weight / most));
  if (slot.tokens > 1) {
    made.classList.add('several');
    made.append(element('span', 'times', '×' + slot.tokens));
  }
  made.setAttribute('aria-label', 'Slot ' + count(slot.row) + ', read for ' + counted(slot.tokens, 'token'));
  return made;
}

/**
 * A list of slots as buttons, one stop of the Tab key.
 * @param {string} label
 * @param {{row: number, tokens: number, weight: number}[]} slots
 * @param {(row: ?number) => void} point called with the slot that is pointed at or has the focus, and with null after it
 */
export function slotList(label, slots, point) {
  const list = element('div', 'slots');
  list.setAttribute('role', 'group');
  list.setAttribute('aria-label', label);
  const most = Math.max(...slots.map(slot => slot.weight));
  slots.forEach(slot => {
    const made = chip(slot, most);
    const on = () => point(slot.row);
    const off = () => point(null);
    made.addEventListener('pointerenter', on);
    made.addEventListener('focus', on);
    made.addEventListener('pointerleave', off);
    made.addEventListener('blur', off);
    list.append(made);
  });
  if (list.firstChild) {
    roving(list, '.slot').stopAt(list.firstChild);
  }
  return list;
}
