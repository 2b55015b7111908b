import english from './words.en.json' with { type: 'json' };
import chinese from './words.zh-CN.json' with { type: 'json' };

export type WordKey = keyof typeof english;

/** A sentence of the catalogue with its `{fields}` filled in. */
export type Words = (key: WordKey, fields?: Readonly<Record<string, string | number>>) => string;

/** Chinese where the person's environment says so, else English. */
export function createWords(environment: Readonly<Record<string, string | undefined>>): Words {
  const catalogue = isChinese(environment) ? chinese : english;
  return (key, fields = {}) =>
    catalogue[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(fields[name] ?? whole));
}

export function isChinese(environment: Readonly<Record<string, string | undefined>>): boolean {
  return /^zh/i.test(environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '');
}

export function isWordKey(key: string): key is WordKey {
  return key in english;
}
