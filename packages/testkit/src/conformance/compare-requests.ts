import { isDeepStrictEqual } from 'node:util';
import type { ChatRequest, ChatTool } from '@proxycast/spec';
import { isObject, isString, parseJson } from '../json.ts';
import { inputValueOf } from './answer-facts.ts';
import { propertyNamesOf } from './property-names.ts';
import { atomsOf, type RequestAtom } from './request-atoms.ts';
import { REQUEST_FIELDS } from './request-fields.ts';
import type { RequestWay } from './request-way.ts';

/** Every way in which what arrived differs from what was asked, beyond what architecture/conversion.md allows. */
export function compareRequests(asked: ChatRequest, arrived: ChatRequest, way: RequestWay): readonly string[] {
  return [
    ...compareAtoms(atomsOf(asked, way.to), atomsOf(arrived, way.to, way.bridge), way),
    ...compareTools(asked, arrived, way),
    ...REQUEST_FIELDS.flatMap((field) => field.compare(asked, arrived, way).map((fault) => `${field.name}: ${fault}`)),
  ];
}

function compareAtoms(
  asked: readonly RequestAtom[],
  arrived: readonly RequestAtom[],
  way: RequestWay,
): readonly string[] {
  const faults: string[] = [];
  let place = 0;
  for (const [index, atom] of asked.entries()) {
    const found = arrived.findIndex((candidate, at) => at >= place && isSameAtom(atom, candidate, way));
    if (found < 0) {
      faults.push(`${describe(atom)} (${index}) is missing; at its place: ${describe(arrived[place])}`);
      continue;
    }
    const between = arrived.slice(place, found);
    faults.push(...between.flatMap((extra) => unexpected(extra, way)));
    place = found + 1;
  }
  faults.push(...arrived.slice(place).flatMap((extra) => unexpected(extra, way)));
  return faults;
}

/** Text, and a result for a call that has none, may be put in, when it is said that something was. */
function unexpected(extra: RequestAtom, { changes }: RequestWay): readonly string[] {
  const isAdded = extra.type === 'text' || (extra.type === 'result' && /no result/.test(extra.texts.join('')));
  return isAdded && changes.length > 0 ? [] : [`${describe(extra)} came from nowhere`];
}

function isSameAtom(asked: RequestAtom, arrived: RequestAtom, way: RequestWay): boolean {
  if (asked.type === 'text' && arrived.type === 'text')
    return asked.role === arrived.role && isSameText(asked.texts, arrived.texts, way);
  if (asked.type === 'media' && arrived.type === 'media') return asked.source === arrived.source;
  if (asked.type === 'call' && arrived.type === 'call')
    return asked.name === arrived.name && isSameInput(asked, arrived);
  if (asked.type === 'result' && arrived.type === 'result') {
    return (
      asked.call === arrived.call &&
      isSameResult(asked.texts, arrived.texts) &&
      (asked.isError === arrived.isError || way.to !== 'anthropic')
    );
  }
  return false;
}

const squash = (text: string): string => text.replace(/\s+/g, '');

function isSameText(asked: readonly string[], arrived: readonly string[], { changes }: RequestWay): boolean {
  const whole = arrived.join('');
  const isWhole = squash(asked.join('')) === squash(whole);
  // Beside what was said, a note or a mark may stand when that is said too. Each text stands unbroken in any case.
  return (
    (isWhole || changes.length > 0) &&
    asked.every((text) => whole.includes(text) || squash(whole).includes(squash(text)))
  );
}

function isSameInput(
  asked: Extract<RequestAtom, { type: 'call' }>,
  arrived: Extract<RequestAtom, { type: 'call' }>,
): boolean {
  if (isDeepStrictEqual(asked.input, arrived.input)) return true;
  const isText = asked.isCustom || !isObject(asked.input);
  const text = isString(asked.input) ? asked.input : JSON.stringify(asked.input);
  return (
    isText &&
    isObject(arrived.input) &&
    Object.values(arrived.input).some(
      (value) => value === text || isDeepStrictEqual(isString(value) ? inputValueOf(value) : value, asked.input),
    )
  );
}

/** An object of Gemini's may write its JSON otherwise; a mark of an error, a title and a note may stand around. */
function isSameResult(asked: readonly string[], arrived: readonly string[]): boolean {
  const whole = arrived.join('\n');
  if (asked.every((text) => squash(whole).includes(squash(text)))) return true;
  const one = parseJson(asked.join('\n'));
  const other = parseJson(whole.replace(/^Error: /, ''));
  return one !== undefined && isDeepStrictEqual(one, other);
}

function compareTools(asked: ChatRequest, arrived: ChatRequest, way: RequestWay): readonly string[] {
  const clientTools = ({ tools }: ChatRequest) => tools.filter((tool) => tool.type !== 'server');
  // Where only some tools may be called, a dialect without such a choice is given only these.
  const { toolChoice } = asked;
  const isFiltered = toolChoice?.type === 'allowed' && way.to === 'anthropic';
  const expected = clientTools(asked).filter((tool) => !isFiltered || toolChoice.names.includes(tool.name));
  const found = clientTools(arrived);
  const faults: string[] = [];
  // A dialect that wants the tools of the history declared is given them, which is said.
  if (expected.length === 0 && way.changes.some(({ field, action }) => field === 'tools' && action === 'added'))
    return [];
  if (expected.length !== found.length) return [`${found.length} tools instead of ${expected.length}`];
  for (const [index, tool] of expected.entries()) {
    const other = found[index];
    if (other === undefined) continue;
    const bridged = way.bridge?.tools.get(other.name);
    const name = bridged?.name ?? other.name;
    if (name !== tool.name) faults.push(`tools.${index} is named ${name} instead of ${tool.name}`);
    if (bridged !== undefined && bridged.kind !== tool.type)
      faults.push(`tools.${index} would come back as ${bridged.kind}`);
    if (!(other.description ?? '').includes(tool.description?.trim() ?? '')) {
      faults.push(`tools.${index} lost its description: ${other.description} instead of ${tool.description}`);
    }
    if (tool.type === 'function' && other.type === 'function') faults.push(...compareSchemas(tool, other, index));
  }
  return faults;
}

function compareSchemas(
  asked: Extract<ChatTool, { type: 'function' }>,
  arrived: Extract<ChatTool, { type: 'function' }>,
  index: number,
): readonly string[] {
  const [one, other] = [propertyNamesOf(asked.inputSchema), propertyNamesOf(arrived.inputSchema)];
  return isDeepStrictEqual(one, other)
    ? []
    : [`tools.${index} has the properties ${other.join()} instead of ${one.join()}`];
}

function describe(atom: RequestAtom | undefined): string {
  return atom === undefined ? 'nothing' : JSON.stringify(atom).slice(0, 200);
}
