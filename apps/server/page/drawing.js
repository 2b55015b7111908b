import { wordsOf } from './api-problem.js';
import { say, translate } from './words.js';

const rowsOf = new WeakMap();

export const byId = (id) => document.getElementById(id);
export const partOf = (element, name) => element.querySelector(`[data-part="${name}"]`);

/** A copy of a template's only element, in the language of the page. */
export function copyTemplate(id) {
  const element = byId(id).content.firstElementChild.cloneNode(true);
  translate(element);
  return element;
}

/**
 * Makes the rows of a list those of `items`, by id. A row that stays keeps its element, and with it the focus and what
 * was typed. `createRow` answers `{ element, update(item) }`.
 */
export function drawRows(list, items, createRow) {
  const before = rowsOf.get(list) ?? new Map();
  const after = new Map(items.map((item) => [item.id, before.get(item.id) ?? createRow(item)]));
  for (const [id, row] of before) if (!after.has(id)) row.element.remove();
  items.forEach((item, index) => {
    const row = after.get(item.id);
    row.update(item);
    if (list.children[index] !== row.element) list.insertBefore(row.element, list.children[index] ?? null);
  });
  rowsOf.set(list, after);
}

/** Draws the state of a query on an element whose children say when they are seen (`data-when`). */
export function drawState(element, query, drawReady) {
  partOf(element, 'retry').addEventListener('click', () => query.reload());
  query.watch((state) => {
    element.dataset.state = state.type;
    if (state.type === 'failed') sayError(partOf(element, 'failure'), state.error);
    if (state.type === 'ready' || state.type === 'empty') drawReady(state.data);
  });
}

/** A state as shape and colour (from `data-status`) and word. */
export function sayStatus(element, status, key, values) {
  element.dataset.status = status;
  say(element, key, values);
}

/** Without an error the place is cleared. */
export function sayError(place, error) {
  place.hidden = error === undefined;
  if (error === undefined) say(place);
  else say(place, ...wordsOf(error));
}

export function announce(key) {
  say(byId('announcement'));
  say(byId('announcement'), key);
}

/** Runs a task when a button is pressed or a form sent; not twice at a time. What goes wrong is said at `failure`. */
export function onAction(element, failure, task) {
  element.addEventListener(element.localName === 'form' ? 'submit' : 'click', async (event) => {
    event.preventDefault();
    // Not `disabled`: that would take the focus away from the button.
    if (element.ariaBusy === 'true') return;
    element.ariaBusy = 'true';
    sayError(failure);
    try {
      await task();
    } catch (error) {
      sayError(failure, error);
    } finally {
      element.ariaBusy = 'false';
    }
  });
}
