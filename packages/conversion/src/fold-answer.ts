import {
  type ChatBlock,
  type ChatChoice,
  type ChatResponse,
  type Citation,
  type Extensions,
  type Signature,
  type StopReason,
  type StreamEvent,
  type TokenLogprob,
  type TokenUsage,
  unreachable,
} from '@proxycast/spec';
import { mergeExtensions } from './merge-extensions.ts';
import { mergeUsage } from './merge-usage.ts';

/** What an answer is called whose stream did not say. */
export interface AnswerName {
  readonly id: string;
  readonly model: string;
}

/**
 * A whole answer from the events of a stream. The input of a call stays text. Pings and events that belong to no block
 * have no place in it. Throws the error of a stream that has one.
 */
export function foldAnswer(events: readonly StreamEvent[], fallback: AnswerName): ChatResponse {
  const answer = new FoldedAnswer();
  for (const event of events) answer.add(event);
  return answer.finish(fallback);
}

type StartEvent = Extract<
  StreamEvent,
  {
    readonly type:
      | 'text-start'
      | 'refusal-start'
      | 'thinking-start'
      | 'redacted-thinking'
      | 'tool-call-start'
      | 'server-tool-start'
      | 'server-tool-result'
      | 'image'
      | 'audio-start'
      | 'opaque';
  }
>;
type EndEvent = Extract<StreamEvent, { readonly type: 'message-end' }>;

/** A block while its pieces come. */
interface OpenBlock {
  readonly start: StartEvent;
  /** Text, JSON of an input, base64 of a sound. */
  text: string;
  transcript?: string;
  parts?: string[];
  /** The number of the part that came last, by which it goes on. */
  lastPart?: number;
  signature?: Signature;
  citations?: Citation[];
  logprobs?: TokenLogprob[];
  end?: Extensions;
}

/** A number from outside must not make a list long; no service gives as many as this. */
const MOST_CHOICES = 1024;

interface OpenChoice {
  readonly blocks: OpenBlock[];
  end?: EndEvent;
}

class FoldedAnswer {
  #start: Extract<StreamEvent, { readonly type: 'message-start' }> | undefined;
  #usage: TokenUsage | undefined;
  readonly #blocks = new Map<number, OpenBlock>();
  readonly #choices: OpenChoice[] = [];

  add(event: StreamEvent): void {
    switch (event.type) {
      case 'message-start':
        this.#start ??= event;
        return;
      case 'text-delta': {
        const block = this.#append(event.block, event.text);
        if (block !== undefined && event.logprobs !== undefined) {
          block.logprobs ??= [];
          for (const logprob of event.logprobs) block.logprobs.push(logprob);
        }
        return;
      }
      case 'refusal-delta':
        this.#append(event.block, event.text);
        return;
      case 'tool-input-delta':
      case 'server-tool-input-delta':
        this.#append(event.block, event.json);
        return;
      case 'thinking-delta': {
        const block = this.#blocks.get(event.block);
        if (block === undefined) return;
        appendPart(block, event.part ?? 0, event.text);
        return;
      }
      case 'audio-delta': {
        const block = this.#append(event.block, event.data ?? '');
        if (block !== undefined && event.transcript !== undefined) {
          block.transcript = (block.transcript ?? '') + event.transcript;
        }
        return;
      }
      case 'citation': {
        const block = this.#blocks.get(event.block);
        if (block === undefined) return;
        block.citations ??= [];
        block.citations.push(event.citation);
        return;
      }
      case 'signature': {
        const block = this.#blocks.get(event.block);
        if (block !== undefined) block.signature = event.signature;
        return;
      }
      case 'block-end': {
        const block = this.#blocks.get(event.block);
        if (block !== undefined && event.extensions !== undefined) block.end = event.extensions;
        return;
      }
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage);
        return;
      case 'message-end':
        this.#choice(event.choice).end = event;
        return;
      case 'error':
        throw event.error;
      case 'ping':
      case 'extension':
        return;
      default:
        this.#open(event);
    }
  }

  finish(fallback: AnswerName): ChatResponse {
    const start = this.#start;
    this.#choice(0);
    return {
      id: start?.id ?? fallback.id,
      model: start?.model ?? fallback.model,
      ...(start?.createdAtSeconds === undefined ? {} : { createdAtSeconds: start.createdAtSeconds }),
      choices: Array.from(this.#choices, choiceOf),
      ...(this.#usage === undefined ? {} : { usage: this.#usage }),
      ...(start?.extensions === undefined ? {} : { extensions: start.extensions }),
    };
  }

  #open(start: StartEvent): void {
    const block: OpenBlock = { start, text: '' };
    this.#blocks.set(start.block, block);
    this.#choice(start.choice).blocks.push(block);
  }

  #append(id: number, text: string): OpenBlock | undefined {
    const block = this.#blocks.get(id);
    if (block !== undefined) block.text += text;
    return block;
  }

  #choice(number = 0): OpenChoice {
    const index = Math.min(number, MOST_CHOICES - 1);
    while (this.#choices.length <= index) this.#choices.push({ blocks: [] });
    return this.#choices[index] ?? { blocks: [] };
  }
}

