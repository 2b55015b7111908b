import { byId } from './drawing.js';
import { say } from './words.js';

const SHOWN_MS = 2_000;

/** Every button with `data-copies` copies the code beside it. */
export function enableCopying() {
  document.addEventListener('click', async ({ target }) => {
    const button = target.closest('[data-copies]');
    if (button === null) return;
    const code = button.parentElement.querySelector('code');
    // Browsers offer the clipboard to https and loopback only; elsewhere the person copies what is selected here.
    const isCopied = await navigator.clipboard?.writeText(code.textContent).then(
      () => true,
      () => false,
    );
    if (!isCopied) getSelection().selectAllChildren(code);
    for (const place of [button, byId('announcement')]) say(place, isCopied ? 'action.copied' : 'action.copy-by-hand');
    setTimeout(() => {
      say(button, 'action.copy');
      say(byId('announcement'));
    }, SHOWN_MS);
  });
}
