import {
  type ChatBlock,
  type ChatRequest,
  type ChatTool,
  type MediaBlock,
  type MediaSource,
  unreachable,
} from '@proxycast/spec';
import { type ImageSize, imageSizeOf } from './media/image-size.ts';
import { pdfPageCountOf } from './media/pdf-page-count.ts';
import { playSecondsOf } from './media/play-seconds.ts';
import type { TextMeter, TextTokens } from './text-meter.ts';

/** A file in a request, as far as its tokens depend on it. */
export type MeasuredMedia =
  | { readonly type: 'image'; readonly size: ImageSize; readonly detail?: string }
  | { readonly type: 'pdf'; readonly pages: number }
  | { readonly type: 'audio' | 'video'; readonly seconds: number };

/** What a request is made of, before a family says what each costs. Tokens are those of an encoding. */
export interface RequestMeasure {
  /** Of system, user, assistant and result text. */
  text: number;
  wideText: number;
  turns: number;
  hasSystem: boolean;
  calls: number;
  /** Names and inputs. */
  callText: number;
  results: number;
  /** Thinking of the turns that answer the last question. */
  thinking: number;
  /** Thinking before that, which most services leave out. */
  earlierThinking: number;
  /** Characters of signatures and encrypted reasoning there. */
  signatureUnits: number;
  tools: number;
  toolText: number;
  serverTools: number;
  /** Whether a call is asked for. */
  isForced: boolean;
  /** Of a schema for the answer; 0 without one. */
  schemaText: number;
  isThinking: boolean;
  readonly media: MeasuredMedia[];
}

/** Enough of a file to hold its header, the profiles of a photograph included; in base64 characters. */
const HEAD_UNITS = 256 * 1024;
/** A larger file is not looked through for pages. */
const MAX_PDF_UNITS = 16 * 1024 * 1024;
/** What a service reads as text; other documents it turns into pages. */
const TEXT_TYPE = /^text\/|json|xml|yaml|csv|javascript|markdown/;
/** Of what cannot be looked at: an address, a file kept by a service. */
const USUAL_IMAGE: ImageSize = { width: 1_024, height: 1_024 };
const USUAL_PAGES = 3;
const USUAL_SECONDS = 30;

/** Measures a request. Pure but for the meter, whose bound holds over the whole request. */
export function measureRequest(request: ChatRequest, meter: TextMeter): RequestMeasure {
  const measure: RequestMeasure = {
    text: 0,
    wideText: 0,
    turns: 0,
    hasSystem: false,
    calls: 0,
    callText: 0,
    results: 0,
    thinking: 0,
    earlierThinking: 0,
    signatureUnits: 0,
    tools: 0,
    toolText: 0,
    serverTools: 0,
    isForced: request.toolChoice?.type === 'required' || request.toolChoice?.type === 'named',
    schemaText: 0,
    isThinking: request.reasoning !== undefined && request.reasoning.mode !== 'off',
    media: [],
  };
  const lastQuestion = request.turns.findLastIndex(({ role }) => role === 'user');
  for (const [index, { role, blocks }] of request.turns.entries()) {
    if (role === 'system') measure.hasSystem = true;
    measure.turns++;
    for (const block of blocks) measureBlock(block, measure, meter, index > lastQuestion);
  }
  for (const tool of request.tools) measureTool(tool, measure, meter);
  if (request.output?.type === 'schema') measure.schemaText = meter.count(JSON.stringify(request.output.schema)).tokens;
  return measure;
}

function measureBlock(block: ChatBlock, measure: RequestMeasure, meter: TextMeter, isAnswer: boolean): void {
  switch (block.type) {
    case 'text':
    case 'refusal':
      addText(measure, meter.count(block.text));
      break;
    case 'image':
    case 'document':
    case 'audio':
    case 'video':
      measureMedia(block, measure, meter);
      break;
    case 'tool-call':
    case 'server-tool-call':
      measure.calls++;
      measure.callText += meter.count(`${block.name} ${textOfInput(block.input)}`).tokens;
      break;
    case 'tool-result':
      measure.results++;
      for (const inner of block.blocks) measureBlock(inner, measure, meter, isAnswer);
      break;
    case 'thinking':
      for (const part of block.parts) {
        const { tokens } = meter.count(part);
        if (isAnswer) measure.thinking += tokens;
        else measure.earlierThinking += tokens;
      }
      break;
    case 'redacted-thinking':
      break;
    case 'server-tool-result':
      measure.results++;
      if (block.text !== undefined) addText(measure, meter.count(block.text));
      for (const { url, title } of block.sources ?? []) addText(measure, meter.count(`${title ?? ''} ${url}`));
      break;
    case 'opaque':
      addText(measure, meter.count(JSON.stringify(block.value)));
      break;
    default:
      unreachable(block);
  }
  if (isAnswer && 'signature' in block && block.signature !== undefined) {
    measure.signatureUnits += block.signature.value.length;
  }
}

function measureTool(tool: ChatTool, measure: RequestMeasure, meter: TextMeter): void {
  switch (tool.type) {
    case 'function':
      measure.tools++;
      measure.toolText += meter.count(
        JSON.stringify({ name: tool.name, description: tool.description, input_schema: tool.inputSchema }),
      ).tokens;
      break;
    case 'custom':
      measure.tools++;
      measure.toolText += meter.count(
        `${tool.name} ${tool.description ?? ''} ${tool.grammar?.definition ?? ''}`,
      ).tokens;
      break;
    case 'server':
      measure.serverTools++;
      break;
    default:
      unreachable(tool);
  }
}

function addText(measure: RequestMeasure, { tokens, wide }: TextTokens): void {
  measure.text += tokens;
  measure.wideText += wide;
}

const textOfInput = (input: unknown): string => (typeof input === 'string' ? input : JSON.stringify(input));

function measureMedia(block: MediaBlock, measure: RequestMeasure, meter: TextMeter): void {
  const { source } = block;
  if (source.type === 'text') {
    addText(measure, meter.count(`${block.title ?? ''} ${source.text}`));
    return;
  }
  const mediaType = source.mediaType ?? '';
  switch (block.type) {
    case 'image': {
      const head = headOf(source);
      const size = (head === undefined ? undefined : imageSizeOf(head)) ?? USUAL_IMAGE;
      measure.media.push({ type: 'image', size, ...(block.detail === undefined ? {} : { detail: block.detail }) });
      return;
    }
    case 'document':
      if (source.type === 'base64' && TEXT_TYPE.test(mediaType)) {
        addText(measure, meter.count(Buffer.from(source.data, 'base64').toString('utf8')));
        return;
      }
      measure.media.push({ type: 'pdf', pages: pagesOf(source) });
      return;
    case 'audio':
    case 'video': {
      const head = headOf(source);
      const seconds =
        head === undefined || source.type !== 'base64'
          ? USUAL_SECONDS
          : playSecondsOf(head, source.data.length * 0.75, `${block.type}/${mediaType}`);
      measure.media.push({ type: block.type, seconds });
      return;
    }
    default:
      unreachable(block.type);
  }
}

const headOf = (source: MediaSource): Buffer | undefined =>
  source.type === 'base64' ? Buffer.from(source.data.slice(0, HEAD_UNITS), 'base64') : undefined;

function pagesOf(source: MediaSource): number {
  if (source.type !== 'base64') return USUAL_PAGES;
  return pdfPageCountOf(Buffer.from(source.data.slice(0, MAX_PDF_UNITS), 'base64'));
}
