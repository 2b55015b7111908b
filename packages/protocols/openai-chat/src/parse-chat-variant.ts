import { EFFORTS } from '@proxycast/spec';
import { isObject, type JsonObject } from '@proxycast/wire';
import {
  type ChatQuirks,
  type ChatVariant,
  PLAIN_QUIRKS,
  REASONING_FORMS,
  REASONING_STYLES,
  REFUSABLE_PARAMETERS,
  type ReasoningHistory,
  type ReasoningRequest,
  TOOL_CHOICES,
} from './chat-variant.ts';

/**
 * Reads a variant from JSON. Fields are named in snake_case; `quirks` says only what differs from OpenAI. Throws a TypeError
 * that lists every fault with its path: a field nobody knows is one, since it is most likely misspelt.
 */
export function parseChatVariant(data: unknown): ChatVariant {
  const faults: string[] = [];
  const variant = new VariantReader(faults).read(data);
  if (faults.length > 0) throw new TypeError(`The variant of a protocol is not valid:\n${faults.join('\n')}`);
  return variant;
}

const ID = /^[a-z][a-z0-9-]{0,63}$/;

class VariantReader {
  readonly #faults: string[];

  constructor(faults: string[]) {
    this.#faults = faults;
  }

  read(data: unknown): ChatVariant {
    const fields = this.#object(data, '', ['id', 'base', 'vendors', 'notes', 'quirks']);
    const { id, base } = fields;
    const isId = typeof id === 'string' && ID.test(id) && id !== 'openai';
    if (!isId) this.#fault('id', "must be a name of lower-case letters, digits and hyphens, other than 'openai'");
    if (base !== 'openai') this.#fault('base', "must be 'openai'");
    this.#texts(fields.notes ?? [], 'notes');
    return {
      id: isId ? id : '',
      base: 'openai',
      vendors: this.#texts(fields.vendors ?? [], 'vendors'),
      quirks: this.#quirks(fields.quirks ?? {}),
    };
  }

