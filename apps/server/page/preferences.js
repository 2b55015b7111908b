import { byId } from './drawing.js';
import { chooseLanguage, LANGUAGES, useLanguage } from './words.js';

/** The two choices that outlive a visit. No secret is ever kept there. */
const LANGUAGE = 'proxycast.language';
const THEME = 'proxycast.theme';

// A browser may forbid storage; then a choice lasts until the page is left.
function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {}
}

function useTheme(theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Applies the stored choices, or the browser's, and connects both controls. */
export async function startPreferences() {
  const theme = byId('theme');
  const language = byId('language');
  const storedTheme = read(THEME);
  theme.value = ['light', 'dark'].includes(storedTheme) ? storedTheme : 'system';
  useTheme(theme.value);
  theme.addEventListener('change', () => {
    write(THEME, theme.value);
    useTheme(theme.value);
  });

  const storedLanguage = read(LANGUAGE);
  language.value = LANGUAGES.includes(storedLanguage) ? storedLanguage : chooseLanguage(navigator.languages);
  language.addEventListener('change', async () => {
    try {
      await useLanguage(language.value);
      write(LANGUAGE, language.value);
    } catch {
      language.value = document.documentElement.lang;
    }
  });
  await useLanguage(language.value);
}
