import { word } from './words.js';

const FAULTS = ['valueMissing', 'typeMismatch', 'patternMismatch'];

/** What the browser says about a wrong field is in its own language; this says it in the page's. */
export function enableFieldWords() {
  const options = { capture: true };
  const clear = ({ target }) => target.setCustomValidity?.('');
  addEventListener('input', clear, options);
  addEventListener(
    'invalid',
    ({ target }) => {
      target.setCustomValidity('');
      const fault = FAULTS.find((name) => target.validity[name]);
      if (fault !== undefined) target.setCustomValidity(word(`field.${fault}`));
    },
    options,
  );
}
