import { readFileSync } from 'node:fs';

const README = new URL('../../README.md', import.meta.url);
const CHINESE_README = new URL('../../README.zh-CN.md', import.meta.url);
/** As README.md writes the address and the client key. */
const ADDRESS = 'http://127.0.0.1:8999';
const KEY = 'pc-…';

export interface SnippetPlace {
  readonly baseUrl: string;
  readonly key: string;
  /** Models of README.md in the place of which another is asked for. */
  readonly models?: Readonly<Record<string, string>>;
}

/**
 * The code blocks below a heading of README.md (`**Codex**`), with the address, the key and the models of a test in them: what a
 * new user would paste.
 */
export function readmeSnippets(heading: string, { baseUrl, key, models = {} }: SnippetPlace): readonly string[] {
  const text = readFileSync(README, 'utf8');
  const start = text.indexOf(`\n**${heading}**`);
  if (start < 0) throw new Error(`README.md has no **${heading}**.`);
  const rest = text.slice(start + 1);
  const end = rest.slice(1).search(/\n(?:\*\*|#)/);
  const section = end < 0 ? rest : rest.slice(0, end + 1);
  return [...section.matchAll(/^```\w*\n(.*?)^```/gms)].map(([, code = '']) => {
    let filled = code.replaceAll(ADDRESS, baseUrl).replaceAll(KEY, key);
    for (const [name, other] of Object.entries(models)) filled = filled.replaceAll(name, other);
    return filled;
  });
}

/** The variables a shell snippet exports. */
export function exportedBy(snippet: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...snippet.matchAll(/^export (\w+)="?([^"\n]*)"?$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
}

/** Every code block of the sections on clients, in order: of README.md and of its Chinese form. */
export function clientSnippets(language: 'en' | 'zh-CN'): readonly string[] {
  const text = readFileSync(language === 'en' ? README : CHINESE_README, 'utf8');
  const start = text.indexOf('\n**Claude Code**');
  const end = text.indexOf('\n### ', start);
  if (start < 0 || end < 0) throw new Error('README has no sections on clients.');
  return [...text.slice(start, end).matchAll(/^```\w*\n(.*?)^```/gms)].map(([, code = '']) => code);
}
