import { findModel } from './api.js';
import { byId, count, counted, element } from './dom.js';
import { useMemory } from './memory-panel.js';
import { clearProblem, isRefused, showProblem } from './problem.js';

let id = null;

/** The served model's name; null where it is not known. */
export const modelName = () => id;

function facts(card) {
  const said = [card.id];
  if (card.max_model_len) {
    said.push(count(card.max_model_len) + ' tokens of context');
  }
  if (card.memory) {
    said.push(counted(card.memory.layers, 'memory layer') + ' of ' + counted(card.memory.rows, 'slot'));
  }
  return said;
}

/** Asks which model is served, and shows it or why it is not known. */
export async function loadModel() {
  try {
    const card = await findModel();
    id = card.id;
    byId('facts').replaceChildren(...facts(card).map(fact => element('li', '', fact)));
    clearProblem();
    useMemory(card.memory ?? null);
  } catch (error) {
    id = null;
    byId('facts').replaceChildren(element('li', 'missing', isRefused(error) ? 'needs an API key' : 'no model'));
    showProblem(error, loadModel);
  }
}
