import type { AnswerKeeping } from '@proxycast/spec';
import { encodeResponseStart } from '../answer/encode-response.ts';
import { responseIdOf } from '../item/item-id.ts';
import { invalidField } from '../request/invalid-field.ts';
import { renderItems } from './input-items.ts';
import { findItem, itemsOfInput, resolveReferences, serviceItemIds } from './kept-items.ts';
import { answerOfItem } from './made-item-id.ts';
import { readFinished } from './read-finished.ts';
import { readListQuery } from './read-list-query.ts';
import { readPassed } from './read-passed.ts';
import { readWish } from './read-wish.ts';
import { changeStatus, renderAnswer, renderDeleted } from './render-kept.ts';
import { replay } from './replay.ts';

/** How this API names answers it keeps: `store`, `previous_response_id`, `background` and the routes below `/v1/responses/{id}`. */
export const keeping: AnswerKeeping = {
  fields: { input: 'input', previous: 'previous_response_id', store: 'store', background: 'background' },
  // With their quotes, which is what makes the search for them cheap.
  tellingWords: ['"previous_response_id"', '"background"', '"item_reference"'],
  refusingWords: ['"store":false', '"store": false'],
  readWish,
  checkBackground({ isKept }) {
    if (isKept) return;
    throw invalidField('background', "'background' requires 'store' to be true: the answer is fetched by its id.");
  },
  newId: responseIdOf,
  itemsOfInput,
  resolveReferences,
  answerOfItem,
  serviceItemIds,
  findItem,
  replay,
  renderStart({ id, request, status, nowMs }) {
    const { output: _, ...start } = encodeResponseStart({
      id,
      model: request.model,
      createdAtSeconds: Math.floor(nowMs / 1000),
      request,
    });
    return { ...start, status };
  },
  changeStatus,
  renderAnswer,
  renderDeleted,
  readListQuery,
  renderItems,
  finalWords: ['"response.completed"', '"response.incomplete"', '"response.failed"'],
  readFinished,
  readPassed,
};
