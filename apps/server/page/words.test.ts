import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import en from './words.en.json' with { type: 'json' };
import zh from './words.zh-CN.json' with { type: 'json' };

type Entry = string | Readonly<Record<string, string>>;

const CATALOGUES: readonly { readonly language: string; readonly words: ReadonlyMap<string, Entry> }[] = [
  { language: 'en', words: new Map<string, Entry>(Object.entries(en)) },
  { language: 'zh-CN', words: new Map<string, Entry>(Object.entries(zh)) },
];
const SCRIPTS = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.js'))
  .map((name) => ({ name, text: read(name) }));
const HTML = read('index.html').replaceAll(/<!--.*?-->/gs, '');
const KEYS = Object.keys(en);
/** What a name is in every language. */
const NAMES = ['ProxyCast'];

const WORDS_IN_HTML = matchesOf(/data-word(?:-\w+)?="([^"]+)"/g, HTML);
const NAMESPACES = [...new Set(KEYS.map((key) => key.split('.')[0] ?? ''))];
const KEY_IN_SCRIPT = new RegExp(`['"\`]((?:${NAMESPACES.join('|')})\\.[\\w.-]*(?:\\$\\{)?)`, 'g');
const WORDS_IN_SCRIPTS = SCRIPTS.flatMap(({ text }) => matchesOf(KEY_IN_SCRIPT, text));
const WORDS_IN_SNIPPETS = matchesOf(/"place": "([^"]+)"/g, read('snippets.json'));
/** Without scripts nothing can fetch a catalogue, so this one text stands in the markup, in both languages. */
const WITHOUT_SCRIPTS = 'page.script';
const USED = [
  WITHOUT_SCRIPTS,
  ...WORDS_IN_HTML,
  ...WORDS_IN_SCRIPTS.filter((key) => !key.endsWith('${')),
  ...WORDS_IN_SNIPPETS,
];
/** Beginnings of keys whose end is known at run time only. */
const BEGINNINGS = WORDS_IN_SCRIPTS.filter((key) => key.endsWith('${')).map((key) => key.slice(0, -2));

test('both catalogues have the same keys, in the same order', () => {
  expect(Object.keys(zh)).toEqual(KEYS);
});

test.each(CATALOGUES)('every text of $language says something', ({ words }) => {
  for (const [key, entry] of words) {
    for (const text of textsOf(entry)) expect(text.trim(), key).not.toBe('');
  }
});

test.each(CATALOGUES)(
  'a text of $language that depends on a number has every plural of the language',
  ({ language, words }) => {
    const wanted = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
    for (const [key, entry] of words) {
      if (typeof entry !== 'string') expect(Object.keys(entry).toSorted(), key).toEqual(wanted);
    }
  },
);

test('both languages have the same places to fill in', () => {
  const [first, second] = CATALOGUES.map(({ words }) => words);
  for (const key of KEYS) expect(placesOf(second?.get(key)), key).toEqual(placesOf(first?.get(key)));
});

test('no text of one language was left in the other', () => {
  const isSame = (key: string): boolean =>
    JSON.stringify(CATALOGUES[0]?.words.get(key)) === JSON.stringify(CATALOGUES[1]?.words.get(key));
  // Names of products, languages and files are the same everywhere.
  const isName =
    /^(language\.|type\.|dialect\.|tools\.(claude-code|codex|gemini-cli|qwen-code|opencode|.*-file|.*-sdk|curl|python|powershell)$)/;
  expect(KEYS.filter((key) => isSame(key) && !isName.test(key))).toEqual([]);
});

test('every key that the page uses is in the catalogues', () => {
  expect(USED.length).toBeGreaterThan(100);
  expect(USED.filter((key) => !KEYS.includes(key))).toEqual([]);
  expect(BEGINNINGS.filter((beginning) => !KEYS.some((key) => key.startsWith(beginning)))).toEqual([]);
});

test('every key of the catalogues is used', () => {
  const isUsed = (key: string): boolean =>
    USED.includes(key) || BEGINNINGS.some((beginning) => key.startsWith(beginning));
  expect(KEYS.filter((key) => !isUsed(key))).toEqual([]);
});

test('the markup holds no words of its own', () => {
  const noscript = matchesOf(/<noscript>(.*?)<\/noscript>/gs, HTML).flatMap(textNodesOf);
  expect(noscript).toEqual(CATALOGUES.map(({ words }) => words.get(WITHOUT_SCRIPTS)));
  const rest = textNodesOf(HTML.replaceAll(/<noscript>.*?<\/noscript>/gs, ''));
  expect(rest.filter((text) => !NAMES.includes(text))).toEqual([]);
  expect(matchesOf(/\s(?:aria-label|title|label|alt|placeholder)="([^"]*)"/g, HTML)).toEqual(['', 'https://']);
});

test('what a language says of itself is in that language', () => {
  for (const language of ['en', 'zh-CN']) {
    const [first, second] = CATALOGUES.map(({ words }) => words.get(`language.${language}`));
    expect(first).toBe(second);
  }
});

test.each(SCRIPTS)('$name writes words only through the catalogue, and no markup', ({ text }) => {
  expect(text).not.toMatch(/\.(?:textContent|ariaLabel|placeholder|title)\s*=\s*(?:['"]\s*\w|`[^`$]*[a-z]{3,})/i);
  expect(text).not.toMatch(
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc|DOMParser/,
  );
  expect(text).not.toMatch(/\balert\(|\bprompt\(['"]/);
});

test('only the preferences are stored in the browser', () => {
  const isStoring = /localStorage|sessionStorage|indexedDB|document\.cookie/;
  expect(SCRIPTS.filter(({ text }) => isStoring.test(text)).map(({ name }) => name)).toEqual(['preferences.js']);
});

function read(name: string): string {
  return readFileSync(join(import.meta.dirname, name), 'utf8');
}

function matchesOf(pattern: RegExp, text: string): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '');
}

function textNodesOf(html: string): readonly string[] {
  return html
    .split(/<[^>]*>/)
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

function textsOf(entry: Entry | undefined): readonly string[] {
  if (entry === undefined) return [];
  return typeof entry === 'string' ? [entry] : Object.values(entry);
}

function placesOf(entry: Entry | undefined): readonly string[] {
  return [...new Set(textsOf(entry).flatMap((text) => matchesOf(/\{(\w+)\}/g, text)))].toSorted();
}
