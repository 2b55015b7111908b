import { inputObjectOf } from '@proxycast/conversion';
import { type JsonObject, unreachable } from '@proxycast/spec';
import type {
  AnswerItem,
  CallItem,
  ItemPart,
  MessageItem,
  ReasoningItem,
  ServerItem,
  WholePart,
} from './answer-item.ts';
import type { ItemSink } from './answer-items.ts';
import { argumentsOf, codeOf, encodeItem, encodeItemSkeleton, encodePart } from './encode-item.ts';

/** Writes the events of the API, numbered from 0. What is written is taken with `take`. */
export class FrameWriter implements ItemSink {
  #text = '';
  #sequence = 0;
  /** Around the text of a delta of the open part or call, so that a delta costs one string. */
  #deltaStart = '';
  #deltaEnd = '';
  /** Each item as it was done, for the final response. */
  readonly #done: string[] = [];

  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  /** `fields`: the inside of a JSON object, without its braces. */
  #write(type: string, fields: string): void {
    this.#text += `event: ${type}\ndata: {"type":"${type}",${fields},"sequence_number":${this.#sequence++}}\n\n`;
  }

  comment(): void {
    this.#text += ': keep-alive\n\n';
  }

  response(type: string, json: string): void {
    this.#write(type, `"response":${json}`);
  }

  /** The final response, whose items are those that were done. Answers the response without them. */
  finalResponse(type: string, { output: _, ...response }: JsonObject): string {
    const json = JSON.stringify(response);
    this.response(type, `${json.slice(0, -1)},"output":[${this.#done.join(',')}]}`);
    return json;
  }

  /** Each item that was done, as JSON text. */
  get doneItems(): readonly string[] {
    return this.#done;
  }

  error(error: { readonly code: string; readonly message: string; readonly param: string | null }): void {
    this.#write('error', innerOf(error));
  }

  /** An event of this dialect as it came, in its place among those that were written here. */
  own({ type, sequence_number: _, ...fields }: JsonObject, outputIndex: number | undefined): void {
    const own = outputIndex === undefined ? fields : { ...fields, output_index: outputIndex };
    if (typeof type === 'string' && Object.keys(own).length > 0) this.#write(type, innerOf(own));
  }

  itemAdded(item: AnswerItem, skeleton?: JsonObject): void {
    const added = JSON.stringify(skeleton ?? encodeItemSkeleton(item));
    this.#write('response.output_item.added', `"item":${added},"output_index":${item.outputIndex}`);
    const place = placeOf(item);
    switch (item.type) {
      case 'function_call':
        this.#deltaAs('response.function_call_arguments.delta', '', place);
        return;
      case 'custom_tool_call':
        this.#deltaAs('response.custom_tool_call_input.delta', '', place);
        return;
      case 'web_search_call':
        this.#write('response.web_search_call.in_progress', place);
        this.#write('response.web_search_call.searching', place);
        return;
      case 'code_interpreter_call':
        this.#write('response.code_interpreter_call.in_progress', place);
        return;
      case 'mcp_call':
        this.#write('response.mcp_call.in_progress', place);
        return;
      case 'image_generation_call':
        this.#write('response.image_generation_call.in_progress', place);
        this.#write('response.image_generation_call.generating', place);
        return;
      default:
    }
  }

  #deltaAs(type: string, before: string, behind: string): void {
    this.#deltaStart = `event: ${type}\ndata: {"type":"${type}",${before}"delta":`;
    this.#deltaEnd = `,${behind},"sequence_number":`;
  }

  partAdded(item: MessageItem | ReasoningItem, part: ItemPart | WholePart): void {
    const place = placeOf(item);
    const index = `"content_index":${part.index},`;
    switch (part.type) {
      case 'output_text':
        this.#deltaAs('response.output_text.delta', index, `${place},"logprobs":[]`);
        break;
      case 'refusal':
        this.#deltaAs('response.refusal.delta', index, place);
        break;
      case 'reasoning_text':
        this.#deltaAs('response.reasoning_text.delta', index, place);
        break;
      case 'summary_text':
        this.#deltaAs('response.reasoning_summary_text.delta', '', `${place},"summary_index":${part.index}`);
        this.#write(
          'response.reasoning_summary_part.added',
          `${place},"part":{"type":"summary_text","text":""},"summary_index":${part.index}`,
        );
        return;
      default:
    }
    const empty = part.type === 'whole' ? part.value : encodePart({ ...part, text: '', annotations: [], logprobs: [] });
    this.#write('response.content_part.added', `${index}${place},"part":${JSON.stringify(empty)}`);
  }

  textDelta(_part: ItemPart, text: string, logprobs: readonly JsonObject[] | undefined): void {
    if (logprobs === undefined) {
      this.#text += `${this.#deltaStart}${JSON.stringify(text)}${this.#deltaEnd}${this.#sequence++}}\n\n`;
      return;
    }
    const end = this.#deltaEnd.replace('"logprobs":[]', () => `"logprobs":${JSON.stringify(logprobs)}`);
    this.#text += `${this.#deltaStart}${JSON.stringify(text)}${end}${this.#sequence++}}\n\n`;
  }

  inputDelta(_item: CallItem, text: string): void {
    this.#text += `${this.#deltaStart}${JSON.stringify(text)}${this.#deltaEnd}${this.#sequence++}}\n\n`;
  }

  annotationAdded(item: MessageItem, part: ItemPart, annotation: JsonObject): void {
    this.#write(
      'response.output_text.annotation.added',
      `"annotation":${JSON.stringify(annotation)},"annotation_index":${part.annotations.length - 1},"content_index":${part.index},${placeOf(item)}`,
    );
  }

  partDone(item: MessageItem | ReasoningItem, part: ItemPart | WholePart): void {
    const place = placeOf(item);
    const index = `"content_index":${part.index},${place}`;
    if (part.type === 'summary_text') {
      const said = JSON.stringify(part.text);
      const summaryIndex = `${place},"summary_index":${part.index}`;
      this.#write('response.reasoning_summary_text.done', `${summaryIndex},"text":${said}`);
      this.#write(
        'response.reasoning_summary_part.done',
        `${summaryIndex},"part":{"type":"summary_text","text":${said}}`,
      );
      return;
    }
    if (part.type === 'output_text') {
      const said = `"logprobs":${JSON.stringify(part.logprobs)},"text":${JSON.stringify(part.text)}`;
      this.#write('response.output_text.done', `${index},${said}`);
    } else if (part.type === 'refusal') {
      this.#write('response.refusal.done', `${index},"refusal":${JSON.stringify(part.text)}`);
    } else if (part.type === 'reasoning_text') {
      this.#write('response.reasoning_text.done', `${index},"text":${JSON.stringify(part.text)}`);
    }
    this.#write('response.content_part.done', `${index},"part":${JSON.stringify(encodePart(part))}`);
  }

  inputDone(item: CallItem | ServerItem): void {
    const place = placeOf(item);
    switch (item.type) {
      case 'function_call':
        this.#write(
          'response.function_call_arguments.done',
          `"arguments":${JSON.stringify(argumentsOf(item))},${place},"name":${JSON.stringify(item.name)}`,
        );
        return;
      case 'custom_tool_call':
        this.#write('response.custom_tool_call_input.done', `"input":${JSON.stringify(item.input)},${place}`);
        return;
      case 'web_search_call':
        this.#write('response.web_search_call.completed', place);
        return;
      case 'code_interpreter_call': {
        const code = JSON.stringify(codeOf(inputObjectOf({ input: item.input })));
        this.#write('response.code_interpreter_call_code.delta', `"delta":${code},${place}`);
        this.#write('response.code_interpreter_call_code.done', `"code":${code},${place}`);
        this.#write('response.code_interpreter_call.interpreting', place);
        this.#write('response.code_interpreter_call.completed', place);
        return;
      }
      case 'mcp_call': {
        const input = JSON.stringify(item.input === '' ? '{}' : item.input);
        this.#write('response.mcp_call_arguments.done', `"arguments":${input},${place}`);
        this.#write(item.isError ? 'response.mcp_call.failed' : 'response.mcp_call.completed', place);
        return;
      }
      default:
        unreachable(item);
    }
  }

  itemDone(item: AnswerItem): void {
    if (item.type === 'image_generation_call') this.#write('response.image_generation_call.completed', placeOf(item));
    const json = JSON.stringify(encodeItem(item));
    this.#done[item.outputIndex] = json;
    this.#write('response.output_item.done', `"item":${json},"output_index":${item.outputIndex}`);
  }
}

const placeOf = ({ id, outputIndex }: AnswerItem): string =>
  `"item_id":${JSON.stringify(id)},"output_index":${outputIndex}`;

const innerOf = (fields: JsonObject): string => JSON.stringify(fields).slice(1, -1);
