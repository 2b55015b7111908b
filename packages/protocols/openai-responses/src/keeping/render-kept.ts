import type { JsonObject, KeptContent, KeptStatus } from '@proxycast/spec';
import { parseObject } from '@proxycast/wire';

/** The texts are put together: nothing is parsed. */
export const renderAnswer = ({ response, output }: KeptContent): string =>
  `${response.trimEnd().slice(0, -1)},"output":[${output}]}`;

export const renderDeleted = (id: string): JsonObject => ({ id, object: 'response', deleted: true });

export function changeStatus(
  response: string,
  status: KeptStatus,
  error?: { readonly code: string; readonly message: string },
): string {
  return JSON.stringify({ ...parseObject(response), status, ...(error === undefined ? {} : { error }) });
}
