import { wordsOf } from './api-problem.js';
import { say, translate } from './words.js';

const rowsOf = new WeakMap();
let lastId = 0;

export const byId = (id) => document.getElementById(id);
export const partOf = (element, name) => element.querySelector(`[data-part="${name}"]`);

/** A copy of a template's only element, in the language of the page. Its buttons are also named after its `name`. */
export function copyTemplate(id) {
  const element = byId(id).content.firstElementChild.cloneNode(true);
  translate(element);
  const name = partOf(element, 'name');
  for (const named of name ? [name, ...element.querySelectorAll('button')] : []) {
    lastId += 1;
    named.id = `${id}-${lastId}`;
    if (named !== name) named.setAttribute('aria-labelledby', `${named.id} ${name.id}`);
  }
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
  for (const [index, item] of items.entries()) {
    const { element, update } = after.get(item.id);
    update(item);
    if (list.children[index] !== element) list.insertBefore(element, list.children[index]);
  }
  rowsOf.set(list, after);
}

/** Draws a query on an element whose children say in which state they are seen (`data-when`). */
export function drawQuery(element, query, drawData) {
  partOf(element, 'retry').addEventListener('click', query.reload);
  query.watch(({ type, error, data }) => {
    element.dataset.state = type;
    if (type === 'failed') sayError(partOf(element, 'failure'), error);
    if (data !== undefined) drawData(data);
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
  say(place, ...(error === undefined ? [] : wordsOf(error)));
}

/** Runs a task when a button is pressed or a form sent, not twice at a time. What goes wrong is said at `failure`. */
export function onAction(element, failure, task) {
  element.addEventListener(element.localName === 'form' ? 'submit' : 'click', async (event) => {
    event.preventDefault();
    // Not `disabled`: that would take the focus away from the button.
    if (element.ariaBusy === 'true') return;
    element.ariaBusy = 'true';
    sayError(failure);
    await task().catch((error) => sayError(failure, error));
    element.ariaBusy = 'false';
  });
}
