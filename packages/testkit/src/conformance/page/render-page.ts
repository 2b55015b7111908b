import { CONFORMANCE_DIALECTS, type ConformanceDialect } from '../conformance-dialect.ts';
import { ANSWER_GROUPS } from './answer-capabilities.ts';
import { CALL_GROUPS } from './call-capabilities.ts';
import type { Capability, CapabilityGroup } from './capability.ts';
import { FAILURE_GROUPS } from './failure-capabilities.ts';
import { NATIVE_GROUPS } from './native-capabilities.ts';
import type { Outcome } from './outcome.ts';
import { REQUEST_GROUPS } from './request-capabilities.ts';
import { THINKING_GROUPS } from './thinking-capabilities.ts';

const GROUPS: readonly CapabilityGroup[] = [
  ...REQUEST_GROUPS,
  ...ANSWER_GROUPS,
  ...CALL_GROUPS,
  ...THINKING_GROUPS,
  ...NATIVE_GROUPS,
  ...FAILURE_GROUPS,
];

const NAMES: Readonly<Record<ConformanceDialect['id'], string>> = {
  anthropic: 'Anthropic Messages',
  openai: 'Chat Completions',
  responses: 'Responses',
  gemini: 'Gemini',
};

const HEAD = `# What works between the dialects

Each client dialect before each upstream dialect, tried when this page was made: \`npm run conformance\` writes it, and \`npm test\`
fails where it no longer says what the code does. [conversion.md](conversion.md) is the contract behind it, field by field.

A request is encoded, checked by the strict fake of the service, and read there again; an answer, scripted or recorded, is
converted whole and streamed, and read by a plain reader of the client's dialect. Nothing on this page is written by hand but
the names of the rows.

| Sign | |
| --- | --- |
| ✓ | arrives as it was said |
| ~ | arrives weaker, in another form or not at all; the note says how. \`code\` in a note is what \`x-proxycast-changed\` names |
| ✗ | a 400 that names it, since the answer would be wrong without it |
| – | the client's dialect cannot ask for it, or the service's does not say it |

On the diagonal requests and answers usually pass as bytes; it shows what remains where they have to be converted all the same.
`;

/** The page \`architecture/conformance.md\`. Throws where something is wrong rather than lossy. */
export function renderConformancePage(): string {
  const faults: string[] = [];
  const parts = CONFORMANCE_DIALECTS.map((client) => renderClient(client, faults));
  if (faults.length > 0) throw new Error(`What does not work is no page:\n${faults.join('\n')}`);
  return `${HEAD}\n${parts.join('\n')}`;
}

function renderClient(client: ConformanceDialect, faults: string[]): string {
  const notes = new Map<string, number>();
  const tables = GROUPS.flatMap((group) => renderGroup(group, client, notes, faults));
  const listed = [...notes].map(([note, number]) => `${number}. ${note}`);
  return `## Clients that speak ${NAMES[client.id]}\n\n${tables.join('\n')}\nNotes:\n\n${listed.join('\n')}\n`;
}

function renderGroup(
  { title, capabilities }: CapabilityGroup,
  client: ConformanceDialect,
  notes: Map<string, number>,
  faults: string[],
): readonly string[] {
  const rows = capabilities.flatMap((capability) => renderRow(capability, client, notes, faults));
  if (rows.length === 0) return [];
  const names = CONFORMANCE_DIALECTS.map(({ id }) => NAMES[id]);
  return [`| ${title} | ${names.join(' | ')} |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`];
}

function renderRow(
  { title, look }: Capability,
  client: ConformanceDialect,
  notes: Map<string, number>,
  faults: string[],
): readonly string[] {
  const outcomes = CONFORMANCE_DIALECTS.map((upstream) => {
    const outcome = look(client, upstream);
    if (outcome.type === 'fault') faults.push(`${title}, ${client.id} before ${upstream.id}: ${outcome.what}`);
    return outcome;
  });
  if (outcomes.every(({ type }) => type === 'none')) return [];
  return [`| ${title} | ${outcomes.map((outcome) => renderOutcome(outcome, notes)).join(' | ')} |`];
}

function renderOutcome(outcome: Outcome, notes: Map<string, number>): string {
  switch (outcome.type) {
    case 'pass':
      return '✓';
    case 'none':
      return '–';
    case 'lossy':
      return `~ ${noteOf(outcome.what, notes)}`;
    case 'refused':
      return `✗ ${noteOf(outcome.why, notes)}`;
    case 'fault':
      return '!';
  }
}

function noteOf(text: string, notes: Map<string, number>): string {
  const note = text.replaceAll('|', '\\|').trim();
  const number = notes.get(note) ?? notes.size + 1;
  notes.set(note, number);
  return `(${number})`;
}
