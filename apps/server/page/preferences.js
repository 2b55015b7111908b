import { byId } from './drawing.js';
import { chooseLanguage, LANGUAGES, useLanguage } from './words.js';

/** Connects a control to a stored choice and applies it. No secret is ever stored this way. */
async function keepChoice(control, { key, known, fallback, apply }) {
  // A browser may forbid storage; then a choice lasts until the page is left.
  const attempt = (use) => {
    try {
      return use(localStorage);
    } catch {
      return undefined;
    }
  };
  const stored = attempt((storage) => storage.getItem(key));
  control.value = known.includes(stored) ? stored : fallback;
  control.addEventListener('change', async () => {
    attempt((storage) => storage.setItem(key, control.value));
    await apply(control.value);
  });
  await apply(control.value);
}

export async function startPreferences() {
  await keepChoice(byId('theme'), {
    key: 'proxycast.theme',
    known: ['light', 'dark'],
    fallback: 'system',
    apply(theme) {
      document.documentElement.dataset.theme = theme;
    },
  });
  await keepChoice(byId('language'), {
    key: 'proxycast.language',
    known: LANGUAGES,
    fallback: chooseLanguage(navigator.languages),
    apply: useLanguage,
  });
}
