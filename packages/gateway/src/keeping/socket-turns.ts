import { InvalidRequestError, type KeptResponse, type ResponsesStore } from '@proxycast/spec';

/** A conversation that is larger goes on with the last turns only where the store has the others. */
const MAX_REMEMBERED_CHARS = 32 * 1024 * 1024;
const MAX_REMEMBERED_TURNS = 1_000;

/** What was said on one socket, so that its client can go on from it without having it stored. */
export interface SocketTurns {
  /** `isStored`: the client wants this answer kept beyond the socket. */
  forRequest(isStored: boolean): ResponsesStore;
}

export function createSocketTurns(store: ResponsesStore | undefined): SocketTurns {
  /** By record id, the oldest first. */
  const remembered = new Map<string, KeptResponse>();
  let chars = 0;

  const forget = (recordId: string): void => {
    const record = remembered.get(recordId);
    if (record === undefined) return;
    remembered.delete(recordId);
    chars -= charsOf(record);
  };
  const remember = (record: KeptResponse): void => {
    forget(record.recordId);
    remembered.set(record.recordId, record);
    chars += charsOf(record);
    for (const oldest of remembered.keys()) {
      if (remembered.size <= MAX_REMEMBERED_TURNS && chars <= MAX_REMEMBERED_CHARS) return;
      forget(oldest);
    }
  };

  const chain = async (record: KeptResponse): Promise<readonly KeptResponse[]> => {
    const turns: KeptResponse[] = [];
    for (let at: KeptResponse | undefined = record; at !== undefined; ) {
      turns.unshift(at);
      const { parentRecordId } = at;
      if (parentRecordId === undefined) return turns;
      const parent: KeptResponse | undefined = remembered.get(parentRecordId);
      if (parent === undefined) {
        const [, ...rest] = turns;
        const stored = store === undefined ? undefined : await store.chain(at);
        if (stored !== undefined && stored.at(-1)?.recordId === at.recordId && stored.length > 1)
          return [...stored, ...rest];
        throw new InvalidRequestError({
          code: 'previous_response_not_found',
          message: 'The conversation began too long ago on this socket. Send it whole in the request.',
          field: 'previous_response_id',
        });
      }
      at = parent;
    }
    return turns;
  };

  return {
    forRequest: (isStored) => ({
      save(record) {
        remember(record);
        if (isStored) store?.save(record);
      },
      find(clientKeyId, id) {
        const own = [...remembered.values()].findLast(
          (record) => record.id === id && record.clientKeyId === clientKeyId,
        );
        return own ?? store?.find(clientKeyId, id);
      },
      chain,
      async delete(record) {
        forget(record.recordId);
        await store?.delete(record);
      },
    }),
  };
}

const charsOf = ({ content }: KeptResponse): number =>
  content === undefined ? 0 : content.response.length + content.input.length + content.output.length;
