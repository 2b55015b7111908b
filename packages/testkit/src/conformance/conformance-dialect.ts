import { anthropicMessages } from '@proxycast/protocol-anthropic-messages';
import { gemini } from '@proxycast/protocol-gemini';
import { openaiChat } from '@proxycast/protocol-openai-chat';
import { openaiResponses } from '@proxycast/protocol-openai-responses';
import type { ChatCodec, Protocol } from '@proxycast/spec';
import { anthropicDialect } from '../fake-upstream/anthropic/anthropic-dialect.ts';
import { chatDialect } from '../fake-upstream/chat/chat-dialect.ts';
import type { FakeDialect } from '../fake-upstream/dialect.ts';
import { geminiDialect } from '../fake-upstream/gemini/gemini-dialect.ts';
import type { FakeDialectId } from '../fake-upstream/recorded-request.ts';
import { responsesDialect } from '../fake-upstream/responses/responses-dialect.ts';
import type { RawAnswerReader } from './raw-answers/raw-answer.ts';
import { rawAnthropic } from './raw-answers/raw-anthropic.ts';
import { rawChat } from './raw-answers/raw-chat.ts';
import { rawGemini } from './raw-answers/raw-gemini.ts';
import { rawResponses } from './raw-answers/raw-responses.ts';

/** One dialect with all that judges it. */
export interface ConformanceDialect {
  readonly id: FakeDialectId;
  /** Its name in the manifest of the recordings. */
  readonly recorded: string;
  readonly protocol: Protocol;
  readonly codec: ChatCodec;
  readonly strict: FakeDialect;
  readonly raw: RawAnswerReader;
}

export const CONFORMANCE_DIALECTS: readonly ConformanceDialect[] = [
  { id: 'anthropic', recorded: 'anthropic', ...speak(anthropicMessages), strict: anthropicDialect, raw: rawAnthropic },
  { id: 'openai', recorded: 'openai-chat', ...speak(openaiChat), strict: chatDialect, raw: rawChat },
  {
    id: 'responses',
    recorded: 'openai-responses',
    ...speak(openaiResponses),
    strict: responsesDialect,
    raw: rawResponses,
  },
  { id: 'gemini', recorded: 'gemini', ...speak(gemini), strict: geminiDialect, raw: rawGemini },
];

export function dialectOf(id: FakeDialectId): ConformanceDialect {
  const found = CONFORMANCE_DIALECTS.find((dialect) => dialect.id === id);
  if (found === undefined) throw new RangeError(`No dialect is called ${id}.`);
  return found;
}

/** Each dialect beside each, itself too with `all`. */
export function dialectPairs(which: 'foreign' | 'all'): readonly (readonly [ConformanceDialect, ConformanceDialect])[] {
  return CONFORMANCE_DIALECTS.flatMap((from) =>
    CONFORMANCE_DIALECTS.filter((to) => which === 'all' || to !== from).map((to) => [from, to] as const),
  );
}

function speak(protocol: Protocol): { readonly protocol: Protocol; readonly codec: ChatCodec } {
  if (protocol.codec === undefined) throw new TypeError(`${protocol.id} has no codec.`);
  return { protocol, codec: protocol.codec };
}
