import type { ChatBlock, ChatRequest } from '@proxycast/spec';
import type { FakeDialectId } from '../fake-upstream/recorded-request.ts';

export interface Refusal {
  readonly why: string;
  /** Nothing else than a refusal is right. */
  readonly isCertain: boolean;
}

/** The rows of architecture/conversion.md with ✗ for that target, as far as the request has them. */
export function refusalsOf(request: ChatRequest, to: FakeDialectId): readonly Refusal[] {
  const from = request.protocol;
  if (from === to) return [];
  const refusals: Refusal[] = [];
  const refuse = (why: string, isCertain = true) => refusals.push({ why, isCertain });
  const isOneAnswer = to === 'anthropic' || to === 'responses';
  if ((request.choices ?? 1) > 1 && isOneAnswer) refuse('several answers');
  if (request.previousResponseId !== undefined) refuse('an answer before that is not here');
  if (request.background === true) refuse('an answer in the background');
  for (const field of request.keptByService ?? []) refuse(`${field}, which only one service keeps`);
  for (const modality of request.modalities ?? []) if (modality !== 'text') refuse(`${modality} as the answer`, false);
  for (const block of blocksOf(request)) {
    if (block.type === 'audio' && to === 'anthropic') refuse('sound');
    if (block.type === 'audio' && to !== 'gemini') refuse('sound of that form', false);
    if (block.type === 'video' && to !== 'gemini') refuse('a film');
    if (block.type === 'image' || block.type === 'document') {
      if (block.source.type === 'file-id') refuse('a file of another service');
      if (block.source.type === 'url') refuse('an address', false);
      // A picture or a document in a form the target does not know.
      if (block.source.type === 'base64') refuse(block.source.mediaType, false);
    }
  }
  const isAnyDemanded = request.toolChoice?.type === 'required' && request.tools.every(({ type }) => type === 'server');
  if (isAnyDemanded || request.toolChoice?.type === 'server') refuse('a demand for a tool of the service', false);
  return refusals;
}

function blocksOf(request: ChatRequest): readonly ChatBlock[] {
  return request.turns.flatMap((turn) =>
    turn.blocks.flatMap((block) => (block.type === 'tool-result' ? [block, ...block.blocks] : [block])),
  );
}