  #quirks(value: unknown): ChatQuirks {
    const names = [...Object.keys(PLAIN_QUIRKS), 'maxTemperature'].map(snakeCase);
    const fields = this.#object(value, 'quirks', names);
    const at = (name: string): [unknown, string] => [fields[name], `quirks.${name}`];
    const plain = PLAIN_QUIRKS;
    const maxTemperature = this.#number(...at('max_temperature'));
    return {
      inlineThinking: this.#flag(...at('inline_thinking'), plain.inlineThinking),
      outputBound: this.#word(
        ...at('output_bound'),
        ['max_tokens', 'max_completion_tokens', 'by-model'],
        plain.outputBound,
      ),
      unsupported: this.#words(...at('unsupported'), REFUSABLE_PARAMETERS, plain.unsupported),
      topK: this.#flag(...at('top_k'), plain.topK),
      ...(maxTemperature === undefined ? {} : { maxTemperature }),
      developerRole: this.#flag(...at('developer_role'), plain.developerRole),
      systemMessages: this.#word(...at('system_messages'), ['anywhere', 'leading'], plain.systemMessages),
      turnOrder: this.#word(...at('turn_order'), ['any', 'alternating'], plain.turnOrder),
      userAfterResults: this.#flag(...at('user_after_results'), plain.userAfterResults),
      textContent: this.#word(...at('text_content'), ['parts', 'string'], plain.textContent),
      nullContent: this.#flag(...at('null_content'), plain.nullContent),
      prefill: this.#word(...at('prefill'), ['plain', 'prefix', 'none'], plain.prefill),
      streamOptions: this.#flag(...at('stream_options'), plain.streamOptions),
      callIds: this.#word(...at('call_ids'), ['any', 'nine-alphanumerics'], plain.callIds),
      tools: this.#flag(...at('tools'), plain.tools),
      customTools: this.#flag(...at('custom_tools'), plain.customTools),
      toolChoices: this.#words(...at('tool_choices'), TOOL_CHOICES, plain.toolChoices),
      requiredWord: this.#word(...at('required_word'), ['required', 'any'], plain.requiredWord),
      webSearch: this.#word(
        ...at('web_search'),
        ['search-models', 'always', 'enable_search', 'openrouter', 'zhipu', 'none'],
        plain.webSearch,
      ),
      responseFormats: this.#words(...at('response_formats'), ['json_object', 'json_schema'], plain.responseFormats),
      images: this.#word(...at('images'), ['any', 'data', 'none'], plain.images),
      audio: this.#flag(...at('audio'), plain.audio),
      files: this.#flag(...at('files'), plain.files),
      fileAddresses: this.#word(...at('file_addresses'), ['file_url', 'file_data', 'none'], plain.fileAddresses),
      videos: this.#flag(...at('videos'), plain.videos),
      imageAnswers: this.#flag(...at('image_answers'), plain.imageAnswers),
      cacheControl: this.#flag(...at('cache_control'), plain.cacheControl),
      reasoningRequest: this.#reasoningRequest(fields.reasoning_request),
      reasoningHistory: this.#reasoningHistory(fields.reasoning_history),
    };
  }

  #reasoningRequest(value: unknown): ReasoningRequest {
    if (value === undefined) return PLAIN_QUIRKS.reasoningRequest;
    const path = 'quirks.reasoning_request';
    const fields = this.#object(value, path, ['style', 'efforts', 'models', 'auto']);
    const { models } = fields;
    return {
      style: this.#word(fields.style, `${path}.style`, REASONING_STYLES),
      efforts: this.#words(fields.efforts, `${path}.efforts`, ['none', ...EFFORTS], []),
      ...(models === undefined ? {} : { models: this.#texts(models, `${path}.models`) }),
      auto: this.#flag(fields.auto, `${path}.auto`, false),
    };
  }

  #reasoningHistory(value: unknown): ReasoningHistory {
    if (value === undefined) return PLAIN_QUIRKS.reasoningHistory;
    const path = 'quirks.reasoning_history';
    const fields = this.#object(value, path, ['send', 'form', 'unknown']);
    return {
      send: this.#word(fields.send, `${path}.send`, ['never', 'tool-turns', 'always']),
      form: this.#word(fields.form, `${path}.form`, REASONING_FORMS, 'reasoning_content'),
      unknown: this.#word(fields.unknown, `${path}.unknown`, ['omit', 'empty'], 'omit'),
    };
  }

  #fault(path: string, message: string): void {
    this.#faults.push(`${path}: ${message}`);
  }

  #object(value: unknown, path: string, names: readonly string[]): JsonObject {
    if (!isObject(value)) {
      this.#fault(path === '' ? 'the file' : path, 'must be an object');
      return {};
    }
    for (const name of Object.keys(value)) {
      if (!names.includes(name)) {
        this.#fault(path === '' ? name : `${path}.${name}`, `is not known; known are ${names.join(', ')}`);
      }
    }
    return value;
  }

  #flag(value: unknown, path: string, absent: boolean): boolean {
    if (value === undefined) return absent;
    if (typeof value !== 'boolean') this.#fault(path, 'must be true or false');
    return value === true;
  }

  #number(value: unknown, path: string): number | undefined {
    if (value === undefined) return undefined;
    if (typeof value === 'number' && value > 0) return value;
    this.#fault(path, 'must be a number above 0');
    return undefined;
  }

  #word<const Word extends string>(value: unknown, path: string, words: readonly Word[], absent?: Word): Word {
    if (value === undefined && absent !== undefined) return absent;
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    this.#fault(path, `must be one of ${words.join(', ')}`);
    const [first] = words;
    if (first === undefined) throw new RangeError('There must be a word to choose.');
    return first;
  }

  #words<const Word extends string>(
    value: unknown,
    path: string,
    words: readonly Word[],
    absent: readonly Word[],
  ): readonly Word[] {
    if (value === undefined) return absent;
    if (!Array.isArray(value)) {
      this.#fault(path, `must be a list of ${words.join(', ')}`);
      return absent;
    }
    return value.map((word: unknown, index) => this.#word(word, `${path}[${index}]`, words));
  }

  #texts(value: unknown, path: string): readonly string[] {
    if (Array.isArray(value) && value.every((text) => typeof text === 'string' && text !== '')) return value;
    this.#fault(path, 'must be a list of texts');
    return [];
  }
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
