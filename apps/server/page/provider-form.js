import { ApiProblem } from './api-problem.js';
import { byId, onAction } from './drawing.js';
import { testProvider } from './test-provider.js';
import { say, translate, word } from './words.js';

const OWN = 'own';
const GROUPS = ['mainstream', 'china', 'aggregator', 'cloud', 'local', 'other'];

/** Adds a key to a preset, or a provider of the person's own with its first key, and tests it. */
export function createProviderForm({ client, query }) {
  const [choice, name, type, address, key] = ['choice', 'name', 'type', 'address', 'key'].map((field) =>
    byId(`provider-${field}`),
  );
  const result = byId('provider-form-result');
  const ownParts = byId('provider-form').querySelectorAll('[data-part="own"]');
  let presets = new Map();
  /** A provider whose key was refused: the next try must not add it twice. */
  let addedId;

  function drawChoice() {
    const preset = presets.get(choice.value);
    for (const part of ownParts) part.hidden = preset !== undefined;
    address.value = preset?.api_host ?? '';
    const isIncomplete = address.value.includes('{');
    byId('provider-address-hint').hidden = !isIncomplete;
    say(byId('provider-address-hint'), 'provider-form.address-incomplete');
    say(
      byId('provider-key-hint'),
      preset?.group_name === 'local' ? 'provider-form.local-key' : 'provider-form.key-hint',
    );
    addedId = undefined;
  }
  choice.addEventListener('change', drawChoice);

  function check() {
    const faults = [
      [name, 'name', choice.value === OWN && name.value.trim() === ''],
      [address, 'api_host', !URL.canParse(address.value.trim()) || address.value.includes('{')],
      [key, 'key', key.value.trim() === ''],
    ];
    for (const [input, , isFault] of faults) input.ariaInvalid = String(isFault);
    const first = faults.find(([, , isFault]) => isFault);
    if (first === undefined) return;
    first[0].focus();
    throw new ApiProblem({ code: 'invalid_request', message: '', field: first[1] });
  }

  async function save() {
    const preset = presets.get(choice.value);
    const host = { api_host: address.value.trim() };
    if (preset === undefined && addedId === undefined) {
      const added = await client.call('POST', '/providers', { name: name.value.trim(), type: type.value, ...host });
      addedId = added.id;
    } else if (preset?.api_host !== host.api_host) {
      await client.call('PATCH', `/providers/${preset?.id ?? addedId}`, host);
    }
    const id = preset?.id ?? addedId;
    await client.call('POST', `/providers/${id}/keys`, { key: key.value.trim() });
    return id;
  }

  onAction(byId('provider-form'), byId('provider-form-failure'), async () => {
    result.hidden = true;
    check();
    const id = await save();
    key.value = '';
    name.value = '';
    drawChoice();
    result.hidden = false;
    delete result.dataset.status;
    say(result, 'provider-form.saved');
    await query.reload();
    await testProvider(client, id, result);
  });

  return {
    /** Fills the choice with the presets, by group, below the person's own. */
    offer(next) {
      const isFilled = next.length === presets.size && choice.options.length > 0;
      presets = new Map(next.map((preset) => [preset.id, preset]));
      // Options that are made again would close the list under the person's hand.
      if (isFilled) return;
      const groups = Object.entries(Object.groupBy(next, ({ group_name: group }) => group));
      groups.sort(([a], [b]) => GROUPS.indexOf(a) - GROUPS.indexOf(b));
      const own = new Option('', OWN);
      say(own, 'provider-form.own');
      choice.replaceChildren(own, ...groups.map(([group, members]) => groupOf(group, members)));
      choice.value = next[0]?.id ?? OWN;
      drawChoice();
    },
  };
}

function groupOf(group, presets) {
  const element = document.createElement('optgroup');
  if (GROUPS.includes(group)) element.dataset.wordGroup = `group.${group}`;
  else element.label = group;
  element.append(...presets.map(({ name, id }) => new Option(name, id)));
  translate(element.parentElement ?? wrap(element));
  return element;
}
