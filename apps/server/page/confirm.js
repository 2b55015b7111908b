import { byId, partOf } from './drawing.js';
import { say } from './words.js';

/** Asks before something is lost. The dialog gives the focus back to where it came from. */
export function confirm(question, values, verb) {
  const dialog = byId('confirm');
  say(byId('confirm-question'), question, values);
  say(partOf(dialog, 'yes'), verb);
  dialog.returnValue = 'no';
  for (const answer of ['yes', 'no']) partOf(dialog, answer).onclick = () => dialog.close(answer);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}
