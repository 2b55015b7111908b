import { parseArgs } from 'node:util';
import type { PeerAddress } from './targets/peer.ts';

export interface Arguments {
  /** Absent: all. */
  readonly cells?: readonly string[];
  readonly slices?: number;
  /** Absent: `results` beside this file. */
  readonly out?: string;
  readonly isQuick: boolean;
  /** Fail when a bar is missed. */
  readonly isCheck: boolean;
  readonly without: readonly string[];
  readonly peers: readonly PeerAddress[];
  /** Where the fake upstream listens, so that a peer can be set up for it; 0 takes a free port. */
  readonly upstreamPort: number;
}

export type ParsedArguments =
  | { readonly type: 'run'; readonly arguments: Arguments }
  | { readonly type: 'help' }
  | { readonly type: 'wrong'; readonly faults: readonly string[] };

export const USAGE = `npm run bench -- [options]

  --cells a,b          only these cells
  --quick              all cells in three minutes, for seeing that they work; its figures are rough
  --slices N           slices per target and cell
  --check              exit with 1 when a bar is missed
  --without a,b        leave these targets out: proxycast, nginx
  --target NAME=URL    one more target, already running and set up for the fake upstream; may be given twice
  --upstream-port N    where the fake upstream listens, for such a target
  --out FOLDER         where the results go`;

const OPTIONS = {
  cells: { type: 'string', multiple: true },
  slices: { type: 'string' },
  out: { type: 'string' },
  quick: { type: 'boolean' },
  check: { type: 'boolean' },
  without: { type: 'string', multiple: true },
  target: { type: 'string', multiple: true },
  'upstream-port': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

export interface KnownNames {
  readonly cells: readonly string[];
  /** Those that may be left out. */
  readonly targets: readonly string[];
  /** Those a peer may not be called. */
  readonly taken: readonly string[];
}

/** All faults at once. */
export function parseArguments(words: readonly string[], known: KnownNames): ParsedArguments {
  const parsed = parseWords(words);
  if (typeof parsed === 'string') return { type: 'wrong', faults: [parsed] };
  if (parsed.help === true) return { type: 'help' };
  const faults: string[] = [];
  const listNames = (option: string, given: readonly string[] = [], names: readonly string[]): readonly string[] => {
    const list = given.flatMap((text) => text.split(',')).map((name) => name.trim());
    for (const name of list.filter((one) => !names.includes(one))) {
      faults.push(`--${option} ${name} is unknown. One of: ${names.join(', ')}.`);
    }
    return list;
  };
  const parseNumber = (option: string, text: string, from: number, to: number): number => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= from && number <= to)) faults.push(`--${option} must be a number from ${from} to ${to}.`);
    return number;
  };

  const cells = listNames('cells', parsed.cells, known.cells);
  const without = listNames('without', parsed.without, known.targets);
  const slices = parsed.slices === undefined ? undefined : parseNumber('slices', parsed.slices, 1, 200);
  const upstreamPort = parseNumber('upstream-port', parsed['upstream-port'] ?? '0', 0, 65_535);
  const peers = (parsed.target ?? []).flatMap((text) => {
    const peer = parsePeer(text, known.taken);
    if (typeof peer !== 'string') return [peer];
    faults.push(peer);
    return [];
  });
  if (faults.length > 0) return { type: 'wrong', faults };
  return {
    type: 'run',
    arguments: {
      ...(cells.length === 0 ? {} : { cells }),
      ...(slices === undefined ? {} : { slices }),
      ...(parsed.out === undefined ? {} : { out: parsed.out }),
      isQuick: parsed.quick ?? false,
      isCheck: parsed.check ?? false,
      without,
      peers,
      upstreamPort,
    },
  };
}

type Words = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

function parseWords(words: readonly string[]): Words | string {
  try {
    return parseArgs({ args: [...words], options: OPTIONS }).values;
  } catch (cause) {
    return cause instanceof Error ? cause.message : 'The options cannot be read.';
  }
}

/** Answers what is wrong as text. */
function parsePeer(text: string, taken: readonly string[]): PeerAddress | string {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0));
  const url = URL.parse(text.slice(at + 1));
  if (!/^[\w.-]+$/.test(name) || url === null) return `--target ${text} is not NAME=URL.`;
  if (taken.includes(name)) return `--target ${name} is the name of a target of the benchmark: choose another.`;
  if (url.protocol !== 'http:') return `--target ${name} must have an http:// address.`;
  return { name, url };
}
