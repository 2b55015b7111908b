import type { ItemListQuery } from '@proxycast/spec';
import { invalidField } from '../request/invalid-field.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** Throws InvalidRequestError. */
export function readListQuery(query: URLSearchParams): ItemListQuery {
  const limitText = query.get('limit');
  const limit = limitText === null ? DEFAULT_LIMIT : Number(limitText);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw invalidField('limit', `'limit' must be a whole number from 1 to ${MAX_LIMIT}.`);
  }
  const order = query.get('order') ?? 'desc';
  if (order !== 'asc' && order !== 'desc') throw invalidField('order', "'order' must be 'asc' or 'desc'.");
  const after = query.get('after');
  return { limit, order, ...(after === null || after === '' ? {} : { after }) };
}
