import { announce } from './drawing.js';
import { say } from './words.js';

const SHOWN_MS = 2_000;

/** Every button with `data-copies` copies the code it stands beside. */
export function enableCopying() {
  document.addEventListener('click', async ({ target }) => {
    const button = target.closest?.('[data-copies]');
    if (!button) return;
    const code = button.parentElement.querySelector('code');
    // Browsers offer the clipboard only to https and loopback; elsewhere the person copies what is selected here.
    const isCopied = await (navigator.clipboard?.writeText(code.textContent) ?? Promise.reject()).then(
      () => true,
      () => false,
    );
    if (!isCopied) getSelection().selectAllChildren(code);
    const key = isCopied ? 'action.copied' : 'action.copy-by-hand';
    say(button, key);
    announce(key);
    setTimeout(() => say(button, 'action.copy'), SHOWN_MS);
  });
}