function appendPart(block: OpenBlock, part: number, text: string): void {
  block.parts ??= [];
  const { parts } = block;
  // A number that skips some is the next part, and goes on as it: it comes from outside and must not make a list long.
  const last = parts.length - 1;
  const index = part === block.lastPart ? last : Math.min(part, last + 1);
  if (index > last) block.lastPart = part;
  parts[index] = (parts[index] ?? '') + text;
}

function choiceOf({ blocks, end }: OpenChoice): ChatChoice {
  const reason: StopReason = end?.reason ?? 'other';
  return {
    blocks: blocks.map(blockOf),
    reason,
    ...(end?.upstreamReason === undefined ? {} : { upstreamReason: end.upstreamReason }),
    ...(end?.stopSequence === undefined ? {} : { stopSequence: end.stopSequence }),
    ...(end?.extensions === undefined ? {} : { extensions: end.extensions }),
  };
}

function blockOf(block: OpenBlock): ChatBlock {
  const { start, text, citations, logprobs } = block;
  const signature = block.signature ?? ('signature' in start ? start.signature : undefined);
  const extensions = mergeExtensions(start.extensions, block.end);
  const base = {
    ...(signature === undefined ? {} : { signature }),
    ...(extensions === undefined ? {} : { extensions }),
  };
  switch (start.type) {
    case 'text-start':
      return {
        type: 'text',
        text,
        ...(citations === undefined ? {} : { citations }),
        ...(logprobs === undefined ? {} : { logprobs }),
        ...base,
      };
    case 'refusal-start':
      return { type: 'refusal', text, ...(extensions === undefined ? {} : { extensions }) };
    case 'thinking-start':
      return { type: 'thinking', kind: start.kind, parts: block.parts ?? [], ...base };
    case 'redacted-thinking':
      return { type: 'redacted-thinking', ...base, signature: signature ?? start.signature };
    case 'tool-call-start':
      return {
        type: 'tool-call',
        callId: start.callId,
        name: start.name,
        kind: start.kind,
        input: text,
        ...(start.namespace === undefined ? {} : { namespace: start.namespace }),
        ...base,
      };
    case 'server-tool-start':
      return {
        type: 'server-tool-call',
        callId: start.callId,
        tool: start.tool,
        name: start.name,
        input: text,
        ...base,
      };
    case 'server-tool-result':
      return {
        type: 'server-tool-result',
        callId: start.callId,
        tool: start.tool,
        ...(start.isError === undefined ? {} : { isError: start.isError }),
        ...(start.sources === undefined ? {} : { sources: start.sources }),
        ...(start.text === undefined ? {} : { text: start.text }),
        ...base,
      };
    case 'image':
      return { type: 'image', source: start.source, ...base };
    case 'audio-start':
      return {
        type: 'audio',
        source: { type: 'base64', mediaType: mediaTypeOf(start.format), data: text },
        ...(block.transcript === undefined ? {} : { transcript: block.transcript }),
        ...base,
      };
    case 'opaque':
      return {
        type: 'opaque',
        protocol: start.protocol,
        value: start.value,
        ...(extensions === undefined ? {} : { extensions }),
      };
    default:
      return unreachable(start);
  }
}

const mediaTypeOf = (format: string | undefined): string =>
  format === undefined ? 'application/octet-stream' : `audio/${format}`;
