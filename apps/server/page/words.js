export const LANGUAGES = ['en', 'zh-CN'];

const ATTRIBUTES = { wordLabel: 'aria-label', wordPlaceholder: 'placeholder', wordGroup: 'label' };
const SPOKEN = '[data-word], [data-word-label], [data-word-placeholder], [data-word-group]';
const spoken = new WeakMap();
let language = 'en';
let catalogue = {};

/** The first language in `wanted` that there are words in. Any kind of Chinese is closer to ours than English is. */
export function chooseLanguage(wanted) {
  for (const tag of wanted) {
    const found = LANGUAGES.find((known) => known.split('-')[0] === tag?.split('-')[0]);
    if (found !== undefined) return found;
  }
  return 'en';
}

/** Loads the words of a language and says everything that is on the page again in it. */
export async function useLanguage(next) {
  const response = await fetch(`/page/words.${next}.json`);
  if (!response.ok) throw new Error(`The words of ${next} could not be loaded.`);
  catalogue = await response.json();
  language = next;
  document.documentElement.lang = next;
  translate(document);
}

export const hasWord = (key) => Object.hasOwn(catalogue, key);

/** The words of a key. Numbers and dates in `values` are written as the language does; `count` chooses the plural. */
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

/** Puts words into an element, which follows the language from then on. Without a key the element falls silent. */
export function say(element, key, values = {}) {
  if (key === undefined) delete element.dataset.word;
  else element.dataset.word = key;
  spoken.set(element, values);
  const text = key === undefined ? '' : word(key, values);
  // The same text again would make a screen reader read it again.
  if (element.textContent !== text) element.textContent = text;
}

export function sayLabel(element, key, values = {}) {
  element.dataset.wordLabel = key;
  spoken.set(element, { ...spoken.get(element), ...values });
  element.setAttribute('aria-label', word(key, values));
}

/** Says everything below `root` in the language of the page. */
export function translate(root) {
  for (const element of root.querySelectorAll(SPOKEN)) {
    const values = spoken.get(element);
    if (element.dataset.word !== undefined) element.textContent = word(element.dataset.word, values);
    for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
      if (element.dataset[name] !== undefined) element.setAttribute(attribute, word(element.dataset[name], values));
    }
  }
}
