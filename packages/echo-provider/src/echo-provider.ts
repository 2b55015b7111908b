import { type ChatRequest, type Provider, parseProtocolId, parseProviderId, type StreamEvent } from '@proxycast/spec';
import { findRequestedTool } from './find-requested-tool.ts';
import { sampleInput } from './sample-input.ts';
import { textOfTurn } from './text-of-turn.ts';

export const ECHO_MODEL = 'proxycast-echo';

// Past this an echo teaches nothing and only costs memory.
const MAX_ECHO_CHARACTERS = 64 * 1024;
const CHARACTERS_PER_DELTA = 24;
/** A rough average over languages and code; the echo needs a plausible figure, not an exact one. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * Answers with what it was told, so that a new installation answers before any key exists. Calls a tool when the
 * last message asks for one by name, or asks for "a tool".
 */
export function createEchoProvider({
  newId,
  protocols,
}: {
  readonly newId: () => string;
  readonly protocols: readonly string[];
}): Provider {
  const spoken = protocols.map(parseProtocolId);
  return {
    id: parseProviderId('proxycast'),
    displayName: 'ProxyCast',
    models: [ECHO_MODEL],
    protocolsFor: (operation) => (operation === 'chat' || operation === 'count-tokens' ? spoken : []),
    transport: { type: 'local', answer: (request) => answer(request, newId()), countTokens: inputTokens },
  };
}

function inputTokens(request: ChatRequest): number {
  const characters = request.turns.reduce((sum, turn) => sum + textOfTurn(turn).length, 0);
  return tokensOf(characters) + request.tools.length;
}

const tokensOf = (characters: number): number => Math.max(1, Math.ceil(characters / CHARACTERS_PER_TOKEN));

function answer(request: ChatRequest, id: string): readonly StreamEvent[] {
  const tool = findRequestedTool(request);
  const start: StreamEvent = { type: 'message-start', id, model: request.model };
  if (tool !== undefined) {
    const last = request.turns.at(-1);
    const lastText = last === undefined ? '' : textOfTurn(last);
    const json = JSON.stringify(sampleInput(tool.inputSchema, lastText));
    return [
      start,
      { type: 'tool-call-start', block: 0, callId: `call_${id}`, name: tool.name, kind: 'function' },
      { type: 'tool-input-delta', block: 0, json },
      { type: 'block-end', block: 0 },
      { type: 'usage', usage: { input: inputTokens(request), output: tokensOf(json.length) } },
      { type: 'message-end', reason: 'tool-use' },
    ];
  }
  const text = echoText(request);
  return [
    start,
    { type: 'text-start', block: 0 },
    ...piecesOf(text).map((piece): StreamEvent => ({ type: 'text-delta', block: 0, text: piece })),
    { type: 'block-end', block: 0 },
    { type: 'usage', usage: { input: inputTokens(request), output: tokensOf(text.length) } },
    { type: 'message-end', reason: 'end' },
  ];
}

function echoText(request: ChatRequest): string {
  for (const turn of request.turns.toReversed()) {
    if (turn.role !== 'user' && turn.role !== 'tool') continue;
    const text = textOfTurn(turn);
    if (text !== '') return text.slice(0, MAX_ECHO_CHARACTERS);
  }
  return 'ProxyCast is running.';
}

/** Cuts between characters, never inside a surrogate pair. */
function piecesOf(text: string): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const character of text) {
    piece += character;
    if (piece.length >= CHARACTERS_PER_DELTA) {
      pieces.push(piece);
      piece = '';
    }
  }
  if (piece !== '') pieces.push(piece);
  return pieces;
}
