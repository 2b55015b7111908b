import { z } from 'zod';

/** One page of rows. `next_cursor` goes back as `cursor` to read on; null on the last page. */
export function listSchemaOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), next_cursor: z.string().nullable() });
}
