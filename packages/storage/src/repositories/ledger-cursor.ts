import { type EpochMs, InvalidRequestError } from '@proxycast/spec';

export interface LedgerCursor {
  readonly startedAt: EpochMs;
  readonly id: string;
}

export function renderLedgerCursor({ startedAt, id }: LedgerCursor): string {
  return Buffer.from(`${startedAt} ${id}`).toString('base64url');
}

/** Throws InvalidRequestError: a cursor comes back from a client. */
export function parseLedgerCursor(text: string): LedgerCursor {
  const [, startedAt, id] = /^(\d{1,16}) (.{1,200})$/.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  if (startedAt === undefined || id === undefined) {
    throw new InvalidRequestError({
      code: 'invalid_cursor',
      message: 'The cursor is not one of this list. Take next_cursor of the page before, or leave it out.',
      field: 'cursor',
    });
  }
  return { startedAt: Number(startedAt), id };
}
