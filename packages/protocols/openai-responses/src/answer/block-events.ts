import type { BlockId, ChatBlock, StreamEvent } from '@proxycast/spec';

/** A block of an answer that has come whole, as events; none for what an answer does not hold. */
export function blockEvents(content: ChatBlock, block: BlockId): readonly StreamEvent[] {
  const inner = innerEvents(content, block);
  return inner.length === 0 ? inner : [...inner, { type: 'block-end', block }];
}

function innerEvents(content: ChatBlock, block: BlockId): readonly StreamEvent[] {
  const start = { block, ...(content.extensions === undefined ? {} : { extensions: content.extensions }) };
  switch (content.type) {
    case 'text': {
      const { text, logprobs, citations = [] } = content;
      return [
        { type: 'text-start', ...start },
        ...(text === '' && logprobs === undefined
          ? []
          : [{ type: 'text-delta' as const, block, text, ...(logprobs === undefined ? {} : { logprobs }) }]),
        ...citations.map((citation) => ({ type: 'citation' as const, block, citation })),
      ];
    }
    case 'refusal':
      return [
        { type: 'refusal-start', ...start },
        ...(content.text === '' ? [] : [{ type: 'refusal-delta' as const, block, text: content.text }]),
      ];
    case 'thinking': {
      const { kind, parts, signature } = content;
      return [
        { type: 'thinking-start', kind, ...start },
        ...parts.map((text, part) => ({ type: 'thinking-delta' as const, block, text, part })),
        ...(signature === undefined ? [] : [{ type: 'signature' as const, block, signature }]),
      ];
    }
    case 'redacted-thinking':
      return [{ type: 'redacted-thinking', signature: content.signature, ...start }];
    case 'tool-call': {
      const { callId, name, kind, namespace } = content;
      const json = typeof content.input === 'string' ? content.input : JSON.stringify(content.input);
      return [
        {
          type: 'tool-call-start',
          callId,
          name,
          kind,
          ...(namespace === undefined ? {} : { namespace }),
          ...start,
        },
        ...(json === '' ? [] : [{ type: 'tool-input-delta' as const, block, json }]),
      ];
    }
    case 'server-tool-call': {
      const { callId, tool, name } = content;
      const json = typeof content.input === 'string' ? content.input : JSON.stringify(content.input);
      return [
        { type: 'server-tool-start', callId, tool, name, ...start },
        ...(json === '' ? [] : [{ type: 'server-tool-input-delta' as const, block, json }]),
      ];
    }
    case 'server-tool-result': {
      const { callId, tool, isError, sources, text } = content;
      return [
        {
          type: 'server-tool-result',
          callId,
          tool,
          ...(isError === undefined ? {} : { isError }),
          ...(sources === undefined ? {} : { sources }),
          ...(text === undefined ? {} : { text }),
          ...start,
        },
      ];
    }
    case 'image':
      return [{ type: 'image', source: content.source, ...start }];
    case 'opaque':
      return [{ type: 'opaque', protocol: content.protocol, value: content.value, ...start }];
    default:
      return [];
  }
}
