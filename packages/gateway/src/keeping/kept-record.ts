import type { PlannedProvider } from '@proxycast/routing';
import type { Credential, FinishedAnswer, KeptResponse } from '@proxycast/spec';
import { originOf } from '../conversion/request-conversion-of.ts';
import type { Exchange } from '../exchange.ts';
import type { KeptTurn } from './kept-turn.ts';

export interface AnsweredBy {
  readonly planned: PlannedProvider;
  readonly credential: Credential | undefined;
}

/** The record of an answer that was written here. */
export function recordOfFinished(
  exchange: Exchange,
  turn: KeptTurn,
  { planned, credential }: AnsweredBy,
  { response, status, items }: FinishedAnswer,
): KeptResponse {
  return {
    ...recordBase(exchange, turn, planned, credential),
    id: turn.id,
    status,
    content: { response, input: turn.input(), output: items.join(',') },
  };
}

/** The record of an answer that its service keeps: whose it is, and nothing of what it says. */
export function recordOfPassed(
  exchange: Exchange,
  turn: KeptTurn,
  { planned, credential }: AnsweredBy,
  id: string,
): KeptResponse {
  return { ...recordBase(exchange, turn, planned, credential), id, status: 'completed' };
}

function recordBase(
  exchange: Exchange,
  { recordId, parent, createdAt, isBackground }: KeptTurn,
  planned: PlannedProvider,
  credential: Credential | undefined,
): Omit<KeptResponse, 'id' | 'status' | 'content'> {
  return {
    recordId,
    clientKeyId: exchange.clientKey.id,
    ...(parent === undefined ? {} : { parentRecordId: parent.recordId }),
    chainId: parent?.chainId ?? recordId,
    depth: parent === undefined ? 0 : parent.depth + 1,
    createdAt,
    expiresAt: createdAt + exchange.snapshot.settings.responsesRetentionMs,
    isBackground,
    providerId: planned.provider.id,
    model: planned.model,
    origin: originOf(exchange, planned),
    ...(credential === undefined ? {} : { credentialId: credential.id }),
  };
}
