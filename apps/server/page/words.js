export const LANGUAGES = ['en', 'zh-CN'];

const ATTRIBUTES = { wordLabel: 'aria-label', wordPlaceholder: 'placeholder', wordGroup: 'label' };
const SPEAKING = '[data-word], [data-word-label], [data-word-placeholder], [data-word-group]';
const valuesOf = new WeakMap();
let language = 'en';
let catalogue = {};

/** The first of `wanted` that there are words in. Any kind of Chinese is closer to ours than English is. */
export function chooseLanguage(wanted) {
  const root = (tag) => tag.split('-')[0];
  const found = wanted.flatMap((tag) => LANGUAGES.filter((known) => root(known) === root(tag)));
  return found[0] ?? 'en';
}

/** Loads the words of a language and says everything on the page in it. */
export async function useLanguage(next) {
  const response = await fetch(`/page/words.${next}.json`);
  catalogue = await response.json();
  language = next;
  document.documentElement.lang = next;
  translate(document);
}

export const hasWord = (key) => Object.hasOwn(catalogue, key);

/** The words of a key, with its places filled in as the language writes numbers and dates; `count` chooses a plural. */
export function word(key, values = {}) {
  const entry = catalogue[key] ?? key;
  const text = typeof entry === 'string' ? entry : entry[new Intl.PluralRules(language).select(values.count)];
  return text.replaceAll(/\{(\w+)\}/g, (_, name) => render(values[name]));
}

function render(value) {
  if (typeof value === 'number') return new Intl.NumberFormat(language).format(value);
  if (value instanceof Date) return new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(value);
  return String(value ?? '');
}

/** Gives an element words that follow the language from then on; without a key it falls silent. */
export function say(element, key, values) {
  element.dataset.word = key ?? '';
  valuesOf.set(element, values);
  const text = key === undefined ? '' : word(key, values);
  // Writing the same text again would make a screen reader read it again.
  if (element.textContent !== text) element.textContent = text;
}

/** Says everything below `root` in the language of the page. */
export function translate(root) {
  for (const element of root.querySelectorAll(SPEAKING)) {
    const values = valuesOf.get(element);
    if (element.dataset.word) element.textContent = word(element.dataset.word, values);
    for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
      if (element.dataset[name]) element.setAttribute(attribute, word(element.dataset[name], values));
    }
  }
}
