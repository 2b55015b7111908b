import {
  type ChatBlock,
  type ChatChoice,
  type ChatResponse,
  type JsonObject,
  type MediaBlock,
  type Signature,
  type StreamEvent,
  unreachable,
} from '@proxycast/spec';

/**
 * The events of a whole answer, blocks one after the other: `foldAnswer` makes the same answer of them, with the inputs of
 * calls as text. What the prompt cache marks in an answer, and titles of media, have no event.
 */
export function unfoldAnswer(response: ChatResponse): readonly StreamEvent[] {
  const events: StreamEvent[] = [
    {
      type: 'message-start',
      id: response.id,
      model: response.model,
      ...(response.createdAtSeconds === undefined ? {} : { createdAtSeconds: response.createdAtSeconds }),
      ...(response.extensions === undefined ? {} : { extensions: response.extensions }),
    },
  ];
  let nextBlock = 0;
  response.choices.forEach((choice, index) => {
    for (const block of choice.blocks) nextBlock += unfoldBlock(block, nextBlock, index, events);
    // Before the first end: whoever writes its last unit then has the counts for it.
    if (index === 0 && response.usage !== undefined) events.push({ type: 'usage', usage: response.usage });
    events.push(endOf(choice, index));
  });
  return events;
}

function endOf({ reason, upstreamReason, stopSequence, extensions }: ChatChoice, index: number): StreamEvent {
  return {
    type: 'message-end',
    ...(index === 0 ? {} : { choice: index }),
    reason,
    ...(upstreamReason === undefined ? {} : { upstreamReason }),
    ...(stopSequence === undefined ? {} : { stopSequence }),
    ...(extensions === undefined ? {} : { extensions }),
  };
}

/** How many blocks of a stream it became. */
function unfoldBlock(content: ChatBlock, block: number, choice: number, events: StreamEvent[]): number {
  const start = {
    block,
    ...(choice === 0 ? {} : { choice }),
    ...(content.extensions === undefined ? {} : { extensions: content.extensions }),
  };
  switch (content.type) {
    case 'text': {
      const { text, logprobs, citations } = content;
      events.push({ type: 'text-start', ...start, ...signed(content) });
      if (text !== '' || logprobs !== undefined) {
        events.push({ type: 'text-delta', block, text, ...(logprobs === undefined ? {} : { logprobs }) });
      }
      for (const citation of citations ?? []) events.push({ type: 'citation', block, citation });
      break;
    }
    case 'refusal':
      events.push({ type: 'refusal-start', ...start });
      if (content.text !== '') events.push({ type: 'refusal-delta', block, text: content.text });
      break;
    case 'thinking': {
      const { kind, parts, signature } = content;
      events.push({ type: 'thinking-start', kind, ...start });
      parts.forEach((text, part) => {
        events.push({ type: 'thinking-delta', block, text, part });
      });
      if (signature !== undefined) events.push({ type: 'signature', block, signature });
      break;
    }
    case 'redacted-thinking':
      events.push({ type: 'redacted-thinking', signature: content.signature, ...start });
      break;
    case 'tool-call': {
      const { callId, name, kind, namespace } = content;
      events.push({
        type: 'tool-call-start',
        callId,
        name,
        kind,
        ...(namespace === undefined ? {} : { namespace }),
        ...start,
        ...signed(content),
      });
      const json = textOfInput(content.input);
      if (json !== '') events.push({ type: 'tool-input-delta', block, json });
      break;
    }
    case 'server-tool-call': {
      const { callId, tool, name } = content;
      events.push({ type: 'server-tool-start', callId, tool, name, ...start, ...signed(content) });
      const json = textOfInput(content.input);
      if (json !== '') events.push({ type: 'server-tool-input-delta', block, json });
      break;
    }
    case 'server-tool-result': {
      const { callId, tool, isError, sources, text } = content;
      events.push({
        type: 'server-tool-result',
        callId,
        tool,
        ...(isError === undefined ? {} : { isError }),
        ...(sources === undefined ? {} : { sources }),
        ...(text === undefined ? {} : { text }),
        ...start,
        ...signed(content),
      });
      break;
    }
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
      unfoldMedia(content, start, events);
      break;
    case 'opaque':
      events.push({ type: 'opaque', protocol: content.protocol, value: content.value, ...start });
      break;
    case 'tool-result': {
      // No service answers with one; what it holds is kept as blocks of the answer.
      let count = 0;
      for (const inner of content.blocks) count += unfoldBlock(inner, block + count, choice, events);
      return count;
    }
    default:
      return unreachable(content);
  }
  events.push({ type: 'block-end', block });
  return 1;
}

interface Start {
  readonly block: number;
  readonly choice?: number;
}

function unfoldMedia(content: MediaBlock, start: Start, events: StreamEvent[]): void {
  const { type, source, transcript } = content;
  if (type !== 'audio' || source.type !== 'base64') {
    // Documents and films have no event of their own; their source says what they are.
    events.push({ type: 'image', source, ...start, ...signed(content) });
    return;
  }
  const { block } = start;
  const format = source.mediaType.startsWith('audio/') ? source.mediaType.slice('audio/'.length) : undefined;
  events.push({ type: 'audio-start', ...(format === undefined ? {} : { format }), ...start });
  if (source.data !== '' || transcript !== undefined) {
    events.push({
      type: 'audio-delta',
      block,
      ...(source.data === '' ? {} : { data: source.data }),
      ...(transcript === undefined ? {} : { transcript }),
    });
  }
  if (content.signature !== undefined) events.push({ type: 'signature', block, signature: content.signature });
}

const signed = ({ signature }: { readonly signature?: Signature }) => (signature === undefined ? {} : { signature });

const textOfInput = (input: JsonObject | string): string => (typeof input === 'string' ? input : JSON.stringify(input));
