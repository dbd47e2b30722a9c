import { byId, count, counted, element, oncePerFrame, visible } from './dom.js';
import { SlotMap } from './slot-map.js';
import { slotList } from './slots.js';

const MOST_SHARED = 24;
/** While an answer streams, nobody reads faster. */
const PAUSE_MILLIS = 120;

let shape = null;
let maps = [];
let answer = null;
let index = -1;

/** @param {?{layers: number, rows: number}} memory what the model's card says of its memory layers */
export function useMemory(memory) {
  shape = memory;
  maps = [];
  byId('memory-maps').replaceChildren();
  refreshMemory();
}

function use(ofAnswer, token) {
  answer?.mark([]);
  answer = ofAnswer;
  index = token;
}

/** Shows what the memory did for an answer, and for one of its tokens. */
export function showMemory(ofAnswer, token) {
  use(ofAnswer, token);
  refreshMemory();
}

/** The same while the answer grows. */
export function showGrowingMemory(ofAnswer, token) {
  use(ofAnswer, token);
  refreshSoon();
}

/** Shows nothing until the next answer. */
export function clearMemory() {
  showMemory(null, -1);
}

export const refreshMemory = oncePerFrame(draw);
const refreshSoon = oncePerFrame(draw, PAUSE_MILLIS);

/** Lists in which somebody moves about stay as they are until the focus leaves them. */
export function startMemory() {
  byId('memory').addEventListener('focusout', refreshMemory);
}

function draw() {
  const layers = answer?.tally.layers ?? 0;
  byId('memory-note').textContent = note(layers);
  byId('memory-maps').hidden = layers === 0;
  byId('memory-token').hidden = layers === 0;
  byId('memory-shared').hidden = layers === 0;
  if (layers > 0) {
    drawMaps(layers);
    if (!byId('memory').contains(document.activeElement)) {
      drawToken();
      drawShared(layers);
    }
  }
}

function note(layers) {
  if (shape === null) {
    return 'This model has no memory layers, or does not tell of them.';
  }
  if (answer === null) {
    return 'For each token the model looks up ' + counted(shape.layers * shape.hits, 'place') + ' in '
      + counted(shape.layers, 'table') + ' of ' + counted(shape.rows, 'slot') + '. Here you see which.';
  }
  if (layers === 0) {
    return 'Nothing is known of this answer: “Memory” was switched off, or there is no token yet.';
  }
  return 'A square is ' + counted(Math.ceil(mapOf(0).slotsOfASquare), 'slot')
    + ' of a table: the stronger its colour, the more often read for this answer. Amber: for the chosen token.';
}

function mapOf(layer) {
  if (!maps[layer]) {
    maps[layer] = new SlotMap(shape?.rows ?? 1 << 16);
    const title = element('p', 'map-title');
    byId('memory-maps').append(element('figure', '', title, maps[layer].element));
  }
  return maps[layer];
}

function drawMaps(layers) {
  for (let layer = 0; layer < layers; layer++) {
    const rows = [...answer.tally.rows(layer)];
    const several = rows.filter(each => each.tokens > 1).length;
    const text = 'Layer ' + (layer + 1) + ': ' + counted(rows.length, 'slot') + ' read, ' + count(several) + ' for several tokens';
    const map = mapOf(layer);
    map.element.previousSibling.textContent = text;
    map.draw(rows, answer.tally.of(index)[layer]?.rows ?? [], text);
  }
}

function drawToken() {
  const token = answer.tokens[index];
  byId('memory-token-title').replaceChildren('Read for ', element('span', 'quoted', visible(token.text)));
  byId('memory-token-layers').replaceChildren(...token.layers.map((hits, layer) => {
    const slots = hits.rows.map((row, i) => ({
      row,
      tokens: answer.tally.tokens(layer, row).length,
      weight: hits.weights[i],
    }));
    const label = 'Layer ' + (layer + 1) + ': ' + counted(hits.hits, 'hit') + ', ' + counted(hits.rows.length, 'slot');
    return element('div', 'layer', element('p', 'layer-title', label), slotList(label, slots, pointer(layer)));
  }));
}

function drawShared(layers) {
  const parts = [];
  for (let layer = 0; layer < layers; layer++) {
    const shared = answer.tally.shared(layer);
    const shown = shared.slice(0, MOST_SHARED).map(each => ({ ...each, weight: each.tokens }));
    const label = 'Layer ' + (layer + 1) + ': ' + (shared.length > shown.length
      ? 'the ' + shown.length + ' of ' + count(shared.length) + ' that most tokens read'
      : counted(shared.length, 'slot'));
    parts.push(element('div', 'layer', element('p', 'layer-title', label), slotList(label, shown, pointer(layer))));
  }
  byId('memory-shared-layers').replaceChildren(...parts);
}

function pointer(layer) {
  const shown = answer;
  return row => shown.mark(row === null ? [] : shown.tally.tokens(layer, row));
}
