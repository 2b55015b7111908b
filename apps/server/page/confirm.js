import { byId, partOf } from './drawing.js';
import { say } from './words.js';

/** Asks before something is lost. The dialog gives the focus back to where it came from. */
export function confirm(question, name, verb) {
  const dialog = byId('confirm');
  say(byId('confirm-question'), question, { name });
  say(partOf(dialog, 'yes'), verb);
  dialog.returnValue = '';
  for (const answer of ['yes', 'no']) partOf(dialog, answer).onclick = () => dialog.close(answer);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => resolve(dialog.returnValue === 'yes');
  });
}
